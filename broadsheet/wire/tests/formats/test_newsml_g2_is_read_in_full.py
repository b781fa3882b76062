from datetime import UTC, datetime

import pytest

from broadsheet.kit.html import plain
from broadsheet.wire.formats import Entry, Parsed, parse
from broadsheet.wire.tests.formats.agency import (
    ABOUT,
    META,
    XHTML,
    g2,
    g2_picture,
    g2_text,
    message,
)
from broadsheet.wire.tests.formats.feeds import LEAD, STORY


def _one(document: str | bytes) -> Entry:
    parsed = parse(document if isinstance(document, bytes) else document.encode())
    assert (parsed.format, parsed.problems, parsed.repairs) == ("newsmlg2", (), ())
    (entry,) = parsed.entries
    return entry


def test_a_picture_under_the_embargo_of_its_text_stays_with_it_and_a_longer_one_does_not() -> None:
    text = "<embargoed>2026-11-22T08:00:00Z</embargoed>"
    for picture, count in ((text, 1), ("<embargoed>2026-11-22T09:00:00Z</embargoed>", 0)):
        data = message(g2_text(meta=text), g2_picture(meta=picture))
        entry = next(e for e in parse(data).entries if e.id == "urn:g2:1")
        assert len(entry.pictures) == count


def test_identity_version_and_dates_are_read() -> None:
    entry = _one(g2_text())
    assert (entry.id, entry.version, entry.language) == ("urn:g2:1", "1", "en-GB")
    assert str(entry.published) == "2024-05-03 08:12:00+05:30"
    assert str(entry.updated) == "2024-05-03 09:00:00+05:30"
    assert (entry.title, entry.agency, entry.kind) == ("Ferry sails again", "Harbour Wire", "news")


def test_content_metadata_is_read() -> None:
    entry = _one(
        g2_text(
            "<edNote>Adds quote</edNote><expires>2024-06-03T00:00:00Z</expires>",
            "<urgency>2</urgency><slugline>islands-ferry</slugline><by>By Ann Lee</by>"
            "<dateline>PORT ELLEN, May 3 (HW) -</dateline><creditline>HW/Lee</creditline>"
            '<description role="drol:summary">In short &amp; plain</description>',
        )
    )
    assert (entry.urgency, entry.slugline, entry.authors) == (2, "islands-ferry", ("Ann Lee",))
    assert (entry.dateline, entry.credit, entry.note) == ("PORT ELLEN", "HW/Lee", "Adds quote")
    assert entry.summary_html == "<p>In short &amp; plain</p>"
    assert entry.expires == datetime(2024, 6, 3, tzinfo=UTC)


def test_the_place_stands_in_for_a_dateline_that_is_a_date() -> None:
    about = "<located><name>Port Ellen</name></located><dateline>2024-05-03 09:00</dateline>"
    assert _one(g2_text(about=about)).dateline == "Port Ellen"


def test_rights_are_read_in_the_language_of_the_item() -> None:
    rights = (
        "<rightsInfo><copyrightHolder><name>HW Ltd</name></copyrightHolder>"
        '<copyrightNotice>(c) HW</copyrightNotice><usageTerms xml:lang="de">Nur Print</usageTerms>'
        '<usageTerms xml:lang="en">Print only</usageTerms></rightsInfo>'
    )
    entry = _one(g2(rights + META.format("") + ABOUT.format("") + XHTML.format(STORY)))
    assert (entry.usage_terms, entry.credit) == ("Print only", "(c) HW")


def test_of_several_headlines_the_main_one_in_the_language_is_taken() -> None:
    about = (
        '<headline xml:lang="fr">Le bac repart</headline><headline role="hld:main"'
        ' xml:lang="en">Ferry to sail</headline>'
    )
    entry = _one(g2(META.format("") + f"<contentMeta>{about}</contentMeta>" + XHTML.format(STORY)))
    assert entry.title == "Ferry to sail"


