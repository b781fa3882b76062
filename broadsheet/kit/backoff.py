"""How long something that failed is left alone: the one formula of feeds, mail and processes."""

from __future__ import annotations

_MOST_DOUBLINGS = 40


def backoff(failures: int, *, first: float, longest: float, jitter: float = 0.0) -> float:
    """Seconds until the next try: `first` after one failure, doubled by each, up to `longest`.

    `jitter`, from 0 to 1 (a random number), takes off up to a quarter, so that what failed
    together does not come back together. No failure: 0.
    """
    if failures <= 0:
        return 0.0
    doublings = min(failures - 1, _MOST_DOUBLINGS)
    wait = min(first * 2.0**doublings, longest)
    return wait * (1 - 0.25 * min(max(jitter, 0.0), 1.0))
