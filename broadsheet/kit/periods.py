"""Paid periods: each computed from the anchor, never from the period before it.

Chaining would drift: 31 January, 28 February, 28 March for ever. From the anchor it is
31 January, 28 February, 31 March.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Unit = Literal["day", "week", "month", "year"]
UNITS: tuple[str, ...] = get_args(Unit)


@dataclass(frozen=True, slots=True)
class Interval:
    """So many days, weeks, months or years."""

    unit: Unit
    count: int

    def __post_init__(self) -> None:
        """Raise ValueError for an unknown unit, or a count below one."""
        if self.unit not in UNITS or self.count < 1:
            raise ValueError(f"{self.count} {self.unit} is no interval.")

    @property
    def months(self) -> int:
        """Calendar months in the interval; 0 when it is counted in days or weeks."""
        return {"month": self.count, "year": 12 * self.count}.get(self.unit, 0)


def start_of(anchor: datetime, number: int, interval: Interval, zone: str) -> datetime:
    """When period `number` (0 is the first) begins, in UTC.

    Same wall-clock time as the anchor in the IANA zone `zone`. A day the month does not have
    becomes its last day; a time that the clocks skip becomes the one an hour later.
    """
    local = anchor.astimezone(ZoneInfo(zone))
    if interval.months:
        moved = _months_on(local, number * interval.months)
    else:
        days = number * interval.count * (7 if interval.unit == "week" else 1)
        moved = local + timedelta(days=days)
    fold = local.fold if number == 0 else 0
    return moved.replace(fold=fold).astimezone(UTC)


def _months_on(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)
