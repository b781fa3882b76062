import json

import pytest

from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.feeds import item, rss
from tests.cast import ninjs


def _entry(headline: str) -> Entry:
    return parse(rss(item(headline))).entries[0]


@pytest.mark.parametrize(
    ("headline", "signal", "status", "kind"),
    [
        ("CORRECTED: Ferry sails on Friday", "correction", "usable", "news"),
        ("Correction: Ferry story", "correction", "usable", "news"),
        ("AP Corrects: Ferry story", "correction", "usable", "news"),
        ("Berichtigung: Fähre fährt am Freitag", "correction", "usable", "news"),
        ("ACHTUNG: STORNIERUNG - Fähre", "withdrawal", "canceled", "news"),
        ("UPDATE 2-CORRECTED-Ferry sails", "correction", "usable", "news"),
        ("CLARIFICATION: Ferry story", "clarification", "usable", "news"),
        ("WITHDRAWN", "withdrawal", "canceled", "news"),
        ("STORY WITHDRAWN Ferry", "withdrawal", "canceled", "news"),
        ("KILL KILL KILL", "withdrawal", "canceled", "news"),
        ("BULLETIN KILL", "withdrawal", "canceled", "news"),
        ("MANDATORY KILL: Ferry sails", "withdrawal", "canceled", "news"),
        ("URGENT KILL", "withdrawal", "canceled", "news"),
        ("HOLD HOLD HOLD", "hold", "withheld", "news"),
        ("ADVISORY: Photos at noon", "advisory", "usable", "advisory"),
        ("EDS: Note the new slug", "advisory", "usable", "advisory"),
        ("TEST - PLEASE IGNORE", "test", "usable", "test"),
        ("Test message, please disregard", "test", "usable", "test"),
    ],
)
def test_case_39_a_coded_headline_is_a_signal(
    headline: str, signal: str, status: str, kind: str
) -> None:
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
        "HOLD-UP AT CITY BANK",
        "Withdraw Article 370 petition, court tells PDP",
        "INDIA WIN THIRD TEST",
        "Delhi issues travel advisory",
        "EU embargo on coal takes effect",
        "Do not use this drug, FDA warns",
        "Union budget: what changes",
    ],
)
def test_an_ordinary_headline_is_none(headline: str) -> None:
    entry = _entry(headline)
    assert (entry.signal, entry.status, entry.kind) == ("", "usable", "news")
    assert not {"may-withdraw", "not-for-readers"} & set(entry.flags)


DOUBTED = [
    "EMBARGOED UNTIL 0600 GMT MONDAY: Economy grew",
    "Economy grew (embargoed until 6 am)",
    "SPERRFRIST 15 Uhr: Fähre fährt",
    "NOT FOR PUBLICATION: budget",
    "Media Advisory: Mayor to speak",
    "Advisory: Mayor to speak",
    "AP Advisory",
    "Daybook for Friday",
    "BUDGET: Minister cuts tax",
    "Test message",
    "TEST STORY",
    "TEST: election results",
    "PLEASE IGNORE - TEST",
    "IGNORE: TEST MESSAGE",
    "Testing only, do not publish",
    "HOLD: brokers on the ferry company",
    "For internal use: phone numbers",
]
WITHDRAWING = [
    "KILL: Ferry film tops the charts",
    "KILL - film review",
    "KILL-SWITCH BILL PASSES SENATE",
    "(KILL) Ferry sails",
    "URGENT - KILL",
    "BC-KILL",
    "STORY KILLED: please do not use",
    "WITHDRAWN - Senator leaves race",
    "RETRACTION: story on mayor",
    "STORNIERUNG: Fähre",
]


@pytest.mark.parametrize(("headline", "flag"), [
    *((headline, "not-for-readers") for headline in DOUBTED),
    *((headline, "may-withdraw") for headline in WITHDRAWING),
])  # fmt: skip
def test_a_headline_that_looks_like_a_code_is_doubted_and_changes_no_status(
    headline: str, flag: str
) -> None:
    entry = _entry(headline)
    assert (entry.status, flag in entry.flags) == ("usable", True)
    assert entry.signal in ("", "advisory")


