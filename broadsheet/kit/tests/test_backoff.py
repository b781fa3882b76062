"""What fails is left alone, longer each time, and never for longer than was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.backoff import backoff

jitters = st.floats(0, 1)
failures = st.integers(1, 10**9)
FIRST, LONGEST = 60.0, 86_400.0


def wait(failed: int, jitter: float) -> float:
    return backoff(failed, first=FIRST, longest=LONGEST, jitter=jitter)


def test_no_failure_means_no_wait() -> None:
    assert wait(0, 0.5) == 0


def test_the_wait_doubles() -> None:
    assert [wait(n, 0) for n in (1, 2, 3, 4)] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]


@given(failures, jitters)
def test_the_wait_stays_within_its_bounds(failed: int, jitter: float) -> None:
    assert 0.75 * FIRST <= wait(failed, jitter) <= LONGEST


@given(failures, jitters)
def test_one_failure_more_never_shortens_the_wait(failed: int, jitter: float) -> None:
    assert wait(failed, jitter) <= wait(failed + 1, jitter)
