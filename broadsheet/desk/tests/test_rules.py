"""The desk's decisions, over any input."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.desk.rules import (
    BLOCKING_FLAGS,
    FIELDS,
    Candidate,
    Opening,
    Standing,
    disclosure,
    reasons_against,
    resolve,
    slug_of,
    visible,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOMENTS = st.none() | st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
OWNED = st.sets(st.sampled_from(FIELDS))
TEXTS = st.text("ab \n", max_size=4)


@given(OWNED)
def test_the_note_names_what_staff_own_and_nothing_else(owned):
    found = disclosure(owned, from_wire=True)
    if "body" in owned:
        assert (found.form, found.fields) == ("edited", ())
    else:
        assert set(found.fields) == owned
        assert found.form == ("fields" if owned else "untouched")


@given(OWNED)
def test_a_byline_of_ours_on_an_agencys_report_is_told_as_edited(owned):
    """The table has no sentence for it, and "the rest is auto-generated" would not be true."""
    found = disclosure(owned, from_wire=True, credited=True)
    assert (found.form, found.fields) == ("edited", ())


@given(OWNED, st.booleans())
def test_an_own_report_discloses_no_wire(owned, credited):
    assert disclosure(owned, from_wire=False, credited=credited).form == "own"


@given(shown=TEXTS, owned=st.none() | TEXTS, wire=st.none() | TEXTS, current=st.none() | TEXTS)
def test_an_untouched_text_asserts_nothing(shown, owned, wire, current):
    opening = Opening(shown, owned, wire)
    assert resolve(shown, opening, current, same_hand=False) == current
    assert resolve(shown, opening, current, same_hand=True) == owned


@given(posted=TEXTS, shown=TEXTS, wire=TEXTS, current=st.none() | TEXTS, same_hand=st.booleans())
def test_a_text_that_was_touched_is_staffs_or_the_wires(posted, shown, wire, current, same_hand):
    if posted == shown:
        return
    found = resolve(posted, Opening(shown, shown, wire), current, same_hand=same_hand)
    assert found == (None if posted in ("", wire) else posted)


@given(posted=TEXTS.filter(bool), current=st.none() | TEXTS)
def test_an_own_report_has_no_wire_to_fall_back_to(posted, current):
    assert resolve("", Opening(posted, posted, None), current, same_hand=False) == ""


def standing(**facts):
    given_ = {"live": True, "held": False, "withdrawn": False, "not_before": (), "not_after": ()}
    return Standing(**(given_ | facts))


@given(live=st.booleans(), held=st.booleans(), before=st.lists(MOMENTS), after=st.lists(MOMENTS))
def test_nothing_overrides_a_withdrawal(live, held, before, after):
    facts = {"live": live, "held": held, "not_before": tuple(before), "not_after": tuple(after)}
    assert not visible(standing(withdrawn=True, **facts), NOW)


@given(before=st.lists(MOMENTS, max_size=2), after=st.lists(MOMENTS, max_size=2))
def test_the_latest_embargo_and_the_earliest_expiry_count(before, after):
    shown = visible(standing(not_before=tuple(before), not_after=tuple(after)), NOW)
    starts = max((m for m in before if m), default=NOW)
    ends = min((m for m in after if m), default=NOW + timedelta(days=1))
    assert shown == (starts <= NOW < ends)


def test_an_embargo_lifts_at_its_second_and_an_expiry_ends_at_its_second():
    assert visible(standing(not_before=(NOW,)), NOW)
    assert not visible(standing(not_before=(NOW,)), NOW - timedelta(seconds=1))
    assert not visible(standing(not_after=(NOW,)), NOW)
    assert visible(standing(not_after=(NOW,)), NOW - timedelta(seconds=1))


GOOD = Candidate("usable", "", "news", "Fog", "<p>Thick.</p>", (), timedelta(hours=1), False)
BAD = {
    "status": ["withheld", "canceled"],
    "kind": ["advisory", "test", "teaser"],
    "headline": ["", "  "],
    "body": ["", " "],
    "flags": [[flag] for flag in BLOCKING_FLAGS],
    "age": [timedelta(hours=49)],
    "expired": [True],
}


@given(st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in BAD.items()}))
def test_one_reason_is_enough_to_hold_and_each_is_named(faults):
    from dataclasses import replace

    reasons = reasons_against(replace(GOOD, **faults), timedelta(hours=48))
    assert len(reasons) == len(faults)
    assert all(reason.endswith(".") for reason in reasons)


def test_a_report_without_a_date_or_a_rule_without_a_limit_is_not_too_old():
    old = Candidate("usable", "", "news", "Fog", "<p>x</p>", (), timedelta(days=900), False)
    undated = Candidate("usable", "", "news", "Fog", "<p>x</p>", (), None, False)
    assert not reasons_against(old, None)
    assert not reasons_against(undated, timedelta(hours=48))


@given(st.text(max_size=200) | st.text("aÉß_- .'ǆ½", max_size=120))
def test_an_address_part_is_clean_short_and_stable(headline):
    slug = slug_of(headline)
    assert 1 <= len(slug) <= 80
    assert not any(ch in slug for ch in "/?#%.&_ \n\"'<>")
    assert "--" not in slug
    assert slug == slug.strip("-")
    assert slug_of(slug) == slug


def test_an_address_reads_like_its_headline():
    assert (
        slug_of("Crème brûlée: the mayor's “last” 3½ words")
        == "creme-brulee-the-mayors-last-31-2-words"
    )
    assert slug_of("Straße gesperrt") == "strasse-gesperrt"
    assert slug_of("!?") == "report"
    assert slug_of("चाय") != "report"
