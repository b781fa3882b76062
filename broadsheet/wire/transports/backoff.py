"""How long a feed that fails is left alone."""

from __future__ import annotations

FIRST_WAIT = 60.0
LONGEST_WAIT = 24 * 3600.0
_MOST_DOUBLINGS = 20


def backoff(failures: int, *, jitter: float) -> float:
    """Seconds until the next try: a minute after the first failure, doubled by each, up to a day.

    `jitter`, from 0 to 1 (a random number), takes off up to a quarter, so that feeds which failed
    together do not come back together. No failure: 0.
    """
    if failures <= 0:
        return 0.0
    doublings = min(failures - 1, _MOST_DOUBLINGS)
    wait = min(FIRST_WAIT * 2.0**doublings, LONGEST_WAIT)
    return wait * (1 - 0.25 * min(max(jitter, 0.0), 1.0))
