"""The gateway's own clock: real time plus an offset, or standing still. It never goes back."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`offset` seconds ahead of real time; or, unless None, standing at `stands_at`.

    All moments are Unix seconds. A value, not a device: whoever moves it keeps the new one.
    """

    offset: float = 0.0
    stands_at: float | None = None

    def now(self, real: float) -> float:
        """What it shows at a moment of real time."""
        return self.stands_at if self.stands_at is not None else real + self.offset

    def moved_to(self, at: float, real: float) -> "Clock":
        """The same clock, running or standing as before, showing `at`."""
        if self.stands_at is not None:
            return Clock(stands_at=at)
        return Clock(offset=at - real)

    def running(self, real: float) -> "Clock":
        """Let go: with real time from now on, and ahead of it where it is already ahead."""
        return Clock(offset=max(0.0, self.now(real) - real))

    def text(self) -> str:
        """As it is kept in the database."""
        return json.dumps([self.offset, self.stands_at])


def read_clock(text: str) -> Clock:
    """The clock that was kept; a running one without offset when nothing was."""
    return Clock(*json.loads(text)) if text else Clock()
