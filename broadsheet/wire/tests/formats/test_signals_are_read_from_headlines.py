import pytest

from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.feeds import item, rss


def _entry(headline: str) -> Entry:
    return parse(rss(item(headline))).entries[0]


@pytest.mark.parametrize(
    ("headline", "signal", "status", "kind"),
    [
        ("CORRECTED: Ferry sails on Friday", "correction", "usable", "news"),
        ("Correction: Ferry story", "correction", "usable", "news"),
        ("UPDATE 2-CORRECTED-Ferry sails", "correction", "usable", "news"),
        ("CLARIFICATION: Ferry story", "clarification", "usable", "news"),
        ("WITHDRAWN: Ferry sails on Friday", "withdrawal", "canceled", "news"),
        ("STORY WITHDRAWN Ferry", "withdrawal", "canceled", "news"),
        ("KILL: Ferry sails", "withdrawal", "canceled", "news"),
        ("HOLD HOLD HOLD", "hold", "withheld", "news"),
        ("ADVISORY: Photos at noon", "advisory", "usable", "advisory"),
        ("EDS: Note the new slug", "advisory", "usable", "advisory"),
        ("TEST - PLEASE IGNORE", "test", "usable", "test"),
        ("Test message, please disregard", "test", "usable", "test"),
    ],
)
def test_a_coded_headline_is_a_signal(headline: str, signal: str, status: str, kind: str) -> None:
    entry = _entry(headline)
    assert (entry.signal, entry.status, entry.kind) == (signal, status, kind)
    assert "headline-coded" in entry.flags
    assert entry.title == headline


@pytest.mark.parametrize(
    "headline",
    [
        "Kill switch found in inverter",
        "Test: visitors win by an innings",
        "Advisory board resigns",
        "Correction in share prices deepens",
        "Holdings rise",
        "Withdrawn troops return home",
        "Hold the line, says captain",
        "KILLED: three on the ring road",
        "Budget: taxes fall",
    ],
)
def test_an_ordinary_headline_is_none(headline: str) -> None:
    entry = _entry(headline)
    assert (entry.signal, entry.status, entry.kind) == ("", "usable", "news")


def test_a_refile_needs_no_note_to_the_reader_and_is_flagged() -> None:
    entry = _entry("REFILE-Ferry sails on Friday")
    assert (entry.signal, "refile" in entry.flags) == ("", True)
