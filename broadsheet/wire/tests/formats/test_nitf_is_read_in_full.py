from datetime import UTC, datetime

import pytest

from broadsheet.kit.html import plain
from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.agency import DOCDATA, HEDLINE, nitf


def _one(document: bytes) -> Entry:
    parsed = parse(document)
    assert (parsed.format, parsed.problems, parsed.repairs) == ("nitf", (), ())
    (entry,) = parsed.entries
    return entry


def _with(docdata: str = "", attributes: str = "") -> Entry:
    return _one(nitf(DOCDATA.format(attributes, docdata), HEDLINE))


def _body(content: str) -> str:
    return _one(nitf("", HEDLINE, content)).body_html


def test_identity_version_and_dates_are_read() -> None:
    entry = _with(
        '<du-key key="ferry" version="3"/><date.issue norm="20240503T081200+0530"/>'
        '<date.expire norm="20240603T000000Z"/><urgency ed-urg="2"/>'
    )
    assert (entry.id, entry.version, entry.urgency) == ("h.1", "3", 2)
    assert entry.aliases == ("id:h.1", "du-key:ferry::2024-05-03")
    assert str(entry.published) == "2024-05-03 08:12:00+05:30"
    assert entry.expires == datetime(2024, 6, 3, tzinfo=UTC)


def test_a_correction_is_a_version_of_what_it_corrects() -> None:
    entry = _with('<correction info="Day" id-string="h.0"/><du-key generation="2" version="1"/>')
    assert (entry.aliases, entry.version) == (("id:h.1", "id:h.0"), "2.1")


def test_a_revision_is_the_last_change() -> None:
    head = DOCDATA.format("", '<date.issue norm="20240503T081200Z"/>')
    head += '<revision-history name="AL" norm="20240503T101200Z"/>'
    entry = _one(nitf(head, HEDLINE))
    assert (entry.published, entry.updated) == (
        datetime(2024, 5, 3, 8, 12, tzinfo=UTC), datetime(2024, 5, 3, 10, 12, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ('management-status="usable"', "usable"),
        ('management-status="canceled"', "canceled"),
        ('management-doc-status="canceled"', "canceled"),
        ('management-status="withheld"', "withheld"),
        ('management-status="embargoed"', "withheld"),
        ('management-status="odd"', "withheld"),
    ],
)
def test_the_state_is_read(attributes: str, status: str) -> None:
    assert _with(attributes=attributes).status == status


def test_an_embargo_that_is_stated_lasts_until_the_release() -> None:
    entry = _with('<date.release norm="20240504T120000Z"/>', 'management-status="embargoed"')
    assert (entry.status, entry.embargo) == ("usable", datetime(2024, 5, 4, 12, tzinfo=UTC))


def test_case_48_a_stated_embargo_without_a_release_withholds_the_item() -> None:
    entry = _with(attributes='management-status="embargoed"')
    assert (entry.signal, entry.flags) == ("hold", ("unreadable-embargo",))


@pytest.mark.parametrize(("release", "is_embargo"), [("0504", True), ("0503", False)])
def test_only_a_release_after_the_issue_is_an_embargo(release: str, is_embargo: bool) -> None:
    dates = '<date.issue norm="20240503T120000Z"/><date.release norm="2024{}T120000Z"/>'
    assert bool(_with(dates.format(release)).embargo) == is_embargo


def test_a_document_may_withdraw_another_one() -> None:
    head = DOCDATA.format(
        'management-doc-idref="h.0" management-idref-status="canceled"', '<ed-msg info="Not so"/>'
    )
    own, other = parse(nitf(head, HEDLINE)).entries
    assert (own.id, own.status) == ("h.1", "usable")
    assert (other.id, other.status, other.note) == ("h.0", "canceled", "Not so")


@pytest.mark.parametrize(
    ("head", "signal"),
    [
        ('<tobject tobject.type="Advisory"/>', "advisory"),
        ('<tobject tobject.type="News"/>', ""),
        (DOCDATA.format("", '<ed-msg msg-type="Test"/>'), "test"),
        (DOCDATA.format("", '<correction info="Spells Ellen right"/>'), "correction"),
        (DOCDATA.format('management-status="advisory"', ""), "advisory"),
    ],
)
def test_signals_are_read(head: str, signal: str) -> None:
    assert _one(nitf(head, HEDLINE)).signal == signal


def test_messages_to_editors_and_the_series_are_notes() -> None:
    series = '<series series.name="Isles" series.part="2" series.totalpart="5"/>'
    entry = _with(f'<ed-msg info="Adds quote"/>{series}<correction info="Was Elen"/>')
    assert entry.note == "Adds quote Was Elen Series: Isles, 2/5"


def test_subjects_places_and_keywords_are_categories() -> None:
    head = (
        '<meta name="slug" content="islands-ferry"/><tobject tobject.type="News"><tobject.subject'
        ' tobject.subject.refnum="04015005" tobject.subject.type="Economy"'
        ' tobject.subject.matter="Transport"/><tobject.subject tobject.subject.ipr="HW"'
        ' tobject.subject.refnum="F01"/></tobject>'
    )
    docdata = (
        '<evloc city="Port Ellen" iso-cc="GBR"/><doc-scope scope="Islands"/><key-list><keyword'
        ' key="ferry"/></key-list><identified-content><org>Calder Lines</org></identified-content>'
    )
    entry = _one(nitf(head + DOCDATA.format("", docdata), HEDLINE))
    assert (entry.topics, entry.slugline) == (("subj:04015005", "HW:F01"), "islands-ferry")
    assert entry.categories == (
        "Economy", "Transport", "ferry", "Islands", "Calder Lines", "Port Ellen",
    )  # fmt: skip


