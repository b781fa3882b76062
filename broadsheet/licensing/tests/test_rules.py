"""What a licensee is told: nothing of what it may not have, everything of what it has."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.licensing.rules import Licence, State, covers, status_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
moments = st.none() | st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
states = st.builds(
    State,
    live=st.booleans(),
    held=st.booleans(),
    withdrawn=st.booleans(),
    embargo=moments,
    wire_embargo=moments,
    expires=st.tuples(moments, moments),
)


@given(states, st.booleans(), st.booleans())
def test_who_never_had_a_report_hears_of_usable_ones_only(state, covered, ahead):
    told = status_of(state, NOW, covered=covered, had=False, ahead=ahead)
    assert told in (None, "usable")


@given(states, st.booleans(), st.booleans())
def test_who_has_a_report_always_hears_what_became_of_it(state, covered, ahead):
    assert status_of(state, NOW, covered=covered, had=True, ahead=ahead) is not None


@given(states, st.booleans(), st.booleans(), st.booleans())
def test_usable_is_a_conjunction(state, covered, had, ahead):
    if status_of(state, NOW, covered=covered, had=had, ahead=ahead) != "usable":
        return
    assert covered
    assert state.live and not state.withdrawn and not state.held
    assert all(moment is None or moment > NOW for moment in state.expires)
    assert state.wire_embargo is None or state.wire_embargo <= NOW
    assert ahead or state.embargo is None or state.embargo <= NOW


@given(states, st.booleans(), st.booleans())
def test_a_withdrawal_overrides_everything(state, covered, ahead):
    withdrawn = State(state.live, state.held, True, None, None, (None, None))
    assert status_of(withdrawn, NOW, covered=covered, had=True, ahead=ahead) == "canceled"


@given(
    st.frozensets(st.sampled_from(["world", "markets"])),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["world", "markets"]),
    st.sampled_from(["open", "metered", "premium"]),
)
def test_a_licence_covers_its_sections_and_nothing_of_others(sections, premium, ours, section, cls):
    licence = Licence(sections, premium, ahead=False)
    expected = ours and (not sections or section in sections) and (premium or cls != "premium")
    assert covers(licence, ours=ours, section=section, access=cls) == expected
