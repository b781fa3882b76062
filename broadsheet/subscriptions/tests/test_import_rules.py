"""What becomes of a row: told the same in the dry run and in the run, and twice is once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.subscriptions.imports import Held, Known, Row, judge, judging

NOW = datetime(2026, 3, 31, 10, tzinfo=UTC)
VERSIONS = {"Gold": 7, "Silver": 8, "Lapsed": None}
LATER, BEFORE = NOW + timedelta(days=20), NOW - timedelta(days=2)

ROWS = st.builds(
    Row,
    line=st.just(2),
    foreign=st.just("a1"),
    email=st.just("vera@lantern.example"),
    plan=st.sampled_from(["", "Gold", "Silver", "Lapsed", "Unheard"]),
    until=st.sampled_from([None, LATER, BEFORE, NOW]),
    complimentary=st.booleans(),
    cancelled=st.booleans(),
    gateway=st.sampled_from(["", "cus_1"]),
)
HELD = st.builds(
    Held,
    state=st.sampled_from(["account", "open", "over", "undone"]),
    version=st.sampled_from([None, 7, 8]),
    until=st.sampled_from([None, LATER, BEFORE]),
    plan=st.sampled_from(["", "Gold"]),
)
KNOWN = st.builds(
    Known,
    account=st.booleans(),
    closed=st.booleans(),
    live=st.booleans(),
    erased=st.booleans(),
    held=st.none() | HELD,
)


@given(ROWS, KNOWN)
def test_access_is_only_opened_for_what_was_paid_or_is_for_nothing(row, known):
    verdict = judge(row, known, VERSIONS, NOW)
    opens = verdict.wanted is not None and verdict.wanted.state == judging.OPEN
    paid = row.until is not None and row.until > NOW
    free = row.complimentary and row.until is None
    sound = not (known.erased or known.closed or known.live)
    assert opens == (sound and row.plan in ("Gold", "Silver") and (paid or free))
    if opens:
        assert verdict.wanted.until == row.until


@given(ROWS, KNOWN)
def test_who_may_not_give_access_for_good_opens_none_and_ends_none(row, known):
    full = judge(row, known, VERSIONS, NOW)
    verdict = judge(row, known, VERSIONS, NOW, for_good=False)
    gives = full.wanted is not None and full.wanted.is_for_good and full.outcome != judging.SAME
    assert verdict == full or gives
    if gives:
        assert (verdict.outcome, verdict.wanted) == (judging.LEFT, None)
        assert verdict.problem is not None


@given(ROWS, KNOWN)
def test_the_same_row_again_changes_nothing(row, known):
    first = judge(row, known, VERSIONS, NOW)
    if first.wanted is None:
        assert first.problem is not None
        return
    again = judge(row, Known(account=True, held=first.wanted), VERSIONS, NOW)
    assert (again.outcome, again.wanted) == (judging.SAME, first.wanted)


@given(ROWS, KNOWN)
def test_who_subscribes_here_is_never_touched(row, known):
    verdict = judge(row, known, VERSIONS, NOW)
    if known.live or known.closed or known.erased:
        assert verdict.wanted is None
        assert verdict.problem is not None
