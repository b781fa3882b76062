"""What renews, month by month: MRR and its movements, churn, retention by cohort. Pure.

A month is a whole number, twelve times the year and the month less one, in the paper's zone. What
counts in a month is what is in force at its end; of the running month, what is in force now.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

NEW, EXPANSION, CONTRACTION, CHURN, BACK = "new", "expansion", "contraction", "churn", "back"
MOVEMENTS = (NEW, EXPANSION, CONTRACTION, CHURN, BACK)
"""Reactivation is "back": a subscriber who had left pays again."""

JOINED = (NEW, BACK)

YEAR = Fraction(3_652_425, 10_000)
"""Days of a year of the Gregorian calendar on the average."""


class Price(NamedTuple):
    """`net` minor units without tax for `length` times `unit` (day, week, month, year)."""

    net: int
    unit: str
    length: int


class Paid(NamedTuple):
    """A paid period (UTC), when its payment came, and what it cost."""

    starts: datetime
    ends: datetime
    at: datetime
    price: Price


class Hold(NamedTuple):
    """A price in force at the end of the months [first, until); None: it still is."""

    first: int
    until: int | None
    price: Price


class Movement(NamedTuple):
    """What a reader adds to a month, or takes from it: `number` subscribers (-1, 0, 1) and a
    `price` below zero for what is gone. `cohort` is the month in which the reader began."""

    month: int
    cohort: int
    kind: str
    number: int
    price: Price


def months_in(unit: str, length: int) -> Fraction:
    """How many months of the average year an interval lasts; of months and years exactly.

    Raises KeyError for an unknown unit.
    """
    day = 12 / YEAR
    return {"day": day, "week": 7 * day, "month": Fraction(1), "year": Fraction(12)}[unit] * length


def monthly(prices: Iterable[Price]) -> Fraction:
    """What the prices bring in a month, in minor units: exact."""
    sums = Counter[tuple[str, int]]()
    for net, unit, length in prices:
        sums[unit, length] += net
    return sum((Fraction(net) / months_in(*span) for span, net in sums.items()), Fraction(0))


def holds(
    periods: Sequence[Paid],
    ended: datetime | None,
    grace: timedelta,
    month_of: Callable[[datetime], int],
) -> Iterator[Hold]:
    """The prices of one subscription, from its paid periods in order.

    A renewal that is late, but within the grace, leaves no gap; one that comes later is a return,
    so that the months in between stay as they were told. So is one after a pause: nothing is paid
    for the time in between.
    """
    starts = [_begins(before, period, grace) for before, period in _pairs(periods)]
    for number, period in enumerate(periods):
        until: datetime | None = ended
        if number + 1 < len(periods):
            following = starts[number + 1]
            late = following > periods[number + 1].starts
            rests = periods[number + 1].starts > period.ends
            gone = period.ends if rests else period.ends + grace if late else following
            until = min(gone, ended or gone)
        first, last = month_of(starts[number]), None if until is None else month_of(until)
        if last is None or last > first:
            yield Hold(first, last, period.price)


def _pairs(periods: Sequence[Paid]) -> Iterator[tuple[Paid | None, Paid]]:
    return zip([None, *periods[:-1]], periods, strict=True)


def _begins(before: Paid | None, period: Paid, grace: timedelta) -> datetime:
    is_late = before is not None and period.at > before.ends + grace
    return max(period.at, period.starts) if is_late else period.starts


def movements(reader: Sequence[Hold], last: int) -> Iterator[Movement]:
    """What one reader's holds in one currency move, month by month, up to month `last`."""
    edges = {hold.first for hold in reader} | {hold.until for hold in reader if hold.until}
    before, cohort = Counter[Price](), 0
    for month in sorted(edge for edge in edges if edge <= last):
        now = Counter(hold.price for hold in reader if _is_in_force(hold, month))
        kind = _kind(before, now, is_known=bool(cohort))
        cohort = cohort or (month if now else 0)
        if kind:
            yield from _moved(month, cohort, kind, before, now)
            before = now


def _is_in_force(hold: Hold, month: int) -> bool:
    return hold.first <= month and (hold.until is None or month < hold.until)


def _kind(before: Counter[Price], now: Counter[Price], *, is_known: bool) -> str:
    if bool(before) != bool(now):
        return CHURN if before else BACK if is_known else NEW
    more = monthly(now.elements()) - monthly(before.elements())
    return EXPANSION if more > 0 else CONTRACTION if more < 0 else ""


def _moved(
    month: int, cohort: int, kind: str, before: Counter[Price], now: Counter[Price]
) -> Iterator[Movement]:
    gone = [price._replace(net=-price.net) for price in (before - now).elements()]
    number = {CHURN: -1, NEW: 1, BACK: 1}.get(kind, 0)
    for price in (*(now - before).elements(), *gone):
        yield Movement(month, cohort, kind, number, price)
        number = 0


class Month(NamedTuple):
    """A month of one currency: MRR at its start and end, and what moved it, in minor units.

    `left` and `joined` are subscribers, `readers` those at its end.
    """

    month: int
    before: Fraction
    moved: Mapping[str, Fraction]
    after: Fraction
    readers: int
    joined: int
    left: int

    @property
    def churn(self) -> Fraction | None:
        """Subscribers lost to those at the start; None when there were none."""
        start = self.readers - self.joined + self.left
        return Fraction(self.left, start) if start else None

    @property
    def lost(self) -> Fraction | None:
        """MRR lost by churn and contraction to that at the start; None when there was none."""
        gone = self.moved[CHURN] + self.moved[CONTRACTION]
        return -gone / self.before if self.before else None


def months(found: Sequence[Movement], first: int, last: int) -> list[Month]:
    """Every month from `first` to `last`, by the movements of all readers in one currency."""
    by_month: dict[int, list[Movement]] = {}
    for one in found:
        by_month.setdefault(max(one.month, first - 1), []).append(one)
    earlier = by_month.get(first - 1, [])
    mrr, readers = monthly(one.price for one in earlier), sum(one.number for one in earlier)
    rows = []
    for month in range(first, last + 1):
        mine = by_month.get(month, [])
        moved = {k: monthly(one.price for one in mine if one.kind == k) for k in MOVEMENTS}
        joined = sum(one.number for one in mine if one.kind in JOINED)
        left = -sum(one.number for one in mine if one.kind == CHURN)
        readers += joined - left
        before, mrr = mrr, mrr + sum(moved.values())
        rows.append(Month(month, before, moved, mrr, readers, joined, left))
    return rows


class Cohort(NamedTuple):
    """Readers who began in a month, and how many of them subscribe at the end of it, a month
    later, and so on. Those who left and came back count again."""

    month: int
    began: int
    kept: tuple[int, ...]


def cohorts(found: Iterable[Movement], last: int) -> list[Cohort]:
    """Every cohort up to month `last`, the oldest first."""
    moved: dict[int, Counter[int]] = {}
    for one in found:
        if one.month <= last:
            moved.setdefault(one.cohort, Counter())[one.month] += one.number
    return [
        Cohort(month, by[month], tuple(accumulate(by[at] for at in range(month, last + 1))))
        for month, by in sorted(moved.items())
    ]
