from datetime import UTC, datetime

from broadsheet.kit.html import plain
from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.agency import ANPA


def _one(text: str) -> Entry:
    parsed = parse(text.encode("latin-1"))
    assert (parsed.format, parsed.problems, parsed.repairs) == ("anpa1312", (), ())
    (entry,) = parsed.entries
    return entry


def test_a_report_is_read() -> None:
    entry = _one(ANPA)
    assert (entry.id, entry.urgency, entry.categories) == ("w2870:2024-05-03", 4, ("i",))
    assert (entry.title, entry.authors) == ("Ferry sails again", ("ANN LEE",))
    assert (entry.slugline, entry.dateline, entry.agency) == ("Islands-Ferry", "PORT ELLEN", "HW")
    assert entry.summary_html == "<p>The ferry to Port Ellen is out of dock.</p>"
    assert entry.published == datetime(2024, 5, 3, 15, 9, tzinfo=UTC)
    assert plain(entry.body_html).split("\n") == [
        "The ferry to Port Ellen “will sail” again on Friday, the harbour master said.",
        "It had been in dock — since the storm of March.",
    ]


def test_notes_and_the_take_are_for_editors() -> None:
    entry = _one(ANPA)
    assert entry.note == "1st Ld-Writethru Eds: With HW Photos."
    assert "Eds" not in entry.body_html


def test_a_copy_without_control_characters_is_read() -> None:
    copy = "".join(c for c in ANPA if c >= " " or c in "\n\t")
    assert _one(copy) == _one(ANPA)


def test_a_report_that_was_cut_off_is_told() -> None:
    parsed = parse(ANPA.partition("storm")[0].encode())
    assert parsed.entries == ()
    assert "cut off" in parsed.problems[0]


def test_another_text_is_no_report() -> None:
    assert "no ANPA 1312" in parse(b"Good morning", format="anpa1312").problems[0]
