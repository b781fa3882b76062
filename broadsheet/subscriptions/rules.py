"""What a subscription opens and until when, and what a month of it costs. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from broadsheet.kit.money import Money, digits
from broadsheet.kit.periods import Interval

SUBSCRIPTION = "subscription"
GRACE = "grace"


class Period(NamedTuple):
    """A paid period, half-open, UTC."""

    number: int
    starts: datetime
    ends: datetime


class Door(NamedTuple):
    """A grant that a subscription should have."""

    entitlement: str
    source: str
    period: int
    opens: datetime
    closes: datetime


def doors(
    entitlements: Iterable[str],
    periods: Iterable[Period],
    *,
    renews: bool,
    ended: bool,
    grace: timedelta,
) -> set[Door]:
    """Every grant of a subscription with these paid periods.

    As long as it renews, access goes on for `grace` after the last paid period: so nobody who
    pays is locked out while a charge is under way, or tried again.
    """
    paid = list(periods)
    rights = list(entitlements)
    wanted = {
        Door(right, SUBSCRIPTION, p.number, p.starts, p.ends) for p in paid for right in rights
    }
    if paid and renews and not ended:
        last = max(paid, key=lambda period: period.number)
        until = last.ends + grace
        wanted |= {Door(right, GRACE, last.number, last.ends, until) for right in rights}
    return wanted


FOREVER = datetime.max.replace(tzinfo=UTC)


def unbroken(stretches: Iterable[tuple[datetime, datetime | None]], now: datetime) -> datetime:
    """The end of half-open stretches that follow one another without a gap, from `now` on.

    `now` itself when none of them holds then; FOREVER when one has no end (None).
    """
    reached = now
    for opens, closes in sorted((opens, closes or FOREVER) for opens, closes in stretches):
        if opens <= reached < closes:
            reached = closes
    return reached


LONGEST: Mapping[str, int] = {"day": 3650, "week": 520, "month": 120, "year": 10}
"""Ten years in each unit: no plan has a longer period."""


def ends_at(paid_until: datetime, *, renews: bool, grace: timedelta) -> datetime:
    """When a subscription ends if nothing more is paid."""
    return paid_until + grace if renews else paid_until


def per_month(price: Money, interval: Interval, rounding: str) -> Money | None:
    """The price of a month, None when the interval is not made of months.

    `rounding` "exact" is exact to the minor unit, rounded up, so that nobody pays more than was
    said; "down", "nearest" (halves upwards) and "up" give whole units of the currency.
    """
    months = interval.months
    if not months:
        return None
    unit = 1 if rounding == "exact" else 10 ** digits(price.currency)
    count, rest = divmod(price.amount, months * unit)
    upwards = {"down": False, "nearest": 2 * rest >= months * unit}.get(rounding, rest > 0)
    return Money((count + upwards) * unit, price.currency)
