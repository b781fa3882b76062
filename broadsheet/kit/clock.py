"""Time in one place: now in UTC, the paper's zone, calendar months and weeks."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = 86_400
"""Seconds of a day that is neither shortened nor lengthened by summer time."""

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _standing.get() or datetime.now(UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Inside, in this thread, it is `moment` (aware): how the demo paper lives through its past."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def month_bounds(at: datetime, zone: str) -> tuple[str, float, float]:
    """The calendar month of `at` in an IANA zone: its key "2026-11", first and after-last second.

    Bounds are Unix seconds; the month is half-open: the second bound belongs to the next month.
    """
    local = at.astimezone(ZoneInfo(zone))
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    year, month = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
    after = first.replace(year=year, month=month)
    return first.strftime("%Y-%m"), first.timestamp(), after.timestamp()


def week_bounds(at: datetime, zone: str) -> tuple[float, float]:
    """The week of `at` in an IANA zone, Monday to Sunday (ISO 8601): half-open, Unix seconds."""
    local = at.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    first = midnight - timedelta(days=local.weekday())
    return first.timestamp(), (first + timedelta(days=7)).timestamp()
