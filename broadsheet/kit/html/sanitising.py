"""Makes foreign HTML safe and brings it to the paper's one shape."""

import re
from functools import cache
from html import escape
from html.parser import HTMLParser

import nh3

from broadsheet.kit.html import allowed
from broadsheet.kit.html.urls import is_pixel, resolve
from broadsheet.kit.html.writer import Writer

_LINKS = frozenset({"http", "https", "mailto", "tel"})
_PICTURES = frozenset({"http", "https"})
_NUMBER = re.compile(r"\s*(\d{1,5})\s*(px)?\s*")
_HAS_TAG = re.compile(r"<[a-zA-Z/!?]")
_ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|br|hr|img|input|dt|dd|t[dhr]|wbr|source|link|meta|option|b|i|em|a|font)\b)"
    r"[a-zA-Z]",
    re.IGNORECASE,
)
_DEEPEST = 400
_WRAPPED = re.compile(r"(?<=[^\n]{50}[^\n.!?:…\"”’»。」』])[ \t]*\n(?=[ \t]*\S)")
_BLANK_LINE = re.compile(r"\n[ \t\xa0]*\n\s*")
_Attributes = dict[str, str]


def sanitise(html: str, *, base: str | None = None) -> str:
    """Return *html* as safe HTML of a fixed shape; never raises.

    An allowlist: paragraphs, headings h2 to h4, quotations, lists, figures, pictures,
    tables, links and simple marks. Scripts, styles, forms, frames, handlers, addresses
    other than http(s), mailto and tel, counting pixels and tracking parameters are gone.
    Text outside a block becomes a paragraph, and so does each part of a text without any
    tags. Relative addresses are joined to *base* when that is http(s).
    ``sanitise(sanitise(x)) == sanitise(x)``.
    """
    html = bounded(html)
    if not _HAS_TAG.search(html):
        html = "".join(f"<p>{part}</p>" for part in _text_parts(html))
    reader = _Reader(base)
    reader.feed(_cleaner().clean(html))
    reader.close()
    return reader.writer.finish()


def from_text(text: str) -> str:
    """Return plain text as paragraphs of HTML; a "<" in it is a character, not a tag."""
    return sanitise("".join(f"<p>{escape(part, quote=False)}</p>" for part in _text_parts(text)))


def bounded(html: str) -> str:
    """Return *html* without lone surrogates, and without tags where they nest absurdly deep.

    Parsing time grows with the square of the depth; no honest body comes near the limit.
    """
    html = html.encode("utf-8", "ignore").decode("utf-8")
    depth = 0
    for tag in _NESTING.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > _DEEPEST:
            return _ANY_TAG.sub(" ", html)
    return html


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
        clean_content_tags=set(allowed.DROPPED),
        attributes=allowed.ATTRIBUTES,
        link_rel=None,
    )


class _Reader(HTMLParser):
    """Feeds what the allowlist left to the writer."""

    def __init__(self, base: str | None) -> None:
        super().__init__(convert_charrefs=True)
        self.writer = Writer()
        self._base = base

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        tag = allowed.HEADINGS.get(tag, tag)
        if tag in allowed.VOID:
            self._void(tag, attributes)
        elif tag == "a":
            self._link(attributes)
        elif tag == "q":
            self.writer.skip()
            self.writer.text("“")
        else:
            self.writer.start(tag, _spans(attributes) if tag in allowed.CELLS else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in allowed.VOID:
            return
        if tag == "q":
            self.writer.text("”")
        self.writer.end(allowed.HEADINGS.get(tag, tag))

    def handle_data(self, data: str) -> None:
        self.writer.text(data)

    def _void(self, tag: str, attributes: _Attributes) -> None:
        if tag == "br":
            self.writer.line_break()
        elif tag == "hr":
            self.writer.rule()
        elif written := _picture(attributes, self._base):
            self.writer.picture(written)

    def _link(self, attributes: _Attributes) -> None:
        href = resolve(attributes.get("href", ""), self._base, _LINKS)
        if not href:
            return self.writer.skip()
        rel = sorted(allowed.RELS.intersection(attributes.get("rel", "").split()) | {"noopener"})
        self.writer.start("a", f' href="{escape(href)}" rel="{" ".join(rel)}"')


def _picture(attributes: _Attributes, base: str | None) -> str:
    """Return the ``img`` tag, or "" for a counting pixel or a picture without an address."""
    sizes = {name: _number(attributes.get(name, "")) for name in ("width", "height")}
    src = _source(attributes, base)
    if not src or is_pixel(src) or any(size in ("0", "1") for size in sizes.values()):
        return ""
    alt = " ".join(attributes.get("alt", "").split())
    numbers = "".join(f' {name}="{size}"' for name, size in sizes.items() if size)
    return f'<img src="{escape(src)}" alt="{escape(_seen(alt))}"{numbers}>'


def _source(attributes: _Attributes, base: str | None) -> str:
    for name in allowed.LAZY_SOURCES:
        value = attributes.get(name, "")
        if name == "srcset":
            value = (value.split() or [""])[0].rstrip(",")
        if src := resolve(value, base, _PICTURES):
            return src
    return ""


def _spans(attributes: _Attributes) -> str:
    numbers = ((name, _number(attributes.get(name, ""))) for name in ("colspan", "rowspan"))
    return "".join(f' {name}="{n}"' for name, n in numbers if n and 1 < int(n) <= 1000)


def _number(value: str) -> str:
    found = _NUMBER.fullmatch(value)
    return str(int(found[1])) if found else ""


def _seen(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
