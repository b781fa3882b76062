"""Time in one place: now in UTC, the paper's zone, calendar months."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def month_bounds(at: datetime, zone: str) -> tuple[str, float, float]:
    """The calendar month of `at` in an IANA zone: its key "2026-11", first and after-last second.

    Bounds are Unix seconds; the month is half-open: the second bound belongs to the next month.
    """
    local = at.astimezone(ZoneInfo(zone))
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    year, month = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
    after = first.replace(year=year, month=month)
    return first.strftime("%Y-%m"), first.timestamp(), after.timestamp()
