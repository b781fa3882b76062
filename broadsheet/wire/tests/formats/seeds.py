"""One small invented document and more of each format: what the fuzzing starts from.

A further format is a further line of SEEDS; it is then mutated like the others.
"""

import json

from broadsheet.wire.tests.formats.feeds import LEAD, STORY, atom, item, rss

_MEDIA = (
    '<media:group><media:content url="https://w.example/1.jpg" width="800" isDefault="true">'
    '<media:credit role="photographer">Ann Lee</media:credit></media:content>'
    '<media:content url="https://w.example/1.mp4" type="video/mp4" fileSize="99"/></media:group>'
    '<enclosure url="https://w.example/1.mp3" length="7" type="audio/mpeg"/>'
)
_FULL = (
    f'<item><guid isPermaLink="false">h-3</guid><title>CORRECTED: Q&amp;A</title>{_MEDIA}'
    "<author>ann@w.example (Ann Lee)</author><category>Sea</category><link>/a?utm_source=x</link>"
    "<pubDate>Fri, 03 May 2024 08:12:00 IST</pubDate><dc:subject>ships, sea</dc:subject>"
    f"<content:encoded><![CDATA[{STORY}<table><tr><td>1</table><ul><li>x</ul>]]></content:encoded>"
    "</item>"
)
_OLD_RSS = (
    b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "rss-0.91.dtd" [<!ENTITY co "Lee">]>'
    b'<rss version="0.91"><channel><title>Harbour</title><item><title>&co; sails</title>'
    b"<link>https://w.example/1</link><description>caf&eacute; AT&T</description></item>"
    b"</channel></rss>"
)
_RDF = (
    b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    b' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/>'
    b'<item rdf:about="https://w.example/1"><title>Ferry</title><dc:date>2024-05-03</dc:date>'
    b"<description>It rained.</description></item></rdf:RDF>"
)
_ATOM = atom(
    "<entry xml:base='https://w.example/a/'><id>tag:w,1</id><title type='html'>A &amp;lt; B</title>"
    "<link href='1'/><link rel='enclosure' href='1.mp3' length='5'/><updated>2024-05-03T08:12:00Z"
    f"</updated><content type='xhtml'><div>{STORY}</div></content></entry>"
    "<at:deleted-entry ref='tag:w,0' when='2024-05-03T08:12:00Z'/>"
)
_ATOM_03 = (
    b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><tagline>x</tagline><entry>'
    b'<title mode="base64">RmVycnk=</title><issued>2024-05-03T08:12:00+05:30</issued>'
    b'<content type="text/html" mode="escaped">&lt;p&gt;It rained.&lt;/p&gt;</content>'
    b"</entry></feed>"
)
_JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [
        {"id": 1, "title": "Ferry", "content_html": STORY, "authors": [{"name": "Ann"}]},
        {"id": "2", "content_text": LEAD, "attachments": [{"url": "https://w.example/1.mp3"}]},
    ],
}
_NINJS = {
    "guid": "urn:x:1",
    "version": "2",
    "pubstatus": "usable",
    "headlines": [{"value": "Ferry", "language": "en"}, {"value": "Fähre", "language": "de"}],
    "bodies": [{"contentType": "text/html", "value": STORY, "language": "en"}],
    "embargoed": "2024-05-03T08:12:00+05:30",
    "evolvedfrom": "urn:x:0",
    "signals": [{"qcode": "sig:correction"}],
    "associations": {
        "media": {"type": "picture", "renditions": {"a": {"href": "https://w.example/1.jpg"}}}
    },
}
_NEWSML_G2 = (
    b'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:w.example:1"'
    b' version="2" standard="NewsML-G2" standardversion="2.33" xml:lang="en">'
    b'<itemMeta><itemClass qcode="ninat:text"/><versionCreated>2024-05-03T08:12:00Z'
    b'</versionCreated><pubStatus qcode="stat:usable"/><signal qcode="sig:correction"/></itemMeta>'
    b"<contentMeta><headline>Ferry sails</headline><by>Ann Lee</by></contentMeta><contentSet>"
    b'<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">'
    b"<body><p>It rained.</p></body></html></inlineXML></contentSet></newsItem>"
)
_NITF = (
    b'<nitf><head><title>Ferry sails</title><docdata management-status="usable">'
    b'<doc-id id-string="h-1"/><date.issue norm="20240503T081200Z"/></docdata></head><body>'
    b"<body.head><hedline><hl1>Ferry sails</hl1></hedline><byline>Ann Lee</byline></body.head>"
    b'<body.content><p>It rained.</p><media media-type="image"><media-reference source="1.jpg"/>'
    b"<media-caption>Rain</media-caption></media></body.content></body></nitf>"
)
_NEWSML_1 = (
    b'<NewsML Version="1.2"><NewsEnvelope><DateAndTime>20240503T081200Z</DateAndTime>'
    b"</NewsEnvelope><NewsItem><Identification><NewsIdentifier><NewsItemId>h-1</NewsItemId>"
    b'<RevisionId PreviousRevision="0" Update="N">1</RevisionId></NewsIdentifier></Identification>'
    b'<NewsManagement><Status FormalName="Usable"/></NewsManagement><NewsComponent><NewsLines>'
    b"<HeadLine>Ferry sails</HeadLine></NewsLines><ContentItem><DataContent><p>It rained.</p>"
    b"</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"
)
_IPTC_7901 = (
    b"\x01hw0157 3 pl 42 hw 0033\r\n\x02Ferry sails\r\n=\r\nPort Ellen (hw) - It rained.\r\n"
    b"The following information is not for publication: call Ann.\r\n\x03031012 May 24\r\n\x04"
)
SEEDS: dict[str, tuple[bytes, ...]] = {
    "rss": (rss(item() + _FULL), _OLD_RSS, _RDF, rss(item()).decode().encode("utf-16")),
    "atom": (_ATOM, _ATOM_03),
    "jsonfeed": (json.dumps(_JSON_FEED).encode(),),
    "ninjs": (json.dumps(_NINJS).encode(), json.dumps([_NINJS, _NINJS]).encode()),
    "newsml-g2": (_NEWSML_G2,),
    "nitf": (_NITF,),
    "newsml-1.2": (_NEWSML_1,),
    "iptc7901": (_IPTC_7901,),
}
"""Well-formed documents by format."""
