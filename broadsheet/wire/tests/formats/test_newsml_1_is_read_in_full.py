from datetime import UTC, datetime

import pytest

from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.agency import IDENTITY, LINES, TEXT, newsml1, newsml1_item
from broadsheet.wire.tests.formats.feeds import STORY

_BODY = STORY.replace("</p><p>", "</p>\n<p>")
_PHOTO = (
    "<NewsComponent><NewsLines><HeadLine>Quay {0}</HeadLine><CreditLine>{0}/HW</CreditLine>"
    "<RightsLine>No sales</RightsLine></NewsLines><NewsComponent><Role FormalName='Caption'/>"
    "<ContentItem><MediaType FormalName='Text'/><DataContent>The ferry, {0}</DataContent>"
    "</ContentItem></NewsComponent><NewsComponent><Role FormalName='Quicklook'/>{1}</NewsComponent>"
    "<NewsComponent><Role FormalName='HighRes'/>{2}</NewsComponent></NewsComponent>"
)
_FILE = (
    '<ContentItem Href="{0}-{1}.jpg"><MediaType FormalName="Photo"/><MimeType'
    ' FormalName="image/jpeg"/><Characteristics><Property FormalName="Width" Value="{1}"/>'
    '<Property FormalName="Height" Value="50"/></Characteristics></ContentItem>'
)


def _photo(name: str) -> str:
    return _PHOTO.format(name, _FILE.format(name, 300), _FILE.format(name, 2000))


def _one(document: str) -> Entry:
    parsed = parse(newsml1(document))
    assert (parsed.format, parsed.problems, parsed.repairs) == ("newsml1", (), ())
    (entry,) = parsed.entries
    return entry


def test_the_identity_is_the_same_for_every_revision() -> None:
    first, second = _one(newsml1_item(revision=1)), _one(newsml1_item(revision=2))
    assert first.id == second.id == "urn:newsml:harbour.example:20240503:ferry"
    assert (first.version, second.version) == ("1", "2")
    assert "id:urn:newsml:harbour.example:20240503:ferry:2N" in second.aliases


def test_a_new_date_in_the_identity_of_a_revision_leaves_an_alias() -> None:
    later = newsml1_item().replace("20240503</DateId>", "20240504</DateId>")
    assert set(_one(newsml1_item()).aliases) & set(_one(later).aliases) == {
        "id:urn:newsml:harbour.example:20240503:ferry:1N",
        "first:harbour.example:ferry:20240503T081200+0530",
    }


def test_a_public_identifier_that_names_only_the_agency_is_no_alias() -> None:
    public = "urn:newsml:harbour.example:20240503:ferry:1N"
    entry = _one(newsml1_item().replace(public, "urn:newsml:harbour.example"))
    assert "id:urn:newsml:harbour.example" not in entry.aliases


def test_lines_and_management_are_read() -> None:
    lines = (
        "<SubHeadLine>After a winter</SubHeadLine><ByLine>By Ann Lee</ByLine>"
        "<DateLine>Port Ellen, May 3, 2024 (HW) -</DateLine><CreditLine>HW</CreditLine>"
        "<SlugLine>islands-ferry</SlugLine><KeywordLine>ferry</KeywordLine>"
    )
    entry = _one(newsml1_item(LINES.format(lines) + TEXT.format(STORY)))
    assert (entry.title, entry.body_html) == ("Ferry sails again", _BODY)
    assert (entry.summary_html, entry.authors) == ("<p>After a winter</p>", ("Ann Lee",))
    assert (entry.dateline, entry.credit, entry.slugline) == ("Port Ellen", "HW", "islands-ferry")
    assert (entry.urgency, entry.categories, entry.kind) == (3, ("ferry",), "news")
    assert str(entry.published) == "2024-05-03 08:12:00+05:30"
    assert str(entry.updated) == "2024-05-03 09:00:00+05:30"


def test_metadata_is_read_with_the_names_of_its_topics() -> None:
    topics = (
        '<TopicSet><Topic Duid="t1"><FormalName>04015005</FormalName><Description xml:lang="de">'
        'Schiffe</Description><Description xml:lang="en" Variant="Name">Ships</Description></Topic>'
        '<Topic Duid="t2"><Description>Islay</Description></Topic></TopicSet>'
    )
    metadata = (
        '<AdministrativeMetadata><Provider><Party FormalName="Harbour Wire"/></Provider>'
        "</AdministrativeMetadata><RightsMetadata><UsageRights><UsageType>Print</UsageType>"
        "<EndDate>20240603</EndDate></UsageRights></RightsMetadata><DescriptiveMetadata>"
        '<Language FormalName="EN"/><Genre FormalName="Current"/><SubjectCode><SubjectMatter'
        ' FormalName="04015005"/></SubjectCode><TopicOccurrence Topic="#t2"/><Property'
        ' FormalName="Keyword" Value="quay"/></DescriptiveMetadata>'
    )
    entry = _one(newsml1_item(topics + LINES.format("") + metadata + TEXT.format(STORY)))
    assert (entry.agency, entry.usage_terms, entry.language) == ("Harbour Wire", "Print", "en")
    assert entry.topics == ("subj:04015005",)
    assert entry.categories == ("Ships", "Islay", "quay", "Current")
    assert entry.expires == datetime(2024, 6, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        f"<html><body>{STORY}</body></html>",
        f'<x:div xmlns:x="http://www.w3.org/1999/xhtml">{STORY.replace("p>", "x:p>")}</x:div>',
        f"<![CDATA[{STORY}]]>",
        STORY.replace("<p>", "").replace("</p>", "\n\n"),
    ],
)
def test_the_body_reads_the_same_however_it_is_packed(data: str) -> None:
    content = f"<ContentItem><DataContent>{data}</DataContent></ContentItem>"
    assert _one(newsml1_item(LINES.format("") + content)).body_html == _BODY


