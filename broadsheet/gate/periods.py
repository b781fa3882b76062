"""The period of free reading that is running: a calendar month, a week, or some days back."""

from datetime import UTC, datetime
from typing import NamedTuple

from broadsheet.gate.policy import Policy
from broadsheet.kit.clock import DAY, month_bounds, week_bounds

CLOCK_STEP = DAY
"""Seconds: a clock set back by less never reopens the period before, which would free its reads."""


class Window(NamedTuple):
    """Reads count from `since` on; all of it holds from `opens` until `closes` (Unix seconds,
    half-open). `month` is the calendar month ("2026-11").

    `rolling` is the length in seconds of a period that moves with the clock, else 0. It opens when
    it was looked at, and reaches CLOCK_STEP further back than it counts.
    """

    month: str = ""
    opens: float = 0
    closes: float = 0
    since: float = 0
    rolling: float = 0

    def holds_back(self, now: float) -> bool:
        """Whether the clock was set back a little, so that this period stays the present one."""
        return self.opens - CLOCK_STEP < now < self.opens

    def floor(self, now: float) -> int:
        """The first second (Unix) whose reads count at `now`."""
        return int(now - self.rolling) + 1 if self.rolling else int(self.since)


def window_at(now: float, zone: str, policy: Policy) -> Window:
    """The period at `now` (Unix seconds) in an IANA zone."""
    at = datetime.fromtimestamp(now, UTC)
    month, first, after = month_bounds(at, zone)
    if policy.period == "month":
        return Window(month, first, after, first)
    if policy.period == "week":
        monday, next_monday = week_bounds(at, zone)
        opens, closes = max(first, monday), min(after, next_monday)
        return Window(month, opens, closes, monday)
    rolling = policy.days * DAY
    since = now - rolling - CLOCK_STEP
    return Window(month, now, after, since, rolling)
