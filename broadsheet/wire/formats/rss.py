"""RSS 2.0, 0.9x and RSS 1.0 (RDF), with Dublin Core, content:encoded and Media RSS."""

import re
from datetime import datetime

from broadsheet.wire.formats import media
from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.parsed import Draft, Parsed, Reading, UnreadableError
from broadsheet.wire.formats.text import line
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
_MAILBOX = re.compile(r"\s*<?\S+@\S+>?\s*(?:\(([^()]*)\))?\s*|(.*?)\s*<\S+@\S+>\s*")
_VALID_UNTIL = re.compile(r"\bend\s*=\s*([^;]+)")
_PUBLISHED = ("pubDate", "dc:date", "dcterms:issued", "dcterms:created", "prism:publicationDate")
_UPDATED = ("dcterms:modified", "atom:updated", "prism:modificationDate")


def read(text: str, reading: Reading) -> Parsed:
    """Read RSS of any version. Raises UnreadableError when the root is no RSS."""
    root = load(text, reading)
    if name_of(root).lower() not in ("rss", "rdf:rdf", "rdf"):
        raise UnreadableError(
            f"The root element is <{name_of(root)[:60]}>, not RSS. Check the format."
        )
    elements = [element for element in root.iter() if name_of(element) == "item"]
    channel = next((e for e in root.iter() if name_of(e) == "channel"), root)
    around = [(name, child) for name, child in fields(channel) if name != "item"]
    return Parsed(
        format="rss",
        entries=finish_all(elements, lambda item: _draft(item, around, reading), reading),
        repairs=tuple(reading.repairs),
        problems=tuple(reading.problems),
        title=line(first(around, "title")),
        language=_language(around, channel),
    )


def _draft(element: Element, around: Fields, reading: Reading) -> Draft:
    found = fields(element)
    full = first(found, "content:encoded", "xhtml:body", "atom:content", "content")
    summary = first(found, "description", "atom:summary", "itunes:summary")
    return Draft(
        key=_key(found, element),
        aliases=[f"dc:{line(value)}" for value in values(found, "dc:identifier")],
        link=_link(found),
        links=_links(found),
        headline=first(found, "title", "dc:title", "media:title"),
        standfirst=summary if full else "",
        body=full or summary,
        authors=_authors(found),
        language=_language(found, element) or _language(around, element),
        dateline=first(found, "prism:location", "dcterms:spatial"),
        agency=first(found, "dc:publisher") or first(around, "dc:publisher", "title"),
        credit=first(found, "dcterms:rightsHolder"),
        usage_terms=first(found, "dc:rights", "dcterms:rights")
        or first(around, "copyright", "dc:rights"),
        categories=_categories(found),
        published=_date(found, _PUBLISHED, reading),
        updated=_date(found, _UPDATED, reading),
        embargo=_date(found, ("dcterms:available",), reading),
        expires=_expires(found, reading),
        pictures=media.pictures(found),
        base=base_of(element, reading.base),
    )


def _date(found: Fields, names: tuple[str, ...], reading: Reading) -> datetime | None:
    dates = (read_date(value, reading.zone) for value in values(found, *names))
    return next((date for date in dates if date), None)


def _expires(found: Fields, reading: Reading) -> datetime | None:
    """dcterms:valid in the DCMI period encoding ("end=…"), or an expiration date."""
    period = _VALID_UNTIL.search(first(found, "dcterms:valid"))
    if period:
        return read_date(period[1], reading.zone)
    return _date(found, ("expirationDate", "prism:expirationDate"), reading)


def _key(found: Fields, element: Element) -> str:
    stated = first(found, "guid", "atom:id") or element.get(_RDF_ABOUT, "")
    return stated or first(found, "dc:identifier")


def _link(found: Fields) -> str:
    alternate = (
        element.get("href", "")
        for name, element in found
        if name == "atom:link" and element.get("rel", "alternate") == "alternate"
    )
    stated = first(found, "feedburner:origLink", "link")
    return line(stated) or next(alternate, "") or _permalink(found)


def _links(found: Fields) -> list[str]:
    return [line(value) for value in values(found, "link")] + [_permalink(found)]


def _permalink(found: Fields) -> str:
    """The guid is the address of the item unless isPermaLink says no (RSS 2.0)."""
    for name, element in found:
        value = (element.text or "").strip()
        is_permalink = element.get("isPermaLink", "true").strip().lower() != "false"
        if name == "guid" and is_permalink and value.startswith(("http://", "https://")):
            return value
    return ""


def _authors(found: Fields) -> list[str]:
    creators = [line(value) for value in values(found, "dc:creator")]
    authors = [_person(value) for value in values(found, "author", "itunes:author")]
    atom = [
        line(first(fields(element), "atom:name", "name"))
        for name, element in found
        if name == "atom:author"
    ]
    return next((part for part in (creators, authors, atom) if any(part)), [])


def _person(text: str) -> str:
    """RSS wants an e-mail address as author, often with the name in brackets; take the name."""
    text = line(text)
    mailbox = _MAILBOX.fullmatch(text)
    return (mailbox[1] or mailbox[2] or "") if mailbox else text


def _categories(found: Fields) -> list[str]:
    subjects = [part for value in values(found, "dc:subject") for part in value.split(",")]
    return [*values(found, "category"), *subjects]


def _language(found: Fields, element: Element) -> str:
    return line(first(found, "language", "dc:language")) or language_of(element)