def test_a_headline_of_the_second_rank_is_the_standfirst() -> None:
    above = '<headline role="hld:subHeadline">Crew glad</headline><headline>Ferry sails</headline>'
    caption = '<description role="drol:caption">ISLANDS-FERRY:Ferry sails</description>'
    about = f"<contentMeta>{above}{caption}</contentMeta>"
    entry = _one(g2(META.format("") + about + XHTML.format(STORY)))
    assert (entry.title, entry.summary_html) == ("Ferry sails", "<p>Crew glad</p>")


def test_subjects_give_codes_and_names() -> None:
    about = (
        '<subject qcode="medtop:20000337"><name>shipping</name>'
        '<sameAs qcode="subj:04015005"/><broader qcode="medtop:04000000"/></subject>'
        '<subject uri="http://cv.iptc.org/newscodes/mediatopic/20000350"><name>ports</name></subject>'
        '<subject qcode="hw:isl"><name xml:lang="de">Insel</name><name xml:lang="en">Islands</name>'
        "</subject><keyword>ferry</keyword>"
    )
    entry = _one(g2_text(about=about))
    assert entry.topics == ("medtop:20000337", "subj:04015005", "medtop:20000350", "hw:isl")
    assert entry.categories == ("shipping", "ports", "Islands", "ferry")


def test_an_alias_of_the_items_own_catalogue_is_resolved() -> None:
    catalog = (
        '<catalog><scheme alias="tema" uri="http://cv.iptc.org/newscodes/mediatopic/"/></catalog>'
    )
    about = ABOUT.format('<subject qcode="tema:04000000"/>')
    assert _one(g2(catalog + META.format("") + about)).topics == ("medtop:04000000",)


@pytest.mark.parametrize(
    ("meta", "status", "signal"),
    [
        ('<pubStatus qcode="stat:usable"/>', "usable", ""),
        ('<pubStatus qcode="stat:withheld"/>', "withheld", "hold"),
        ('<pubStatus qcode="own:canceled"/>', "canceled", "withdrawal"),
        ('<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"/>',
         "canceled", "withdrawal"),
        ('<signal qcode="sig:correction"/>', "usable", "correction"),
        ('<signal qcode="sig:clarification"/>', "usable", "clarification"),
        ('<signal qcode="sig:update"/>', "usable", ""),
        ('<signal qcode="nmsig:test"/>', "usable", "test"),
    ],
)  # fmt: skip
def test_states_and_signals_are_read(meta: str, status: str, signal: str) -> None:
    entry = _one(g2_text(meta))
    assert (entry.status, entry.signal) == (status, signal)


def test_a_state_nobody_knows_withholds_the_item() -> None:
    entry = _one(g2_text('<pubStatus qcode="stat:odd"/>'))
    assert (entry.status, entry.flags) == ("withheld", ("unknown-status",))


def test_an_embargo_is_read() -> None:
    entry = _one(g2_text("<embargoed>2024-05-04T12:00:00Z</embargoed>"))
    assert entry.embargo == datetime(2024, 5, 4, 12, tzinfo=UTC)
    assert entry.status == "usable"


@pytest.mark.parametrize("element", ["<embargoed/>", "<embargoed>soon</embargoed>"])
def test_case_48_an_embargo_without_an_end_withholds_the_item(element: str) -> None:
    entry = _one(g2_text(element))
    assert (entry.status, entry.signal, entry.embargo) == ("withheld", "hold", None)
    assert entry.flags == ("unreadable-embargo",)


def test_a_test_message_makes_every_item_a_test() -> None:
    parsed = parse(message(g2_text(), header='<signal qcode="nmsig:test"/>'))
    assert parsed.entries[0].kind == "test"


@pytest.mark.parametrize("name", ["planningItem", "conceptItem", "knowledgeItem"])
def test_what_is_no_news_item_is_never_news(name: str) -> None:
    item = g2(META.format("") + ABOUT.format("") + XHTML.format(STORY), name=name)
    assert _one(item).kind == "advisory"


