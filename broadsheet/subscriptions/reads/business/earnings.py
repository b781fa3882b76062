"""What each plan was charged for, gave back and earned in a month, by the books' own rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from broadsheet.ledger.actions import first_open
from broadsheet.ledger.models import Deferral, Dispute, Payment, Posting, Refund
from broadsheet.ledger.rules import SALES, Stretch, earned

Month = Callable[[datetime], int]
"""The month of a moment as a number (`figures`)."""

CHARGED, REFUNDED, EARNED = "charged", "refunded", "earned"


class Revenue(NamedTuple):
    """Net minor units of a plan in a month; `number` of payments or refunds."""

    month: int
    currency: str
    kind: str
    plan: int
    number: int
    net: int


def revenues(
    payments: QuerySet[Payment], plans: dict[int, int], zone: str, month: Month
) -> Iterator[Revenue]:
    """All that came of these payments, for periods or for gifts; `plans` are those of versions."""
    of_period = Coalesce("period__before__from_version", "period__subscription__version")
    version = Coalesce(of_period, "gift__version")
    facts = payments.order_by().values_list("pk", version, "currency", "at", "invoice__net")
    sold: dict[int, tuple[int, str]] = {}
    for payment, of, code, at, net in facts.iterator():
        sold[payment] = plans[of], code
        yield Revenue(month(at), code, CHARGED, plans[of], 1, net)
    for at, payment, net in _given_back(payments):
        plan, code = sold[payment]
        yield Revenue(month(at), code, REFUNDED, plan, 1, net)
    for at, payment, amount in _at_once(payments):
        plan, code = sold[payment]
        yield Revenue(month(at), code, EARNED, plan, 0, -amount)
    yield from _by_the_day(payments, sold, zone, month)


Moved = Iterator[tuple[datetime, int, int]]


def _given_back(payments: QuerySet[Payment]) -> Moved:
    """Credit notes, which are below zero: of refunds, and of disputes that were lost."""
    for model in (Refund, Dispute):
        rows: Any = model._default_manager.order_by().exclude(invoice=None)
        yield from rows.filter(payment__in=payments).values_list("at", "payment", "invoice__net")


def _at_once(payments: QuerySet[Payment]) -> Moved:
    """What journals of payments, refunds, disputes and redeemed gifts posted to the sales."""
    sales = Posting.objects.order_by().filter(account=SALES)
    for way in ("payment", "refund__payment", "dispute__payment", "gift_release__payment"):
        found = sales.filter(Q(**{f"journal__{way}__in": payments}))
        yield from found.values_list("journal__at", F(f"journal__{way}"), "amount").iterator()


def _by_the_day(
    payments: QuerySet[Payment], sold: dict[int, tuple[int, str]], zone: str, month: Month
) -> Iterator[Revenue]:
    """What the days that are closed earned of what was deferred."""
    opens, firsts = first_open(), _Firsts(zone, month)
    found = Deferral.objects.order_by().filter(payment__in=payments)
    columns = ("payment", "amount", "first", "until", "since")
    for payment, *facts in found.filter(since__lt=opens).values_list(*columns).iterator():
        stretch, (plan, code) = Stretch(*facts), sold[payment]
        day, before = stretch.since, earned(stretch, stretch.since)
        while day < min(stretch.until, opens):
            at, following = firsts.around(day)
            day = min(following, stretch.until, opens)
            upto = earned(stretch, day)
            if upto != before:
                yield Revenue(at, code, EARNED, plan, 0, upto - before)
            before = upto


class _Firsts:
    """The month of a day, and the first day of the next one: days are ordinals."""

    def __init__(self, zone: str, month: Month) -> None:
        self._zone, self._month = ZoneInfo(zone), month
        self._found: dict[int, tuple[int, int]] = {}

    def around(self, day: int) -> tuple[int, int]:
        found = self._found.get(day)
        if found is None:
            noon = datetime.combine(date.fromordinal(day), time(12), self._zone)
            number = self._month(noon.astimezone(UTC))
            following = date((number + 1) // 12, (number + 1) % 12 + 1, 1).toordinal()
            found = self._found[day] = number, following
        return found
