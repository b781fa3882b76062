"""Atom 1.0 (RFC 4287), with Media RSS and deleted entries (RFC 6721); Atom 0.3 too."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from datetime import datetime

from broadsheet.kit.html import from_text
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
    markup,
    name_of,
    values,
)

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_PLAIN = ("text", "text/plain")


def read(text: str, reading: Reading) -> Parsed:
    """Read Atom. Raises UnreadableError when the root is no Atom feed."""
    root = load(text, reading)
    if _plain_name(root) not in ("feed", "entry"):
        raise UnreadableError(
            f"The root element is <{name_of(root)[:60]}>, not Atom. Check the format."
        )
    around = _fields(root)
    inside = root.iter() if reading.is_damaged else [root, *root]
    items = [element for element in inside if _is_item(element)]
    return Parsed(
        format="atom",
        entries=finish_all(items, lambda item: _draft(item, around, reading), reading),
        repairs=tuple(reading.repairs),
        problems=tuple(reading.problems),
        title=line(_text(around, "title")),
        language=language_of(root),
    )


def _is_item(element: Element) -> bool:
    return _plain_name(element) == "entry" or name_of(element) == DELETED


def _draft(element: Element, around: Fields, reading: Reading) -> Draft:
    if name_of(element) == DELETED:
        return deleted(element, reading)
    found = _fields(element)
    source = next(map(_fields, found.named("source")), Fields(()))
    full, summary = _text(found, "content"), _text(found, "summary")
    described = first(found, "media:description") or media.described(found)
    return Draft(
        key=line(first(found, "id")),
        link=line(first(found, "feedburner:origLink")) or _link(found, "alternate"),
        links=[_link(found, "canonical"), _link(found, "alternate")],
        headline=_text(found, "title") or first(found, "dc:title", "media:title"),
        standfirst=summary if full else "",
        body=full or summary or described,
        authors=_authors(found) or _authors(source) or _authors(around),
        language=language_of(element),
        agency=_text(source, "title") or _text(around, "title"),
        usage_terms=_text(found, "rights") or _text(source, "rights") or _text(around, "rights"),
        categories=_categories(found),
        published=_date(found, "published", "issued", "created", "dc:date", reading=reading),
        updated=_date(found, "updated", "modified", reading=reading),
        date_as_sent=first(found, "published", "issued", "created", "updated", "modified"),
        pictures=media.pictures(found),
        enclosures=media.enclosures(found),
        base=base_of(element, reading.base),
        body_base=base_of(_content_element(found, element), reading.base),
        **bounds_of(found, reading),
    )


def _plain_name(element: Element) -> str:
    return name_of(element).removeprefix("atom:")


def _fields(element: Element) -> Fields:
    return Fields((name.removeprefix("atom:"), child) for name, child in fields(element))


def _text(found: Fields, name: str) -> str:
    """Return the field as HTML according to its type: text, html or xhtml (RFC 4287, 3.1;
    Atom 0.3 says the same with a mode, which may also be base64).
    """
    for element in found.named(name):
        if element.get("src"):
            continue
        kind = (element.get("type") or "text").strip().lower()
        value = markup(element)
        if element.get("mode") == "base64" or not _is_textual(kind):
            return _decoded(value)
        if kind in _PLAIN and element.get("mode") != "escaped" and value:
            is_markup = len(element) > 0 or "</" in value or name in ("title", "rights")
            return value if is_markup else from_text(value)
        return value
    return ""


def _is_textual(kind: str) -> bool:
    return kind in ("text", "html", "xhtml") or kind.startswith("text/") or kind.endswith("xml")


def _decoded(value: str) -> str:
    """Read base64 that holds text; anything else (a picture, sound) is no text."""
    if not _BASE64.fullmatch(value):
        return ""
    try:
        return b64decode(value).decode("utf-8")
    except (Base64Error, UnicodeDecodeError, ValueError):
        return ""


def _content_element(found: Fields, entry: Element) -> Element:
    return next(iter(found.named("content")), entry)


def _link(found: Fields, rel: str) -> str:
    addresses = (
        element.get("href", "").strip()
        for element in found.named("link")
        if element.get("rel", "alternate") == rel
    )
    return next((address for address in addresses if address), "")


def _authors(found: Fields) -> list[str]:
    people = (_fields(element) for element in found.named("author"))
    names = [line(first(person, "name")) for person in people]
    names = names or [line(value) for value in values(found, "dc:creator")]
    return [name for name in names if name]


def _categories(found: Fields) -> list[str]:
    stated = [e.get("label") or e.get("term") or (e.text or "") for e in found.named("category")]
    return [*stated, *values(found, "dc:subject"), *media.categories(found)]


def _date(found: Fields, *names: str, reading: Reading) -> datetime | None:
    dates = (read_date(value, reading.zone) for value in values(found, *names))
    return next((date for date in dates if date), None)
