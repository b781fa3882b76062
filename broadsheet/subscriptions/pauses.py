"""When a pause begins and ends, how often there may be one, which state follows which. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from broadsheet.kit.periods import Interval, start_of

MONTH = Interval("month", 1)

TURNS: Mapping[str, frozenset[str]] = {
    "active": frozenset({"past_due", "paused", "ended"}),
    "past_due": frozenset({"active", "ended"}),
    "paused": frozenset({"active", "past_due", "ended"}),
    "ended": frozenset({"active"}),
}
"""Which state of a subscription may follow which. What lapsed is active again when its charge
came through after all; what is overdue is paid first, and rests only then."""


def turned(state: str, wanted: str) -> str:
    """The state after a turn. Raises ValueError for one that `TURNS` does not know."""
    if wanted != state and wanted not in TURNS[state]:
        raise ValueError(f"A subscription that is {state} cannot become {wanted}.")
    return wanted


def pause_ends(
    anchor: datetime, periods: int, interval: Interval, zone: str, *, months: int
) -> datetime:
    """When a pause of so many months after period `periods - 1` ends, UTC.

    It begins where that period ends. Counted from the anchor where a period is made of months, so
    that a day that February lacks comes back in March: paid until 28 February by an anchor of
    31 January, one month later is 31 March.
    """
    if interval.months:
        return start_of(anchor, periods * interval.months + months, MONTH, zone)
    return start_of(start_of(anchor, periods, interval, zone), months, MONTH, zone)


def pausable_from(begun: Iterable[datetime], every: int, zone: str) -> datetime | None:
    """From when on another pause may begin; None when there was none.

    One in `every` months, counted from the beginning of the last; 0 is as often as one likes.
    """
    last = max(begun, default=None)
    return None if last is None or not every else start_of(last, every, MONTH, zone)


def is_resting(resumes_at: datetime | None, paid_until: datetime, now: datetime) -> bool:
    """Whether a pause runs: what is paid is over, and the day it resumes on has not come."""
    return resumes_at is not None and paid_until <= now < resumes_at
