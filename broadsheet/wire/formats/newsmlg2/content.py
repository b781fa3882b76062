"""The content of a news item: the best of its inline forms, as HTML."""

import re
from dataclasses import dataclass, field

from broadsheet.kit.html import from_text
from broadsheet.wire.formats.inlinehtml import read_html
from broadsheet.wire.formats.nitfbody import NitfBody, read_body
from broadsheet.wire.formats.strict import attribute, child, children, every, local
from broadsheet.wire.formats.tree import Element

_MARKED_UP = re.compile(r"\s*<(p|div|h\d|html|body)\b[^<>]*>.*</\1>\s*$", re.DOTALL | re.IGNORECASE)
_RANKS = ("xhtml", "nitf", "html", "plain")


@dataclass(frozen=True, slots=True)
class Content:
    """The body as HTML not sanitised yet, and what a NITF inside says besides."""

    html: str = ""
    dateline: str = ""
    nitf: NitfBody = field(default_factory=NitfBody)


def content_of(item: Element, headline: str) -> Content:
    """Return the inline content: XHTML before NITF before HTML before plain text."""
    found = [(_kind(part), part) for part in children(child(item, "contentSet"))]
    for rank in _RANKS:
        for kind, part in found:
            if kind == rank and (content := _read(kind, part, headline)).html.strip():
                return content
    return Content()


def _kind(part: Element) -> str:
    mime = attribute(part, "contenttype").lower()
    if local(part) == "inlineXML":
        root = _root(part)
        name = local(root) if root is not None else ""
        return "nitf" if name == "nitf" else "xhtml" if name else ""
    if local(part) != "inlineData" or attribute(part, "encoding"):
        return ""
    is_marked_up = bool(_MARKED_UP.match(part.text or ""))
    return "html" if "html" in mime or is_marked_up else "plain"


def _root(part: Element) -> Element | None:
    inner = [child for child in part if isinstance(child.tag, str)]
    return inner[0] if inner else None


def _read(kind: str, part: Element, headline: str) -> Content:
    root = _root(part)
    if kind == "nitf" and root is not None:
        nitf = read_body(root)
        return Content(nitf.html, nitf.dateline, nitf)
    if kind == "xhtml" and root is not None:
        whole = part if local(root) not in ("html", "body") else root
        inline = read_html(next(every(whole, "body"), whole), headline)
        return Content(inline.html, inline.dateline)
    text = part.text or ""
    return Content(text if kind == "html" else from_text(text))
