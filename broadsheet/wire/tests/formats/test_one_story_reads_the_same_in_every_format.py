import json
from html import escape

import pytest

from broadsheet.kit.html import content_hash, plain
from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats import agency
from broadsheet.wire.tests.formats.feeds import LEAD, STORY, atom, rss

_KEY, _TITLE, _WHEN = (
    "urn:newsml:wire.example:2024:ferry",
    "Ferry sails again",
    "2024-05-03T08:12:00+05:30",
)
_RSS = rss(
    f'<item><guid isPermaLink="false">{_KEY}</guid><title>{_TITLE}</title>'
    "<dc:creator>Ann Lee</dc:creator>"
    f"<pubDate>Fri, 03 May 2024 08:12:00 IST</pubDate><description>{LEAD}</description>"
    f"<content:encoded><![CDATA[{STORY}]]></content:encoded></item>"
)
_ATOM = atom(
    f"<entry><id>{_KEY}</id><title>{_TITLE}</title><author><name>Ann Lee</name></author>"
    f"<published>{_WHEN}</published><summary>{LEAD}</summary>"
    f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{STORY}</div></content></entry>'
)
_JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "language": "en-GB",
    "items": [
        {
            "id": _KEY,
            "title": _TITLE,
            "authors": [{"name": "Ann Lee"}],
            "summary": LEAD,
            "content_html": STORY,
            "date_published": _WHEN,
        }
    ],
}
_NINJS = {
    "uri": _KEY,
    "language": "en-GB",
    "by": "Ann Lee",
    "versionCreated": _WHEN,
    "headlines": [{"role": "main", "value": _TITLE}],
    "descriptions": [{"contentType": "text/plain", "value": LEAD}],
    "bodies": [{"contentType": "application/xhtml+xml", "value": STORY}],
}
_RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:c="http://purl.org/rss/1.0/modules/content/">'
    "<channel><title>Harbour Wire</title><dc:language>en-GB</dc:language></channel>"
    f'<item rdf:about="{_KEY}"><title>{_TITLE}</title><dc:creator>Ann Lee</dc:creator>'
    f"<dc:date>{_WHEN}</dc:date><description>{LEAD}</description>"
    f"<c:encoded>{escape(STORY)}</c:encoded></item></rdf:RDF>"
).encode()
_ABOUT = (
    f"<headline>{_TITLE}</headline><by>By Ann Lee</by>"
    f'<description role="drol:summary">{LEAD}</description>'
)
_TIMES = f"<versionCreated>{_WHEN}</versionCreated>"
_G2 = agency.message(
    agency.g2(
        f"<itemMeta>{_TIMES}</itemMeta><contentMeta>{_ABOUT}</contentMeta>"
        + agency.XHTML.format(STORY),
        guid=_KEY,
    )
)
_NITF = agency.nitf(
    f'<docdata><doc-id id-string="{_KEY}"/><date.issue norm="20240503T081200+0530"/></docdata>',
    f"<hedline><hl1>{_TITLE}</hl1></hedline><byline>By <person>Ann Lee</person></byline>"
    f"<abstract><p>{LEAD}</p></abstract>",
)
_NEWSML_1 = agency.newsml1(
    agency.newsml1_item(
        agency.LINES.format(f"<SubHeadLine>{LEAD}</SubHeadLine><ByLine>Ann Lee</ByLine>")
        + agency.TEXT.format(STORY)
    )
    .replace("harbour.example:20240503", "wire.example:2024")
    .replace(">harbour.example<", ">wire.example<")
    .replace(">20240503<", ">2024<")
)
_FEEDS = {
    "rss": _RSS,
    "atom": _ATOM,
    "jsonfeed": json.dumps(_JSON_FEED).encode(),
    "ninjs": json.dumps(_NINJS).encode(),
    "rdf": _RDF,
    "newsmlg2": _G2,
    "nitf": _NITF,
    "newsml1": _NEWSML_1,
}


def _content(entry: Entry) -> str:
    return content_hash({"headline": entry.title, "body": entry.body_html})


@pytest.mark.parametrize("name", _FEEDS)
def test_one_story_reads_the_same_in_every_format(name: str) -> None:
    parsed, model = parse(_FEEDS[name]), parse(_RSS).entries[0]
    entry = parsed.entries[0]
    assert parsed.repairs == parsed.problems == ()
    assert _content(entry) == _content(model)
    for field in (
        "id",
        "title",
        "authors",
        "language",
        "published",
        "kind",
        "flags",
    ):
        assert getattr(entry, field) == getattr(model, field), field
    assert parsed.format == ("rss" if name == "rdf" else name)
    assert (plain(entry.summary_html), entry.body_html.count("<p>")) == (LEAD, 2)


def test_one_story_reads_the_same_as_plain_text() -> None:
    entry, model = parse(agency.TELEX.encode("latin-1")).entries[0], parse(_RSS).entries[0]
    assert _content(entry) == _content(model)
    assert (entry.title, entry.kind, entry.flags) == ("Ferry sails again", model.kind, model.flags)
