from datetime import UTC, datetime

from broadsheet.kit.html import plain
from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.agency import TELEX

_FILED = """hwe0012 4 s 35  harbour 0045

Islands/ferries/
REFILE
1ST LEAD
Ferry to Port Ellen will sail again, says the
harbour master
By Ann Lee =

Port Ellen (hw/clw) - The ferry to Port Ellen will sail again on Friday,
the harbour master said.

It had been in dock since the storm of March.

# Notebook

## Note to editors
- corrects the day

* * * *
The following information is not intended for publication

## Editorial contacts
- Desk: +44 1496 0000, <desk@harbour.example>

hw al

031212 GMT May 24
"""


def _one(text: str, charset: str = "utf-8") -> Entry:
    parsed = parse(text.encode(charset))
    assert (parsed.format, parsed.problems, parsed.repairs) == ("iptc7901", (), ())
    (entry,) = parsed.entries
    return entry


def test_a_framed_message_is_read() -> None:
    entry = _one(TELEX)
    assert (entry.id, entry.urgency, entry.categories) == ("hwe0012:2024-05-03", 3, ("i",))
    assert (entry.title, entry.slugline) == ("Ferry sails again", "Islands/ferries")
    assert (entry.dateline, entry.agency) == ("Port Ellen", "hw")
    assert entry.published == datetime(2024, 5, 3, 12, 12, tzinfo=UTC)
    assert plain(entry.body_html).split("\n") == [
        "The ferry to Port Ellen will sail again on Friday, the harbour master said.",
        "It had been in dock since the storm of March.",
    ]


def test_a_filed_copy_without_control_characters_is_read() -> None:
    entry = _one(_FILED)
    assert entry.title == "Ferry to Port Ellen will sail again, says the harbour master"
    assert (entry.authors, entry.slugline) == (("Ann Lee",), "Islands/ferries")
    assert (entry.dateline, entry.agency, entry.categories) == ("Port Ellen", "hw/clw", ("s",))
    assert len(plain(entry.body_html).split("\n")) == 2
    assert entry.published == datetime(2024, 5, 3, 12, 12, tzinfo=UTC)


def test_case_12_plain_text_is_in_the_charset_that_the_transport_states() -> None:
    data = TELEX.replace("Ferry sails again", "Паром снова ходит").encode("koi8-r")
    entry = parse(data, content_type="text/plain; charset=koi8-r").entries[0]
    assert entry.title == "Паром снова ходит"


def test_case_38_what_is_not_for_publication_goes_into_the_note_to_editors() -> None:
    private = _FILED[_FILED.index("* * * *") : _FILED.index("hw al")]
    german = private.replace(
        "The following information is not intended for publication",
        "Die folgenden Informationen sind nicht zur Veröffentlichung bestimmt",
    )
    framed = [TELEX.replace("\r\r\n\x03", f"\r\r\n{part}\x03") for part in (private, german)]
    for entry in map(_one, [_FILED, *framed]):
        assert "desk@harbour" not in entry.body_html + entry.summary_html + entry.note
        assert "0000" not in entry.body_html
        assert "* *" not in entry.body_html
        assert "Editorial contacts" in entry.ednote
    assert "corrects the day" in _one(_FILED).note


def test_latin_1_is_read_without_a_repair_and_so_is_what_windows_adds() -> None:
    entry = _one(TELEX.replace("storm", "Mül\x96ler"), "latin-1")
    assert "Mül–ler" in entry.body_html


def test_utf_8_is_read_as_well() -> None:
    assert "Łódź" in _one(TELEX.replace("storm", "Łódź")).body_html


def test_several_messages_in_a_file_are_several_entries() -> None:
    other = TELEX.replace("hwe0012", "hwe0013").replace("Ferry sails", "Ferry late")
    framed = parse((TELEX + other).encode()).entries
    filed = parse((_FILED + "\nNNNN\n" + _FILED.replace("0012", "0013")).encode()).entries
    assert [entry.id[:7] for entry in framed] == ["hwe0012", "hwe0013"]
    assert [entry.id[:7] for entry in filed] == ["hwe0012", "hwe0013"]


def test_a_message_that_was_cut_off_costs_only_itself() -> None:
    cut = TELEX.replace("hwe0012", "hwe0011").partition("storm")[0]
    parsed = parse((cut + TELEX).encode())
    assert [entry.id for entry in parsed.entries] == ["hwe0012:2024-05-03"]
    assert "hwe0011" in parsed.problems[0]
    assert "cut off" in parsed.problems[0]


def test_signals_stand_above_the_headline() -> None:
    text = _FILED.replace("REFILE\n1ST LEAD", "CORRECTION")
    assert _one(text).signal == "correction"
    assert _one(_FILED.replace("REFILE\n1ST LEAD", "KILL")).status == "canceled"


def test_columns_keep_their_shape() -> None:
    table = "Ellen      1    2\r\r\nBowmore    3    4\r\r\n"
    body = _one(TELEX.replace("   It had", table + "   It had")).body_html
    assert "<pre>Ellen      1    2\nBowmore    3    4</pre>" in body
    assert body.count("<p>") == 2


def test_a_less_than_sign_is_a_character() -> None:
    assert "a &lt; b" in _one(TELEX.replace("storm", "a < b")).body_html


def test_another_text_is_no_message() -> None:
    assert "plain text" in parse(b"Good morning 3 i 4 all").problems[0]
    assert "no IPTC 7901" in parse(b"Good morning", format="iptc7901").problems[0]