def test_a_short_first_line_of_the_text_is_doubted_like_a_headline() -> None:
    text = "&lt;p&gt;NOT FOR PUBLICATION BEFORE NOON&lt;/p&gt;&lt;p&gt;It rained.&lt;/p&gt;"
    assert "not-for-readers" in parse(rss(item("Ferry sails", text))).entries[0].flags


@pytest.mark.parametrize("headline", ["KILL KILL KILL", "STORY WITHDRAWN", "HOLD HOLD HOLD"])
def test_case_39_where_the_format_states_a_status_a_code_only_asks(headline: str) -> None:
    (entry,) = parse(ninjs(headline=headline)).entries
    assert (entry.status, entry.signal) == ("usable", "")
    assert {"may-withdraw", "headline-coded"} <= set(entry.flags)


@pytest.mark.parametrize(
    "facts", [{"genres": [{"name": "Advisory"}]}, {"genre": ["Daybook"]}, {"profile": "advisory"}]
)
def test_case_29_a_genre_for_editors_is_no_news(facts: dict[str, object]) -> None:
    stated = json.loads(ninjs()) | facts
    assert parse(json.dumps(stated).encode()).entries[0].kind == "advisory"


def test_case_39_a_refile_needs_no_note_to_the_reader_and_is_flagged() -> None:
    entry = _entry("REFILE-Ferry sails on Friday")
    assert (entry.signal, "refile" in entry.flags) == ("", True)


def test_case_39_an_update_is_flagged() -> None:
    assert "update" in _entry("UPDATE 2-Ferry sails on Friday").flags
    assert "update" in _entry("WRAPUP 3-Ferry sails on Friday").flags
    assert "update" not in _entry("Update on the ferry").flags


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Please kill item dpa 157.", "dpa 157"),
        ("EDS: Kill story slugged BC-Ferry--Friday. It is wrong.", "BC-Ferry--Friday"),
        ("Mandatory kill: withdraw the report number HW1044, sent at noon.", "HW1044"),
        (
            'Editors, please withdraw the story headlined "Ferry sails", sent at noon.',
            "Ferry sails",
        ),
        ("Bitte streichen Sie die Meldung hw 0157 von heute.", "hw 0157"),
        ("Please withdraw article HW-2024-17, sent at noon.", "HW-2024-17"),
        ("The item slugged HARBOUR-07 has been withdrawn.", "HARBOUR-07"),
        ("Please disregard the item urn:newsml:wire.example:20240503:h-1:2", ""),
    ],
)
def test_case_39_a_text_that_withdraws_another_item_names_it_and_is_not_public(
    text: str, named: str
) -> None:
    entry = parse(rss(item("Attention", text))).entries[0]
    assert entry.withdraws == (named or "urn:newsml:wire.example:20240503:h-1:2")
    assert (entry.signal, entry.kind, entry.status) == ("advisory", "advisory", "usable")


def test_case_39_a_withdrawal_in_the_headline_keeps_its_own_signal() -> None:
    entry = parse(rss(item("MANDATORY KILL", "Please kill item dpa 157."))).entries[0]
    assert (entry.withdraws, entry.signal, entry.status) == ("dpa 157", "withdrawal", "canceled")


@pytest.mark.parametrize(
    "text",
    [
        "They vowed to kill the story of the century.",
        "Readers may disregard the report, the minister said.",
        "The court let him withdraw the article 14 days later.",
        "Police want to kill item by item every myth.",
        "Please withdraw article 370 at once, the party said.",
        "Opposition: Withdraw Article 356 notice now.",
    ],
)
def test_case_39_an_ordinary_text_withdraws_nothing(text: str) -> None:
    entry = parse(rss(item("Ferry sails", text))).entries[0]
    assert (entry.withdraws, entry.kind) == ("", "news")


@pytest.mark.parametrize(
    "headline",
    ["NEWS BUDGET", "DAYBOOK: Friday", "TEST - PLEASE IGNORE", "Eds: photos at noon", "TEST TEST"],
)
def test_case_29_what_is_meant_for_editors_is_no_news(headline: str) -> None:
    assert _entry(headline).kind in ("advisory", "test")