def test_a_class_of_its_own_is_never_news() -> None:
    assert _one(g2_text().replace("ninat:text", "hwnat:daybook")).kind == "advisory"


def test_a_package_is_an_entry_without_a_body() -> None:
    group = '<groupSet><group><itemRef residref="urn:g2:1"/></group></groupSet>'
    meta = META.format("").replace("ninat:text", "ninat:composite")
    entry = _one(g2(meta + ABOUT.format("") + group, name="packageItem"))
    assert (entry.kind, entry.body_html) == ("teaser", "")


def test_other_names_are_aliases_and_related_reports_are_none() -> None:
    entry = _one(
        g2_text(
            '<altId type="hw:usn">L4N1</altId>'
            '<link rel="irel:previousVersion" residref="urn:g2:0"/>'
            '<link rel="irel:evolvedFrom" residref="urn:g2:start"/>'
            '<link rel="irel:seeAlso" residref="urn:g2:else"/>'
        )
    )
    assert entry.aliases == ("id:urn:g2:1", "alt:hw:usn:L4N1", "id:urn:g2:0")
    assert entry.evolved_from == "urn:g2:start"


@pytest.mark.parametrize(
    "content",
    [
        XHTML.format(STORY),
        f'<contentSet><inlineXML contenttype="application/nitf+xml"><nitf'
        f' xmlns="http://iptc.org/std/NITF/2006-10-18/"><body><body.content>{STORY}</body.content>'
        "</body></nitf></inlineXML></contentSet>",
        f'<contentSet><inlineData contenttype="text/html"><![CDATA[{STORY}]]></inlineData>'
        "</contentSet>",
        '<contentSet><inlineData contenttype="text/plain">'
        + "\n\n".join(plain(STORY).split("\n"))
        + "</inlineData></contentSet>",
    ],
)
def test_the_body_reads_the_same_however_it_is_packed(content: str) -> None:
    assert _one(g2_text(content=content)).body_html == STORY.replace("</p><p>", "</p>\n<p>")


def test_the_frame_around_an_inline_page_is_taken_out() -> None:
    page = (
        "<header><ul><li>Islands</li></ul><h1>Ferry sails again</h1></header><section><p>"
        f'<span class="dateline">Port Ellen <b>(hw)</b> - </span>{LEAD}</p></section>'
    )
    entry = _one(g2_text(content=XHTML.format(page)))
    assert (entry.body_html, entry.dateline) == (f"<p>{LEAD}</p>", "Port Ellen")


def test_indented_paragraphs_in_one_element_are_set_apart() -> None:
    page = "<p>It sails again. \n    The crew was glad.\n    So it goes\n    on.</p>"
    body = _one(g2_text(content=XHTML.format(page))).body_html
    assert plain(body).split("\n") == ["It sails again.", "The crew was glad.", "So it goes on."]


def test_html_in_disguise_is_read_as_html() -> None:
    data = f'<inlineData contenttype="text/plain"><![CDATA[\n{STORY}\n]]></inlineData>'
    entry = _one(g2_text(content=f"<contentSet>{data}</contentSet>"))
    assert entry.body_html == STORY.replace("</p><p>", "</p>\n<p>")


def test_a_report_in_one_element_keeps_its_list_of_points() -> None:
    page = "<p>(Adds detail)\n    * Up a mile\n    * Crew glad\n\n    It sails\nagain.</p>"
    body = _one(g2_text(content=XHTML.format(page))).body_html
    assert plain(body).split("\n") == [
        "(Adds detail)", "* Up a mile", "* Crew glad", "It sails again.",
    ]  # fmt: skip


def _message(*items: str) -> Parsed:
    parsed = parse(message(*items))
    assert not parsed.problems
    return parsed


