"""Who is there when it begins: a reader, a member of staff, plans, a line to a gateway."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.ledger import gateways
from broadsheet.ledger.models import Dispute, Payment, Refund
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
    first, one that is paid once, and one of a month that is tried first: each opens other doors.

    What a move did is counted: `made` how often it was tried, `accepted` how often it came to
    something. `readers` are the reader and those before whose accounts are not erased yet.
    """

    travel = patch = None
    made, accepted = Counter(), Counter()

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.till = BadLine(Gateway(Path(":memory:"), url="http://fakepay.example"))
        self.till.gateway.set_fee(199)
        self.patch.setattr(gateways, "_made", lambda url: self.till)
        self.reader = User.objects.create_user("ben@lantern.example")
        self.staff = User.objects.create_user("ada@lantern.example")
        self.readers, self.moments = [self.reader], {}
        self.plans = list(Plan.objects.order_by("pk"))
        self.wishes, self.promised, self.erased = [], {}, set()
        self.shown, self.offered, self.page = {}, {}, None
        self.last_wish, self.stopped, self.taken = {}, set(), set()
        self.tried, self.begun = {}, set()
        self.leaving, self.redeemed, self.brought, self.honours = {}, {}, {}, []

    def make(self, move):
        """Make a move, and count it; whether it came to anything."""
        name, *facts = move
        done = bool(getattr(self, name)(*facts))
        self.made[name] += 1
        self.accepted[name] += done
        for reader in self.readers:
            self.moments.setdefault(reader.pk, set()).add(clock.now())
        return done

    @property
    def live(self):
        return Subscription.objects.live().first()

    @property
    def refs(self):
        found = Checkout.objects.exclude(ref=None).order_by("-pk")
        return list(found.values_list("ref", flat=True))

    def ref(self, number):
        return self.refs[number % len(self.refs)] if self.refs else None

    def agreed(self, ref):
        """In which state the gateway has something; "" without a reference."""
        found = self.till.gateway.book.row("SELECT state FROM agreement WHERE ref = ?", ref)
        return found["state"] if found else ""

    @property
    def books(self):
        """So much is booked: another number after something new was heard."""
        return [model.objects.count() for model in (Payment, Refund, Dispute, Subscription)]
