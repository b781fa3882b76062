"""What readers did, month by month, from the rows that say so: added up, without the readers."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from broadsheet.ledger.models import Credit, Payment
from broadsheet.subscriptions.figures import Hold, Paid, Price, holds, movements
from broadsheet.subscriptions.models import Checkout, PaidPeriod, PlanVersion, Subscription
from broadsheet.subscriptions.reads.business.earnings import Month, revenues

CHECKOUT, PAID = "checkout", "paid"

FIRST_YEAR, YEARS = 1990, 200

PAGE = 2_000
"""Readers whose rows are in memory at a time."""


class Place(NamedTuple):
    """Where something is counted: the columns of a `MonthSum`."""

    month: int
    cohort: int
    currency: str
    kind: str
    unit: str = ""
    length: int = 0
    plan: int = 0


class Sums:
    """Numbers and net amounts by place."""

    def __init__(self) -> None:
        self.number: Counter[Place] = Counter()
        self.net: Counter[Place] = Counter()

    def add(self, place: Place, number: int, net: int = 0) -> None:
        """Add to a place."""
        self.number[place] += number
        self.net[place] += net


@cache
def _firsts(zone: str) -> list[datetime]:
    local = ZoneInfo(zone)
    years = range(FIRST_YEAR, FIRST_YEAR + YEARS)
    return [datetime(y, m, 1, tzinfo=local).astimezone(UTC) for y in years for m in range(1, 13)]


def month_of(at: datetime, zone: str) -> int:
    """The month of a moment as a number (`figures`), in an IANA zone."""
    return FIRST_YEAR * 12 + bisect_right(_firsts(zone), at) - 1


def everybody(zone: str, last: int) -> Sums:
    """The sums of all accounts up to a month, a page of readers in memory at a time."""
    sums, spans = Sums(), _spans()
    for after, upto in _pages():
        _add(sums, Q(reader__gt=after, reader__lte=upto), zone, last, spans)
    # A gift outlives the accounts of those who bought and redeemed it.
    _earn(sums, Payment.objects.filter(gift__isnull=False), zone, spans)
    return sums


def one(reader: int, zone: str, last: int) -> Sums:
    """The sums of one account."""
    sums = Sums()
    _add(sums, Q(reader=reader), zone, last, _spans())
    return sums


def _pages() -> Iterator[tuple[int, int]]:
    after, readers = 0, Checkout.objects.order_by("reader").values_list("reader", flat=True)
    while page := list(readers.filter(reader__gt=after).distinct()[:PAGE]):
        yield after, page[-1]
        after = page[-1]


class Span(NamedTuple):
    """Plan, unit and length of a version; prepaid ones do not renew, and are no MRR."""

    plan: int
    unit: str
    length: int
    renews: bool


Spans = dict[int, Span]


def _spans() -> Spans:
    return {
        version.pk: Span(version.plan_id, version.unit, version.count, version.renews)
        for version in PlanVersion.objects.all()
    }


def _add(sums: Sums, whose: Q, zone: str, last: int, spans: Spans) -> None:
    month: Month = partial(month_of, zone=zone)
    mine = Subscription.objects.filter(whose)
    real = mine.exclude(end_reason=Subscription.DUPLICATE)
    for (_reader, currency), found in _held(real, spans, sums, month).items():
        for move in movements(found, last):
            net, unit, length = move.price
            place = Place(move.month, move.cohort, currency, move.kind, unit, length)
            sums.add(place, move.number, net)
    opened = Checkout.objects.filter(whose).values_list("reader", "currency", "made_at")
    for _reader, currency, at in {(reader, code, month(at)) for reader, code, at in opened}:
        sums.add(Place(at, at, currency, CHECKOUT), 1)
    _earn(sums, Payment.objects.filter(period__subscription__in=mine), zone, spans)


def _earn(sums: Sums, payments: QuerySet[Payment], zone: str, spans: Spans) -> None:
    month: Month = partial(month_of, zone=zone)
    plans = {pk: span.plan for pk, span in spans.items()}
    for revenue in revenues(payments, plans, zone, month):
        place = Place(revenue.month, 0, revenue.currency, revenue.kind, plan=revenue.plan)
        sums.add(place, revenue.number, revenue.net)


Held = dict[tuple[int, str], list[Hold]]
Row = tuple[int, int, datetime, datetime, datetime, int, str, int]


def _held(mine: QuerySet[Subscription], spans: Spans, sums: Sums, month: Month) -> Held:
    """The holds of each reader and currency; the first payments are counted on the way."""
    found: Held = defaultdict(list)
    credits, facts = _credits(mine), _facts(mine)
    resting = set(mine.filter(state=Subscription.PAUSED).values_list("pk", flat=True))
    for key, group in groupby(_periods(mine), key=lambda row: row[0]):
        reader, ended, grace = facts[key]
        rows = list(group)
        if ended is None and key in resting:
            ended = rows[-1][4]  # Nothing renews as long as it rests.
        at, code = rows[0][2], rows[0][6]
        sums.add(Place(month(at), month(at), code, PAID), 1)
        renewing = [_paid(row, spans, credits) for row in rows if spans[row[7]].renews]
        if renewing:
            found[reader, code] += holds(renewing, ended, timedelta(days=grace), month)
    return found


def _paid(row: Row, spans: Spans, credits: dict[int, int]) -> Paid:
    _key, payment, at, starts, ends, net, _code, version = row
    span = spans[version]
    price = Price(net + credits.get(payment, 0), span.unit, span.length)
    return Paid(starts, ends, at, price)


def _facts(mine: QuerySet[Subscription]) -> dict[int, tuple[int, datetime | None, int]]:
    rows = mine.values_list("pk", "reader", "ended_at", "grace_days")
    return {pk: (reader, ended, grace) for pk, reader, ended, grace in rows}


def _periods(mine: QuerySet[Subscription]) -> Iterator[Row]:
    """Without those whose money went back before they began: nothing was ever paid for them."""
    given_back = Q(refunded_at__lte=F("starts"), number__gt=0)
    rows = PaidPeriod.objects.filter(~given_back, subscription__in=mine)
    return rows.order_by("subscription", "number").values_list(
        "subscription", "payment", "payment__at", "starts", "ends", "payment__invoice__net",
        "payment__currency", Coalesce("before__from_version", "subscription__version"),
    ).iterator()  # fmt: skip


def _credits(mine: QuerySet[Subscription]) -> dict[int, int]:
    """What a change of plan paid with the rest of the plan before, by payment, without tax."""
    moved = Credit.objects.filter(source__lt=F("payment"), payment__period__subscription__in=mine)
    sums = moved.order_by().values_list("payment").annotate(sum=Sum("amount"))
    return dict(sums)
