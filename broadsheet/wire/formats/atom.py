"""Atom 1.0 (RFC 4287), with Media RSS and deleted entries (RFC 6721); Atom 0.3 too."""

from datetime import datetime

from broadsheet.kit.html import from_text
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
    markup,
    name_of,
    values,
)


def read(text: str, reading: Reading) -> Parsed:
    """Read Atom. Raises UnreadableError when the root is no Atom feed."""
    root = load(text, reading)
    if _plain_name(root) not in ("feed", "entry"):
        raise UnreadableError(
            f"The root element is <{name_of(root)[:60]}>, not Atom. Check the format."
        )
    around = _fields(root)
    items = [element for element in root.iter() if _is_item(element)]
    return Parsed(
        format="atom",
        entries=finish_all(items, lambda item: _draft(item, around, reading), reading),
        repairs=tuple(reading.repairs),
        problems=tuple(reading.problems),
        title=line(first(around, "title")),
        language=language_of(root),
    )


def _is_item(element: Element) -> bool:
    return _plain_name(element) == "entry" or name_of(element) == "at:deleted-entry"


def _draft(element: Element, around: Fields, reading: Reading) -> Draft:
    if name_of(element) == "at:deleted-entry":
        return _deleted(element, reading)
    found = _fields(element)
    source = next((_fields(e) for name, e in found if name == "source"), [])
    full, summary = _content(found, "content"), _content(found, "summary")
    return Draft(
        key=line(first(found, "id")),
        link=_link(found, "alternate"),
        links=[_link(found, "canonical")],
        headline=first(found, "title", "media:title"),
        standfirst=summary if full else "",
        body=full or summary,
        authors=_authors(found) or _authors(source) or _authors(around),
        language=language_of(element),
        agency=first(source, "title") or first(around, "title"),
        usage_terms=first(found, "rights") or first(around, "rights"),
        categories=_categories(found),
        published=_date(first(found, "published", "issued", "created", "dc:date"), reading),
        updated=_date(first(found, "updated", "modified"), reading),
        pictures=media.pictures(found),
        base=base_of(element, reading.base),
        body_base=base_of(_content_element(found, element), reading.base),
    )


def _deleted(element: Element, reading: Reading) -> Draft:
    """A deleted entry names what it withdraws in ``ref`` (RFC 6721, section 3)."""
    found = fields(element)
    return Draft(
        key=element.get("ref", ""),
        link=_link(_fields(element), "alternate"),
        status="canceled",
        signal="withdrawal",
        updated=_date(element.get("when", ""), reading),
        ednote=first(found, "at:comment"),
        base=base_of(element, reading.base),
    )


def _plain_name(element: Element) -> str:
    return name_of(element).removeprefix("atom:")


def _fields(element: Element) -> Fields:
    return [(name.removeprefix("atom:"), child) for name, child in fields(element)]


def _content(found: Fields, name: str) -> str:
    """Return the field as HTML according to its type: text, html or xhtml (section 3.1)."""
    for called, element in found:
        if called != name or element.get("src"):
            continue
        kind = element.get("type", "text").strip().lower()
        value = markup(element)
        if kind in ("text", "text/plain") and element.get("mode") != "escaped" and value:
            is_markup = len(element) > 0 or "</" in value
            return value if is_markup else from_text(value)
        if kind in ("html", "xhtml") or kind.startswith("text/") or kind.endswith(("xml", "+xml")):
            return value
    return ""


def _content_element(found: Fields, entry: Element) -> Element:
    return next((element for name, element in found if name == "content"), entry)


def _link(found: Fields, rel: str) -> str:
    addresses = (
        element.get("href", "").strip()
        for name, element in found
        if name == "link" and element.get("rel", "alternate") == rel
    )
    return next((address for address in addresses if address), "")


def _authors(found: Fields) -> list[str]:
    people = (_fields(element) for name, element in found if name == "author")
    names = [line(first(person, "name")) for person in people]
    names = names or [line(value) for value in values(found, "dc:creator")]
    return [name for name in names if name]


def _categories(found: Fields) -> list[str]:
    stated = [element for name, element in found if name == "category"]
    return [e.get("label") or e.get("term") or (e.text or "") for e in stated] + list(
        values(found, "dc:subject")
    )


def _date(text: str, reading: Reading) -> datetime | None:
    return read_date(text, reading.zone) if text else None