def test_the_body_is_told_from_title_lead_and_caption() -> None:
    part = (
        "<NewsComponent><Role FormalName='{}'/><ContentItem><Format FormalName='Text'/>"
        "<DataContent>{}</DataContent></ContentItem></NewsComponent>"
    )
    parts = part.format("Title", "Ferry") + part.format("Lead", "A lead") + part.format("Body", "B")
    entry = _one(newsml1_item(LINES.format("") + _photo("a") + parts))
    assert (entry.body_html, entry.summary_html) == ("<p>B</p>", "<p>A lead</p>")


@pytest.mark.parametrize(
    ("status", "more", "reads"),
    [
        ("Usable", "", ("usable", "")),
        ("USABLE", "", ("usable", "")),
        ("Canceled", "", ("canceled", "withdrawal")),
        ("Withheld", "", ("withheld", "hold")),
        ("Odd", "", ("withheld", "hold")),
        ("Usable", '<Instruction FormalName="Delete"/>', ("canceled", "withdrawal")),
        ("Usable", '<Instruction FormalName="Rectify"/>', ("usable", "correction")),
        ("Usable", '<Instruction FormalName="Update"/>', ("usable", "")),
    ],
)
def test_states_and_instructions_are_read(status: str, more: str, reads: tuple[str, str]) -> None:
    entry = _one(newsml1_item(status=status, more=more))
    assert (entry.status, entry.signal) == reads


def test_a_withdrawal_needs_no_content() -> None:
    entry = _one(newsml1_item("", more='<Instruction FormalName="Delete"/>'))
    assert (entry.status, entry.id[-5:]) == ("canceled", "ferry")


_CHANGE = (
    '<StatusWillChange><FutureStatus FormalName="{}"/><DateAndTime>20240504T120000Z</DateAndTime>'
    "</StatusWillChange>"
)


def test_an_embargo_lasts_until_the_status_will_change() -> None:
    entry = _one(newsml1_item(status="Embargoed", more=_CHANGE.format("Usable")))
    assert (entry.status, entry.embargo) == ("usable", datetime(2024, 5, 4, 12, tzinfo=UTC))


def test_case_48_an_embargo_without_an_end_withholds_the_item() -> None:
    entry = _one(newsml1_item(status="Embargoed"))
    assert (entry.status, entry.signal, entry.flags) == (
        "withheld",
        "hold",
        ("unreadable-embargo",),
    )


def test_an_item_that_will_be_canceled_expires_then() -> None:
    entry = _one(newsml1_item(more=_CHANGE.format("Canceled")))
    assert (entry.status, entry.expires) == ("usable", datetime(2024, 5, 4, 12, tzinfo=UTC))


def test_an_advisory_is_never_news() -> None:
    item = newsml1_item().replace('ItemType FormalName="News"', 'ItemType FormalName="Advisory"')
    assert _one(item).kind == "advisory"


def test_an_item_without_a_component_is_never_news() -> None:
    assert _one(newsml1_item("")).kind == "advisory"


def test_each_picture_keeps_its_own_lines() -> None:
    entry = _one(newsml1_item(LINES.format("") + TEXT.format(STORY) + _photo("a") + _photo("b")))
    first, second = entry.pictures
    assert (first.url, first.width, first.mime) == ("a-2000.jpg", 2000, "image/jpeg")
    assert (first.credit, first.caption, first.terms) == ("a/HW", "The ferry, a", "No sales")
    assert (second.credit, second.caption) == ("b/HW", "The ferry, b")
    assert entry.body_html == _BODY


def test_pictures_in_a_component_of_their_own_stay_apart() -> None:
    gallery = f"<NewsComponent>{_photo('a')}{_photo('b')}</NewsComponent>"
    entry = _one(newsml1_item(LINES.format("") + TEXT.format(STORY) + gallery))
    assert [picture.credit for picture in entry.pictures] == ["a/HW", "b/HW"]


def test_a_picture_of_no_stated_type_is_told_by_its_format_and_takes_no_title_for_caption() -> None:
    photo = _photo("a").replace('<MediaType FormalName="Photo"/><MimeType', "<Format")
    photo = photo.replace("image/jpeg", "Jpeg").replace("'Caption'", "'Title'")
    (picture,) = _one(newsml1_item(LINES.format("") + TEXT.format(STORY) + photo)).pictures
    assert (picture.url, picture.caption, picture.mime) == ("a-2000.jpg", "", "")


def test_an_update_in_pieces_is_told_and_costs_only_itself() -> None:
    update = f"<NewsItem>{IDENTITY.format(id='x', revision=2)}<Update/></NewsItem>"
    parsed = parse(newsml1(update, newsml1_item()))
    assert len(parsed.entries) == 1
    assert "whole revisions" in parsed.problems[0]


def test_an_item_without_an_identity_goes_by_its_component() -> None:
    start = "<NewsItem><NewsManagement><Urgency>2</Urgency></NewsManagement><NewsComponent"
    end = f">{LINES.format('')}{TEXT.format(STORY)}</NewsComponent></NewsItem>"
    entry = _one(f'{start} Duid="03AE4325838900396A95"{end}')
    assert (entry.id, entry.urgency) == ("03AE4325838900396A95", 2)
    assert _one(f'{start} Duid="0"{end}').id == ""
