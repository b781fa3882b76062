"""Makes foreign HTML safe and brings it to the paper's one shape."""

import re
from functools import cache
from html import escape, unescape

import nh3

from broadsheet.kit.html import allowed
from broadsheet.kit.html.bounding import bounded
from broadsheet.kit.html.flat import flat
from broadsheet.kit.html.swallowed import unswallowed
from broadsheet.kit.html.tags import (
    Attributes,
    attributes_of,
    film_address,
    link_tag,
    picture_tag,
    spans,
)
from broadsheet.kit.html.writer import Writer

_HAS_TAG = re.compile(r"<[a-zA-Z/!?]")
_WRAPPED = re.compile(r"(?<=[^\n]{50}[^\n.!?:…\"”’»。」』])[ \t]*\n(?=[ \t]*\S)")
_BLANK_LINE = re.compile(r"\n[ \t\xa0]*\n\s*")


def sanitise(html: str, *, base: str | None = None) -> str:
    """Return *html* as safe HTML of a fixed shape; never raises.

    An allowlist: paragraphs, headings h2 to h4, quotations, lists, figures, pictures,
    tables, links and simple marks. Scripts, styles, forms, frames, handlers, addresses
    other than http(s), mailto and tel, counting pixels and tracking parameters are gone.
    A framed film becomes a link to it, a film of one's own its still.
    Text outside a block becomes a paragraph, and so does each part of a text without any
    tags. Relative addresses are joined to *base* when that is http(s).
    ``sanitise(sanitise(x)) == sanitise(x)``.
    """
    html = bounded(html)
    if not html or html.isspace():
        return ""
    if not _HAS_TAG.search(html):
        html = "".join(f"<p>{part}</p>" for part in _text_parts(html))
    first, rest = flat(_cleaner().clean(unswallowed(html)), base)
    rest = _rewritten(rest, base) if rest and not rest.isspace() else ""
    return f"{first}\n{rest}" if first and rest else first or rest


def from_text(text: str) -> str:
    """Return plain text as paragraphs of HTML; a "<" in it is a character, not a tag."""
    return sanitise("".join(f"<p>{escape(part, quote=False)}</p>" for part in _text_parts(text)))


def _text_parts(text: str) -> list[str]:
    """Split at blank lines; where there are none at every line that is not merely wrapped."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _BLANK_LINE.search(text):
        parts = _BLANK_LINE.split(text)
    else:
        parts = _WRAPPED.sub(" ", text).split("\n")
    return [part for part in parts if part.strip()]


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(allowed.KEPT),
        clean_content_tags=set(allowed.DROPPED - allowed.PLAYERS),
        attributes=allowed.ATTRIBUTES,
        link_rel=None,
    )


_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [^\s="<>]+="[^"]*")*)>')
_FRAME = re.compile(r'(<iframe(?: [^\s="<>]+="[^"]*")*>).*?</iframe>', re.DOTALL)


def _rewritten(cleaned: str, base: str | None) -> str:
    """Feed what the allowlist left to the writer, tag by tag."""
    reader = _Reader(base)
    position = 0
    if "<iframe" in cleaned:
        cleaned = _FRAME.sub(r"\1</iframe>", cleaned)
    for tag in _TAG.finditer(cleaned):
        if tag.start() > position:
            reader.text(cleaned[position : tag.start()])
        if tag[1]:
            reader.end(tag[2])
        else:
            reader.start(tag[2], attributes_of(tag[3]) if tag[3] else {})
        position = tag.end()
    reader.text(cleaned[position:])
    return reader.writer.finish()


class _Reader:
    """Tells the writer what each element becomes."""

    def __init__(self, base: str | None) -> None:
        self.writer = Writer()
        self._base = base
        self._inside = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        if self._inside:
            return
        tag = allowed.HEADINGS.get(tag, tag)
        if tag in allowed.VOID:
            self._void(tag, attributes)
        elif tag in allowed.PLAYERS:
            self._player(tag, attributes)
        elif tag == "a":
            self._link(attributes)
        elif tag == "q":
            self.writer.skip()
            self.writer.text("“")
        else:
            self.writer.start(tag, spans(attributes) if tag in allowed.CELLS else "")

    def end(self, tag: str) -> None:
        if self._inside:
            self._inside = "" if tag == self._inside else self._inside
            return
        if tag in allowed.VOID:
            return
        if tag == "q":
            self.writer.text("”")
        self.writer.end(allowed.HEADINGS.get(tag, tag))

    def text(self, data: str) -> None:
        if data and not self._inside:
            self.writer.text(unescape(data) if "&" in data else data)

    def _void(self, tag: str, attributes: Attributes) -> None:
        if tag == "br":
            self.writer.line_break()
        elif tag == "hr":
            self.writer.rule()
        elif written := picture_tag(attributes, self._base):
            self.writer.picture(written)

    def _player(self, tag: str, attributes: Attributes) -> None:
        """A film becomes a link to it on a line of its own, or its still; its script goes."""
        self._inside = tag
        if tag == "video":
            if written := picture_tag({"src": attributes.get("poster", "")}, self._base):
                self.writer.picture(written)
        elif page := film_address(attributes):
            self.writer.start("div")
            self.writer.start("a", link_tag({"href": page}, None))
            self.writer.text(page)
            self.writer.end("a")
            self.writer.end("div")

    def _link(self, attributes: Attributes) -> None:
        if href := link_tag(attributes, self._base):
            return self.writer.start("a", href)
        self.writer.skip()
