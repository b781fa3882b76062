"""Waiting in tests: until something holds, for as long as a busy machine may need."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 180.0
"""Seconds after which what should have come long ago will not come any more."""
LONGEST_PAUSE = 0.5
"""Seconds between two questions whether it has come."""


def wait_until(
    true: Callable[[], object],
    *,
    within: float = PATIENCE,
    what: str = "what was waited for",
    pause: float = LONGEST_PAUSE,
) -> float:
    """Wait for a condition; returns the seconds it took. Fails after `within` seconds.

    It asks less and less often, but after `pause` seconds at the latest: whoever asks all the time,
    with a browser even, takes the processor from those who are to do it.
    """
    started = time.monotonic()
    while not true():
        waited = time.monotonic() - started
        if waited > within:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(min(pause, max(0.02, waited / 5)))
    return time.monotonic() - started


def seconds_of(work: Callable[[], object]) -> float:
    """How long the work takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def is_prompt(took: Callable[[], float], *, within: float, tries: int = 5) -> bool:
    """Whether something that tells how many seconds it took is done within so many, at one of
    several tries: a busy machine delays some of them, a fault all."""
    return any(took() < within for _ in range(tries))


def before_its_time(work: Callable[[float], T], *, seconds: float) -> tuple[T, float]:
    """What the work returns when it is done before the moment that it is given (Unix seconds),
    and the moment: the first time so many seconds from now, later for a machine that is busy."""
    for _ in range(6):
        moment = time.time() + seconds
        found = work(moment)
        if time.time() < moment:
            return found, moment
        seconds *= 2
    raise AssertionError(f"not even within {seconds / 2} s")
