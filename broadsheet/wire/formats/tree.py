"""Loads an XML feed and reads elements by short names, whatever prefix the feed chose."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import TypeAlias

from lxml import etree

from broadsheet.kit.html import resolve
from broadsheet.wire.formats.doctype import states_doctype
from broadsheet.wire.formats.parsed import Reading, UnreadableError
from broadsheet.wire.formats.repair import NAMESPACES, divided, repair, with_closed_voids
from broadsheet.wire.formats.text import IS_HTML

Element: TypeAlias = etree._Element

_XML = "{http://www.w3.org/XML/1998/namespace}"
_PLAIN = frozenset(
    {
        "http://purl.org/rss/1.0",
        "http://purl.org/rss/1.0/modules/rss091",
        "http://my.netscape.com/rdf/simple/0.9",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://channel.netscape.com/rdf/simple/0.9",
    }
)
_SHORT = {
    **{uri.rstrip("/#").lower(): prefix for prefix, uri in NAMESPACES.items()},
    **dict.fromkeys(_PLAIN, ""),
    "http://purl.org/atom/ns": "atom",
    "http://purl.org/echo": "atom",
    "http://purl.org/pie": "atom",
    "http://example.com/necho": "atom",
    "http://example.com/newformat": "atom",
    "http://www.google.com/schemas/play-podcasts/1.0": "googleplay",
    "http://search.yahoo.com/mrss": "media",
    "http://purl.org/rss/1.0/modules/media": "media",
    "http://purl.org/rss/1.0/modules/prism": "prism",
    "http://search.yahoo.com/searchmonkey/media": "media",
    "http://rss.jsonfeed.org": "",
    "http://prismstandard.org/namespaces/1.2/basic": "prism",
    "http://prismstandard.org/namespaces/basic/2.0": "prism",
    "http://prismstandard.org/namespaces/basic/2.1": "prism",
}
_ADDRESSES = frozenset({"http", "https"})
_VOID = frozenset({"br", "hr", "img", "wbr"})
_FAULTY_REFERENCE = re.compile(rb"&#(?:12[89]|1[345]\d|[xX]0*[89][0-9a-fA-F]);")
_BEFORE = "\0 \t\r\n"


class Fields(list[tuple[str, Element]]):
    """The children of an element with their short names, in order, and found by name."""

    def __init__(self, pairs: Iterable[tuple[str, Element]]) -> None:
        super().__init__(pairs)
        self.by_name: dict[str, list[Element]] = {}
        for name, element in self:
            if name in self.by_name:
                self.by_name[name].append(element)
            else:
                self.by_name[name] = [element]

    def named(self, *names: str) -> list[Element]:
        """Return the elements of these names, name by name."""
        by_name = self.by_name
        return [element for name in names if name in by_name for element in by_name[name]]


def load(text: str, reading: Reading) -> Element:
    """Return the root of *text*: as it is if that is XML, else repaired, else with recovery.

    No DTD is loaded, no entity resolved, nothing fetched. Recovery marks the whole reading
    as damaged. Raises UnreadableError when nothing can be made of it.
    """
    text, data = text.lstrip("\ufeff" + _BEFORE), reading.utf8.lstrip(_BEFORE.encode())
    if not (states_doctype(text) or _FAULTY_REFERENCE.search(data)):
        try:
            return _parsed(data, recover=False)
        except etree.XMLSyntaxError:
            pass
    mended = repair(text, reading)
    try:
        return _parsed(mended.encode(), recover=False)
    except etree.XMLSyntaxError as fault:
        reason = str(fault).partition(", line")[0]
    try:
        root = _parsed(with_closed_voids(mended).encode(), recover=False)
        reading.repaired("HTML tags that were not closed inside the XML were closed.")
        return root
    except etree.XMLSyntaxError:
        reading.repaired(f"The XML is not well formed ({reason}); what could be read was kept.")
        reading.is_damaged = True
        return _recovered(mended, reason)


def _parsed(data: bytes, *, recover: bool) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    return etree.fromstring(data, parser)


def _recovered(text: str, reason: str) -> Element:
    """Read the head and each item by itself, so that one fault costs no other item anything."""
    head, pieces = divided(with_closed_voids(text))
    root = _leniently(head)
    if root is None:
        raise UnreadableError(f"The XML cannot be read ({reason}). Fetch the file again.")
    for piece in pieces:
        wrapped = _leniently(piece)
        if wrapped is not None:
            root.extend(list(wrapped))
    return root


def _leniently(text: str) -> Element | None:
    """Return the root, strictly if that is possible; None when there is none."""
    try:
        return _parsed(text.encode(), recover=False)
    except etree.XMLSyntaxError:
        pass
    try:
        found: Element | None = _parsed(text.encode(), recover=True)
    except etree.XMLSyntaxError:
        return None
    return found


def name_of(element: Element) -> str:
    """Return a short name: "title", "dc:creator", "media:content", "atom:link"."""
    tag = element.tag
    return _short(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _short(tag: str) -> str:
    uri, _, local = tag.rpartition("}")
    short = _SHORT.get(uri.lstrip("{").rstrip("/#").lower().replace("https:", "http:", 1))
    if not uri or short == "":
        return local
    return f"{short}:{local}" if short else tag


def fields(element: Element) -> Fields:
    """Return the direct children with their short names."""
    return Fields(
        [(_short(tag) if isinstance(tag := child.tag, str) else "", child) for child in element]
    )


def values(found: Fields, *names: str) -> list[str]:
    """Return the markup of every field of these names that is not empty, name by name."""
    if found.by_name.keys().isdisjoint(names):
        return []
    return [value for element in found.named(*names) if (value := markup(element))]


def first(found: Fields, *names: str) -> str:
    """Return the first that is not empty, the names in order of preference, else ""."""
    by_name = found.by_name
    for name in names:
        if name in by_name:
            for element in by_name[name]:
                if value := markup(element):
                    return value
    return ""


def markup(element: Element) -> str:
    """Return what an element holds, as the HTML it means: CDATA, escaped or inline alike."""
    if len(element) == 0:
        return (element.text or "").strip()
    return _inner(element).strip()


def _inner(element: Element) -> str:
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        parts += [_outer(child), escape(child.tail or "", quote=False)]
    return "".join(parts)


def _outer(element: Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    name = _local(element.tag)
    if not IS_HTML.fullmatch(name):
        return _inner(element)
    plain = ((_local(str(key)), value) for key, value in element.attrib.items())
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in plain)
    if name.lower() in _VOID:
        return f"<{name}{attributes}>{_inner(element)}"
    return f"<{name}{attributes}>{_inner(element)}</{name}>"


def _local(name: str) -> str:
    """Names that recovery let through may be no names at all, so nothing is checked here."""
    return name.rpartition("}")[2].rpartition(":")[2]


def base_of(element: Element, base: str | None) -> str | None:
    """Return the base that xml:base states for *element*, from the root down, else None."""
    chain = [element, *element.iterancestors()]
    stated = [value for part in reversed(chain) if (value := part.get(_XML + "base"))]
    for value in stated:
        base = resolve(value, base, _ADDRESSES) or base
    return base if stated else None


def language_of(element: Element) -> str:
    """Return the language stated by xml:lang on the element or nearest above, else ""."""
    for part in (element, *element.iterancestors()):
        if stated := part.get(_XML + "lang"):
            return str(stated).strip()
    return ""