def test_the_head_of_the_body_gives_the_fields() -> None:
    head = (
        "<hedline><hl1>Ferry <em>sails</em> again</hl1><hl2>After a winter</hl2></hedline>"
        "<rights><rights.owner>HW</rights.owner><rights.geography>Scotland</rights.geography>"
        "</rights><byline>By <person>Ann Lee</person><byttl>Staff</byttl></byline>"
        "<byline>Von Bo Ek</byline><distributor>Harbour Wire</distributor>"
        '<dateline><location>Port Ellen</location><story.date norm="20240503">May 3</story.date>'
        "</dateline><abstract><p>In <b>short</b></p></abstract><note><p>Eds: check</p></note>"
    )
    entry = _one(nitf("", head))
    assert (entry.title, entry.authors) == ("Ferry sails again", ("Ann Lee", "Bo Ek"))
    assert (entry.agency, entry.dateline, entry.credit) == ("Harbour Wire", "Port Ellen", "HW")
    assert entry.summary_html == "<p>In <b>short</b></p>"
    assert (entry.usage_terms, entry.note, entry.language) == ("Scotland", "Eds: check", "en-GB")


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("<p>One</p><p>Two</p>", "<p>One</p>\n<p>Two</p>"),
        ("<hl2>Part</hl2><p>x</p>", "<h3>Part</h3>\n<p>x</p>"),
        ("<block><p>In a block</p></block>", "<p>In a block</p>"),
        ("<ul><li>a</li></ul><ol><li>b</li></ol>", "<ul><li>a</li></ul>\n<ol><li>b</li></ol>"),
        ("<bq><block><p>Said</p></block></bq>", "<blockquote><p>Said</p></blockquote>"),
        ("<p>a<br/>b <em>c</em> <strong>d</strong></p>",
         "<p>a<br>b <em>c</em> <strong>d</strong></p>"),
        ('<p><a href="https://x.example/">x</a></p>',
         '<p><a href="https://x.example/" rel="noopener">x</a></p>'),
        ("<p>At <location>Ellen, <city>Islay</city></location> on <chron norm='x'>Friday</chron>,"
         " <num>1<frac><frac-num>1</frac-num><frac-sep/><frac-den>2</frac-den></frac></num></p>",
         "<p>At Ellen, Islay on Friday, 1 1/2</p>"),
        ("<p><person><name.given>Ann</name.given><name.family>Lee</name.family></person> of"
         " <org>HW<alt-code value='H'/></org> &lt;said&gt;</p>",
         "<p>Ann Lee of HW &lt;said&gt;</p>"),
        ("<table><tr><th>a</th><td colspan='2'>b</td></tr></table>",
         '<table><tbody><tr><th>a</th><td colspan="2">b</td></tr></tbody></table>'),
    ],
)  # fmt: skip
def test_the_body_is_mapped_mechanically(content: str, html: str) -> None:
    assert _body(content) == html


def test_definition_lists_keep_every_word() -> None:
    assert plain(_body("<dl><dt>Knot</dt><dd>A mile an hour</dd></dl>")).split("\n") == [
        "Knot", "A mile an hour",
    ]  # fmt: skip


def test_byline_dateline_and_notes_inside_a_block_become_fields() -> None:
    content = (
        "<block><byline>By Ann Lee</byline><dateline><location>Bowmore</location></dateline>"
        '<p>Text.</p><note noteclass="editorsnote"><body.content>No photo</body.content></note>'
        "</block>"
    )
    entry = _one(nitf("", HEDLINE, content))
    assert (entry.body_html, entry.authors) == ("<p>Text.</p>", ("Ann Lee",))
    assert (entry.dateline, entry.note) == ("Bowmore", "No photo")


def test_a_picture_keeps_its_own_credit_and_caption() -> None:
    media = (
        '<media media-type="image"><media-reference mime-type="image/jpeg" source="a-9000.jpg"'
        ' width="9000" height="6000"/><media-reference mime-type="image/jpeg" source="{0}.jpg"'
        ' width="1200" height="800" alternate-text="A ship"/><media-caption>{0} sails'
        "</media-caption><media-producer>{0} Photos</media-producer></media>"
    )
    entry = _one(nitf("", HEDLINE, "<p>x</p>" + media.format("a") + media.format("b")))
    first, second = entry.pictures
    assert (first.url, first.width, first.alt) == ("a.jpg", 1200, "A ship")
    assert (first.credit, first.caption) == ("a Photos", "a sails")
    assert (second.credit, second.caption) == ("b Photos", "b sails")
    assert entry.body_html == "<p>x</p>"


def test_sound_is_an_enclosure() -> None:
    media = (
        '<media media-type="audio"><media-reference mime-type="audio/mpeg"'
        ' source="https://x.example/a.mp3"/></media>'
    )
    assert _one(nitf("", HEDLINE, media)).enclosures[0].url == "https://x.example/a.mp3"


def test_a_document_of_nitf_2_5_with_its_dtd_is_read() -> None:
    doctype = '<!DOCTYPE nitf PUBLIC "-//IPTC-NAA//DTD NITF-XML 2.5//EN" "nitf-2-5.dtd">\n'
    entry = _one(nitf("", HEDLINE, "<p>Text.</p>", doctype))
    assert (entry.title, entry.body_html) == ("Ferry sails again", "<p>Text.</p>")
