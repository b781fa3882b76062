"""RSS 2.0, 0.9x and RSS 1.0 (RDF), with Dublin Core, content:encoded, podcasts and Media RSS."""

import re
from dataclasses import dataclass
from datetime import datetime

from broadsheet.kit.html import resolve
from broadsheet.wire.formats import media
from broadsheet.wire.formats.bounds import bounds_of
from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.parsed import Draft, Parsed, Reading, UnreadableError
from broadsheet.wire.formats.text import line
from broadsheet.wire.formats.tombstones import DELETED, deleted
from broadsheet.wire.formats.tree import (
    Element,
    Fields,
    base_of,
    fields,
    first,
    language_of,
    load,
    name_of,
    values,
)

_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_MAILBOX = re.compile(
    r"\s*<?(?:mailto:)?\S+@\S+>?\s*(?:\(([^()]*)\))?\s*|(.*?)\s*[<(](?:mailto:)?\S+@\S+[>)]\s*"
)
_PUBLISHED = ("pubDate", "dc:date", "dcterms:issued", "dcterms:created", "prism:publicationDate")
_UPDATED = ("dcterms:modified", "atom:updated", "prism:modificationDate")
_FULL = ("content:encoded", "xhtml:body", "body", "atom:content", "content", "fullitem")
_ADDRESSES = frozenset({"http", "https"})
_ITEMS = frozenset({"item", DELETED})
_WRITERS = ("author", "itunes:author", "googleplay:author")
_OF_ALL = ("dc:creator", "itunes:author", "googleplay:author")
_DESCRIPTIONS = ("description", "dc:description", "dcterms:abstract", "googleplay:description")
_SUMMARIES = ("atom:summary", "summary", "itunes:summary", "itunes:subtitle", "media:description")


def read(text: str, reading: Reading) -> Parsed:
    """Read RSS of any version. Raises UnreadableError when the root is no RSS."""
    root = load(text, reading)
    if name_of(root).lower() not in ("rss", "rdf:rdf", "rdf"):
        raise UnreadableError(
            f"The root element is <{name_of(root)[:60]}>, not RSS. Check the format."
        )
    channel = next((e for e in root.iter() if name_of(e) == "channel"), root)
    head = Fields(pair for pair in fields(channel) if pair[0] != "item")
    around = _Around(
        title=line(first(head, "title", "dc:title")),
        site=line(first(head, "link")) if reading.url is None else "",
        agency=first(head, "dc:publisher", "title"),
        usage_terms=first(head, "copyright", "dc:rights"),
        language=_language(head, channel),
        authors=_authors(head, *_OF_ALL),
    )
    return Parsed(
        format="rss",
        entries=finish_all(
            _items(root, reading), lambda item: _draft(item, around, reading), reading
        ),
        repairs=tuple(reading.repairs),
        problems=tuple(reading.problems),
        title=around.title,
        language=around.language,
    )


def _items(root: Element, reading: Reading) -> list[Element]:
    """The items of the feed. What stands inside an item is attached to it and no report of its
    own (docs/cases.md, 30), unless the feed was so broken that nobody knows where one ends.
    """
    if reading.is_damaged:
        return [element for element in root.iter() if name_of(element) in _ITEMS]
    places = [root, *(child for child in root if name_of(child) in ("channel", "items"))]
    return [child for place in places for child in place if name_of(child) in _ITEMS]


@dataclass(frozen=True, slots=True)
class _Around:
    """What the channel states for all its items. Relative links are joined to *site*."""

    title: str
    site: str
    agency: str
    usage_terms: str
    language: str
    authors: list[str]


def _draft(element: Element, around: _Around, reading: Reading) -> Draft:
    if name_of(element) == DELETED:
        return deleted(element, reading)
    found = fields(element)
    full, described = first(found, *_FULL), first(found, *_DESCRIPTIONS)
    summary = first(found, *_SUMMARIES)
    body = full or described or summary or media.described(found)
    return Draft(
        key=_key(found, element),
        aliases=[f"dc:{line(value)}" for value in values(found, "dc:identifier")],
        link=_joined(_link(found), around.site),
        links=_links(found),
        headline=first(found, "title", "dc:title", "media:title"),
        standfirst=(described or summary) if full else (summary if described else ""),
        body=body,
        authors=_authors(found) or around.authors,
        language=_language(found, element) or around.language,
        dateline=first(found, "prism:location", "dcterms:spatial"),
        agency=first(found, "dc:publisher", "source") or around.agency,
        credit=first(found, "dcterms:rightsHolder"),
        usage_terms=first(found, "dc:rights", "dcterms:rights") or around.usage_terms,
        categories=_categories(found),
        published=_date(found, _PUBLISHED, reading),
        updated=_date(found, _UPDATED, reading),
        date_as_sent=first(found, *_PUBLISHED, *_UPDATED),
        pictures=media.pictures(found),
        enclosures=media.enclosures(found),
        base=base_of(element, reading.base),
        **bounds_of(found, reading),
    )


def _joined(link: str, site: str) -> str:
    """A relative link in a feed that came without an address is joined to the channel's own."""
    return resolve(link, site, _ADDRESSES) if link and site else link


def _date(found: Fields, names: tuple[str, ...], reading: Reading) -> datetime | None:
    dates = (read_date(value, reading.zone) for value in values(found, *names))
    return next((date for date in dates if date), None)


def _key(found: Fields, element: Element) -> str:
    stated = first(found, "guid", "atom:id") or element.get(_RDF_ABOUT, "")
    return stated or first(found, "dc:identifier")


def _link(found: Fields) -> str:
    alternate = (
        element.get("href", "")
        for element in found.named("atom:link")
        if element.get("rel", "alternate") == "alternate"
    )
    stated = first(found, "feedburner:origLink", "link")
    return line(stated) or next(alternate, "") or _permalink(found)


def _links(found: Fields) -> list[str]:
    return [line(value) for value in values(found, "link")] + [_permalink(found)]


def _permalink(found: Fields) -> str:
    """The guid is the address of the item unless isPermaLink says no (RSS 2.0)."""
    for element in found.named("guid"):
        value = (element.text or "").strip()
        is_permalink = element.get("isPermaLink", "true").strip().lower() != "false"
        if is_permalink and value.startswith(("http://", "https://")):
            return value
    return ""


def _authors(found: Fields, *names: str) -> list[str]:
    """The people named as authors; of a whole feed only where *names* says so of every item."""
    creators = [_person(value) for value in values(found, *names or ("dc:creator", "dc:author"))]
    if any(creators) or names:
        return creators
    atom = [line(first(fields(element), "atom:name", "name")) for element in _people(found)]
    stated = [_person(value) for value in values(found, *_WRITERS)]
    return next((part for part in (atom, stated) if any(part)), [])


def _people(found: Fields) -> list[Element]:
    return [element for element in found.named("atom:author", "author") if len(element)]


def _person(text: str) -> str:
    """RSS wants an e-mail address as author, often with the name in brackets; take the name."""
    text = line(text)
    mailbox = _MAILBOX.fullmatch(text) if "@" in text else None
    return (mailbox[1] or mailbox[2] or "") if mailbox else text


def _categories(found: Fields) -> list[str]:
    listed = [part for value in values(found, "dc:subject") for part in value.split(",")]
    listed += [part for value in values(found, "media:keywords") for part in value.split(",")]
    podcast = [
        part.get("text", "")
        for element in found.named("itunes:category")
        for part in element.iter()
    ]
    return [*values(found, "category"), *listed, *podcast, *media.categories(found)]


def _language(found: Fields, element: Element) -> str:
    return line(first(found, "language", "dc:language")) or language_of(element)