def test_a_picture_belongs_to_the_one_text_it_came_with() -> None:
    (entry,) = _message(
        g2_text(), g2_picture("urn:g2:p1"), g2_picture("urn:g2:p2", credit="B")
    ).entries
    first, second = entry.pictures
    assert first.url == "https://pics.example/p1-high.jpg"
    assert (first.width, first.height, first.mime) == (2400, 1200, "image/jpeg")
    assert (first.credit, first.caption, first.terms) == (
        "Pat Quay/Harbour", "The ferry, p1", "No sales from p1",
    )  # fmt: skip
    assert (second.credit, second.caption) == ("B", "The ferry, p2")


def test_with_two_texts_a_picture_goes_to_the_one_that_names_it() -> None:
    link = '<link rel="irel:hasPicture" residref="urn:g2:p1"/>'
    one, two = g2_text(), g2_text(link, guid="urn:g2:2")
    entries = _message(one, two, g2_picture()).entries
    assert [len(entry.pictures) for entry in entries] == [0, 1]


def test_with_two_texts_a_package_says_whose_the_picture_is() -> None:
    refs = '<itemRef residref="urn:g2:1"/><itemRef residref="urn:g2:p1"/>'
    package = g2(
        META.format("") + f"<groupSet><group>{refs}</group></groupSet>",
        name="packageItem",
        guid="urn:g2:pack",
    )
    entries = _message(package, g2_text(), g2_text(guid="urn:g2:2"), g2_picture()).entries
    assert [len(entry.pictures) for entry in entries] == [0, 1, 0]


def test_a_picture_nobody_names_stays_an_item_that_is_no_report() -> None:
    entries = _message(g2_text(), g2_text(guid="urn:g2:2"), g2_picture()).entries
    assert [len(entry.pictures) for entry in entries] == [0, 0, 1]
    assert entries[2].kind == "teaser"


@pytest.mark.parametrize("meta", ['<pubStatus qcode="stat:canceled"/>', "<embargoed/>"])
def test_a_picture_that_may_not_be_used_is_given_to_no_text(meta: str) -> None:
    text, picture = _message(g2_text(), g2_picture(meta=meta)).entries
    assert text.pictures == ()
    assert picture.status != "usable"


def test_a_file_that_a_text_carries_has_nobodys_credit() -> None:
    file = '<remoteContent href="https://p.example/a.jpg" contenttype="image/jpeg"/>'
    about = "<creditline>HW</creditline><creator><name>Ann Lee</name></creator>"
    content = f"<contentSet>{file}</contentSet>"
    (picture,) = _one(g2_text(about=about, content=content)).pictures
    assert (picture.url, picture.credit, picture.caption) == ("https://p.example/a.jpg", "", "")


def test_case_38_a_note_to_editors_keeps_to_itself_what_is_not_for_publication() -> None:
    note = "Adds quote. The following information is not for publication: call +44 1496 0000"
    entry = _one(g2_text(f"<edNote>{note}</edNote>"))
    assert (entry.note, entry.ednote) == ("Adds quote.", note)


def test_sound_and_film_are_enclosures() -> None:
    file = '<remoteContent href="https://v.example/a.mp4" contenttype="video/mp4" size="9"/>'
    film = f"<contentSet>{file}</contentSet>"
    (enclosure,) = _one(g2_text(content=film)).enclosures
    assert (enclosure.url, enclosure.mime, enclosure.length) == (
        "https://v.example/a.mp4", "video/mp4", 9,
    )  # fmt: skip


def test_one_bad_item_of_a_message_costs_only_itself() -> None:
    parsed = parse(message(g2_text().replace(' guid="urn:g2:1"', ""), g2_text(guid="urn:g2:2")))
    assert [entry.id for entry in parsed.entries] == ["urn:g2:2"]
    assert "has no guid" in parsed.problems[0]
    assert "Item 1" in parsed.problems[0]


def test_a_message_without_items_is_told() -> None:
    assert "no item" in parse(message()).problems[0]
