"""Who is there when it begins: a reader, a member of staff, plans, a line to a gateway."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.subscriptions.models import Checkout, Plan, Subscription
from broadsheet.subscriptions.tests.money_cast import BadLine

START = datetime(2024, 1, 29, 10, tzinfo=UTC)
STARTS = [START, *(datetime(2024, 1, day, 20, tzinfo=UTC) for day in (30, 31))]
"""Leap day ahead; twenty o'clock is the next day in Kolkata."""

TRIED = timedelta(days=30)
"""How long a trial lasts: begun on 30 January 2024 it ends on the leap day."""


class Stage:
    """One reader, one member of staff; a plan of one week, one of a month with another price at
    first, one that is paid once, and one of a month that is tried first."""

    travel = patch = None

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.till = BadLine(Gateway(Path(":memory:"), url="http://fakepay.example"))
        self.till.gateway.set_fee(199)
        self.patch.setattr(gateways, "_made", lambda url: self.till)
        self.reader = User.objects.create_user("ben@lantern.example")
        self.staff = User.objects.create_user("ada@lantern.example")
        self.plans = list(Plan.objects.order_by("pk"))
        self.wishes, self.promised, self.erased = [], {}, set()
        self.page, self.shown = None, {}
        self.last_wish, self.stopped = {}, set()
        self.tried, self.begun = {}, set()

    @property
    def live(self):
        return Subscription.objects.live().first()

    @property
    def refs(self):
        found = Checkout.objects.exclude(ref=None).order_by("-pk")
        return list(found.values_list("ref", flat=True))

    def ref(self, number):
        return self.refs[number % len(self.refs)] if self.refs else None
