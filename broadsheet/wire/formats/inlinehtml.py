"""XHTML or HTML inside an agency's XML: the report without the frame around it.

Agencies wrap the same body in a page: a header that repeats headline and keywords, a marked
dateline. Those are fields already, so they are taken out (mechanically; readers are told so).
"""

import re
from dataclasses import dataclass
from html import escape

from broadsheet.kit.html import from_text
from broadsheet.wire.formats.iptc import place_of
from broadsheet.wire.formats.strict import children, every, inner_html, local, words
from broadsheet.wire.formats.tree import Element

_INDENTED = re.compile(
    r"[ \t]*\n[ \t]*\n\s*|(?<=[.!?:)\"”’])[ \t]*\n {4}(?=\S)|[ \t]*\n {4}(?=[*•] )"
)
_DATELINE = "dateline"


@dataclass(frozen=True, slots=True)
class InlineHtml:
    """HTML not sanitised yet, and the dateline that was marked in it."""

    html: str = ""
    dateline: str = ""


def read_html(root: Element, headline: str) -> InlineHtml:
    """Return what stands in an <html> or <body> element, or in any other as if it were a body."""
    body = root if local(root) != "html" else next(every(root, "body"), root)
    _without_frame(body, " ".join(headline.split()))
    dateline = _taken_dateline(body)
    blocks = [part for part in body if isinstance(part.tag, str)]
    if not blocks:
        return InlineHtml(from_text(body.text or ""), dateline)
    if len(blocks) == 1 and local(blocks[0]) == "p" and not children(blocks[0]):
        return InlineHtml(_indented(blocks[0].text or ""), dateline)
    return InlineHtml(inner_html(body), dateline)


def _without_frame(body: Element, headline: str) -> None:
    """Drop the header and the headings that only repeat the headline."""
    for part in [*every(body, "header"), *every(body, "h1")]:
        repeated = [part] if local(part) == "h1" else list(every(part, "h1"))
        if headline and any(words(h1) == headline for h1 in repeated):
            _drop(part)


def _taken_dateline(body: Element) -> str:
    for part in body.iterdescendants():
        if _DATELINE in str(part.get("class") or "").split():
            stated = words(part)
            _drop(part)
            return place_of(stated)
    return ""


def _drop(part: Element) -> None:
    """Take an element out and leave the text behind it where it is."""
    parent, before = part.getparent(), part.getprevious()
    if parent is None:
        return
    tail = part.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(part)


def _indented(text: str) -> str:
    """One paragraph that holds a whole report, its own paragraphs set off by four spaces."""
    parts = _INDENTED.split(text)
    return "".join(f"<p>{escape(part, quote=False)}</p>" for part in parts if part.strip())
