"""Texts compared: what is alike, what is the same report, over any input."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.likeness import (
    headlines_alike,
    overlap,
    same_story,
    shingles,
    sketch,
)
from broadsheet.wire.rules import SPEAKING, Told, colliding_ids, is_other_report, names_item

WORD = st.sampled_from(["tide", "quay", "mole", "crane", "pump", "lorry", "night", "metre"])
TEXTS = st.lists(WORD, max_size=60).map(" ".join)


def text_of(seed, size=150):
    """As many words, drawn anew for each seed."""
    return [f"w{n}" for n in Random(seed).choices(range(10_000), k=size)]


LONG = st.builds(text_of, st.integers(0, 1000), st.integers(60, 200))


@given(TEXTS, TEXTS, st.integers(2, 6))
def test_the_overlap_is_a_share_and_has_no_direction(one, other, size):
    share = overlap(one, other, size)
    assert share == overlap(other, one, size)
    assert share is None or 0 <= share <= 1
    assert overlap(one, one, size) in (None, 1.0)


@given(LONG, st.data())
def test_a_copy_that_was_cut_is_the_same_story_and_shares_its_sketch(long, data):
    start = data.draw(st.integers(0, len(long) // 2))
    cut = long[start : start + max(len(long) // 4, 16)]
    assert same_story(("Tide rises", " ".join(long)), ("High tide", " ".join(cut))) == 1.0
    whole = sketch(" ".join(long))
    assert whole == sketch(", ".join(word.upper() for word in long))


@given(LONG, LONG)
def test_texts_that_share_no_run_are_two_stories(one, other):
    apart = [f"x{word}" for word in other]
    assert same_story(("Tide", " ".join(one)), ("Tide", " ".join(apart))) == 0.0
    assert not sketch(" ".join(one)) & sketch(" ".join(apart))


@given(st.integers(0, 1000), st.floats(0, 0.2))
def test_a_copy_with_some_words_changed_is_found_by_its_sketch(seed, share):
    long, chance = text_of(seed, 400), Random(seed)
    edited = [f"{word}x" if chance.random() < share else word for word in long]
    if same_story(("Tide", " ".join(long)), ("Tide", " ".join(edited))):
        assert sketch(" ".join(long)) & sketch(" ".join(edited))


def test_headlines_that_differ_in_their_number_tell_two_events():
    text = " ".join(f"w{n}" for n in range(80))
    assert same_story(("Strike: day 2", text), ("Strike: day 21", text)) == 0.0
    assert same_story(("Strike: day 2", text), ("Strike goes on", text)) == 1.0


def test_of_a_few_words_nothing_can_be_said():
    assert overlap("Fog.", "Tide.") is None
    assert shingles("one two three", 3) == frozenset()
    assert not headlines_alike("", "")


def test_scripts_without_spaces_are_compared_by_character():
    assert (
        overlap("港口于凌晨五点开放早于往常一个小时", "港口于凌晨五点开放早于往常一个小时并") == 1.0
    )


TOLD = st.builds(
    Told,
    headline=st.sampled_from(["", "Tide rises", "Choir sings", "Bread dearer in town"]),
    text=st.sampled_from(["", *(" ".join(f"{c}{n}" for n in range(40)) for c in "abc")]),
    link=st.sampled_from(["", "https://q.example/a", "https://q.example/b"]),
    status=st.sampled_from(["usable", "withheld", "canceled"]),
    signal=st.sampled_from(["", "advisory", *sorted(SPEAKING)]),
    number=st.sampled_from(["", "1", "2", "x"]),
)


@given(known=TOLD, arriving=TOLD, by_id=st.booleans())
def test_no_signal_and_no_likeness_is_ever_taken_for_another_report(known, arriving, by_id):
    other = is_other_report(known, arriving, by_id=by_id)
    alike = (
        arriving.signal in SPEAKING or arriving.status != "usable" or known.status == "canceled"
        or headlines_alike(known.headline, arriving.headline)
        or known.text == arriving.text or not (known.text and arriving.text)
        or (by_id and bool(known.link) and known.link == arriving.link)
        or (by_id and (known.number, arriving.number) == ("1", "2"))
    )  # fmt: skip
    assert other != alike


@given(TOLD, st.booleans())
def test_a_report_is_never_another_one_than_itself(told, by_id):
    assert not is_other_report(told, told, by_id=by_id)
    assert not is_other_report(told, replace(told, text="", headline=""), by_id=by_id)


ENTRIES = st.lists(
    st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from(["", "1", "2"]),
              st.sampled_from(["x", "y", "z"])),
    max_size=30,
)  # fmt: skip


@given(ENTRIES)
def test_an_id_collides_only_where_it_names_two_reports_of_one_number(entries):
    found = colliding_ids(entries)
    for identity in found:
        of_it = {entry for entry in entries if entry[0] == identity}
        assert len(of_it) > len({entry[:2] for entry in of_it})
    assert "" not in found


def test_one_slip_among_many_is_no_collision():
    many = [(f"id{n}", "", f"link{n}") for n in range(60)]
    assert not colliding_ids([*many, ("id1", "", "another"), ("id1", "", "another")])
    assert colliding_ids([*many[:20], ("id1", "", "another")]) == {"id1"}


def test_a_text_may_name_an_item_by_key_number_or_slug():
    key = "urn:newsml:dpa.example:20261120:157"
    assert names_item("dpa 157", key=key, slug="")
    assert names_item(key.upper(), key=key, slug="")
    assert names_item("BC-HARBOUR-LETTER", key=key, slug="bc harbour letter")
    assert not names_item("dpa 15", key=key, slug="bc harbour letter")
    assert not names_item("harbour", key=key, slug="bc-harbour-letter")
    assert not names_item(" - ", key="-", slug="")
