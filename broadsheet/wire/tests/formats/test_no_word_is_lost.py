import json

import pytest

from broadsheet.kit.html import plain
from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.feeds import atom, item, rss


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("AT&T wins", "AT&T wins"),
        ("caf&eacute; &nbsp;&ndash; x", "café – x"),
        ("&bogus; stays", "&bogus; stays"),
        ("a\0b\x08c", "abc"),
        ("one &#0;two &#150; three", "one two – three"),
        ("3 < 4 <5", "3 < 4 <5"),
    ],
)
def test_case_10_a_slip_in_the_text_is_mended_without_damage(stated: str, meant: str) -> None:
    parsed = parse(rss(item(stated, stated)))
    entry = parsed.entries[0]
    assert (entry.title, plain(entry.body_html), entry.flags) == (meant, meant, ())
    assert parsed.repairs


def test_a_good_feed_needs_no_repair() -> None:
    assert parse(rss(item("Q&amp;A", "<![CDATA[<p>R&D</p>]]>"))).repairs == ()


def test_case_10_junk_before_and_after_is_left_out() -> None:
    data = b"<br />\n<b>Warning</b>: no disk\n" + rss(item()) + b"\n<script>x()</script>"
    parsed = parse(data)
    assert parsed.entries[0].title == "Ferry sails again"
    assert len(parsed.repairs) == 2


def test_case_10_a_mismatched_tag_costs_no_word_and_is_flagged() -> None:
    broken = "<item><title>Ferry sails</titel><description>It rained.</description></item>"
    parsed = parse(rss(item() + broken + item("Last", "Words.")))
    assert [e.title for e in parsed.entries] == ["Ferry sails again", "Ferry sails", "Last"]
    assert [plain(e.body_html) for e in parsed.entries] == ["It rained.", "It rained.", "Words."]
    assert all("damaged" in entry.flags for entry in parsed.entries)


@pytest.mark.parametrize(
    "text", ["It snowed all night.", "<![CDATA[<p>It snowed all night.</p>]]>"]
)
def test_case_10_a_truncated_file_keeps_all_it_has(text: str) -> None:
    data = rss(item() + item("Second", text)).partition(b" all night")[0]
    parsed = parse(data)
    assert [plain(entry.body_html) for entry in parsed.entries] == ["It rained.", "It snowed"]
    assert all("damaged" in entry.flags for entry in parsed.entries)


def test_case_10_three_hundred_unclosed_tags_cost_no_item() -> None:
    broken = "<item><title>Number {}<description>It rained.</description></item>"
    parsed = parse(rss("".join(broken.format(number) for number in range(300))))
    assert len(parsed.entries) == 300


def test_case_10_line_breaks_that_are_not_closed_are_closed_without_damage() -> None:
    entry = parse(rss(item(text="one<br>two"))).entries[0]
    assert (entry.body_html, entry.flags) == ("<p>one<br>two</p>", ())


def test_case_10_prefixes_without_a_declaration_are_understood() -> None:
    data = (
        b"<rss><channel><item><title>x</title><dc:creator>Ann</dc:creator></item></channel></rss>"
    )
    assert parse(data).entries[0].authors == ("Ann",)


def test_case_10_a_doctype_in_a_body_stays_text() -> None:
    entry = parse(rss(item(text="He wrote &amp;lt;!DOCTYPE html&amp;gt; first."))).entries[0]
    assert plain(entry.body_html) == "He wrote <!DOCTYPE html> first."


@pytest.mark.parametrize("cut", range(114, 174, 3))
def test_case_10_a_json_feed_that_was_cut_off_keeps_all_it_has(cut: int) -> None:
    story = {"id": "1", "title": "Ferry sails", "content_text": "x" * 90}
    whole = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [story]})
    parsed = parse(whole.encode()[:cut])
    assert (parsed.entries[0].title, parsed.entries[0].flags) == ("Ferry sails", ("damaged",))
    assert plain(parsed.entries[0].body_html) == whole[:cut].partition('_text": "')[2]


def test_case_10_an_agencys_json_that_was_cut_off_is_not_guessed_at() -> None:
    parsed = parse(b'{"uri": "urn:x", "headline": "Ferry sa')
    assert (parsed.entries, len(parsed.problems)) == ((), 1)


def test_case_10_plain_text_in_atom_is_no_markup() -> None:
    entry = "<entry><title>x</title><summary>AT&amp;T &lt;S&gt;</summary></entry>"
    assert plain(parse(atom(entry)).entries[0].body_html) == "AT&T <S>"


def test_case_10_a_sign_in_angle_brackets_is_no_tag() -> None:
    assert parse(rss(item("Use of &lt;example&gt;"))).entries[0].title == "Use of <example>"
