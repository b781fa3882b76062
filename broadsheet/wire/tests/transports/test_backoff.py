"""A feed that fails is left alone, longer each time, and never for more than a day."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.transports.backoff import FIRST_WAIT, LONGEST_WAIT, backoff

jitters = st.floats(0, 1)
failures = st.integers(1, 10**9)


def test_no_failure_means_no_wait() -> None:
    assert backoff(0, jitter=0.5) == 0


def test_the_wait_doubles() -> None:
    waits = [backoff(n, jitter=0) for n in (1, 2, 3, 4)]
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]


@given(failures, jitters)
def test_the_wait_stays_within_its_bounds(failed: int, jitter: float) -> None:
    assert 0.75 * FIRST_WAIT <= backoff(failed, jitter=jitter) <= LONGEST_WAIT


@given(failures, jitters)
def test_one_failure_more_never_shortens_the_wait(failed: int, jitter: float) -> None:
    assert backoff(failed, jitter=jitter) <= backoff(failed + 1, jitter=jitter)
