"""The tags that carry an address: links, pictures, and what stands in for a film."""

import re
from html import escape, unescape

from broadsheet.kit.html import allowed
from broadsheet.kit.html.urls import is_pixel, resolve

_LINKS = frozenset({"http", "https", "mailto", "tel"})
_PICTURES = frozenset({"http", "https"})
_ATTRIBUTE = re.compile(r' ([^\s="<>]+)="([^"]*)"')
_NUMBER = re.compile(r"\s*(\d{1,5})\s*(px)?\s*")
_CANDIDATE = re.compile(r"\s*,*\s*(\S+?),?(?:\s+(\d{1,6})(?:\.\d+)?[wx])?\s*(?:,|$)")
_WIDEST = 2560
_FILMS = (
    (
        re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})"),
        "https://www.youtube.com/watch?v={}",
    ),
    (re.compile(r"https?://player\.vimeo\.com/video/(\d{4,15})"), "https://vimeo.com/{}"),
    (
        re.compile(r"https?://(?:www\.)?dailymotion\.com/embed/video/(\w{4,15})"),
        "https://www.dailymotion.com/video/{}",
    ),
)
Attributes = dict[str, str]


def attributes_of(stated: str) -> Attributes:
    """Read attributes as nh3 writes them: a space before each, double quotes around values."""
    found = dict(_ATTRIBUTE.findall(stated))
    return {name: unescape(found[name]) for name in found} if "&" in stated else found


def link_tag(attributes: Attributes, base: str | None) -> str:
    """Return the attributes of a safe link, or "" when it leads nowhere we would go."""
    href = resolve(attributes.get("href", ""), base, _LINKS)
    if not href:
        return ""
    rel = "noopener"
    if stated := attributes.get("rel", ""):
        rel = " ".join(sorted(allowed.RELS.intersection(stated.split()) | {rel}))
    return f' href="{escape(href)}" rel="{rel}"'


def picture_tag(attributes: Attributes, base: str | None) -> str:
    """Return the ``img`` tag, or "" for a counting pixel or a picture without an address."""
    sizes = {name: _number(attributes.get(name, "")) for name in ("width", "height")}
    src = _source(attributes, base)
    if not src or is_pixel(src) or any(size in ("0", "1") for size in sizes.values()):
        return ""
    alt = " ".join(attributes.get("alt", "").split())
    numbers = "".join(f' {name}="{size}"' for name, size in sizes.items() if size)
    return f'<img src="{escape(src)}" alt="{escape(_seen(alt))}"{numbers}>'


def film_address(attributes: Attributes) -> str:
    """Return the page on which an embedded film can be seen, or "" for any other frame."""
    for name in ("src", "data-src"):
        src = resolve(attributes.get(name, ""), None, _PICTURES)
        for pattern, page in _FILMS:
            if found := pattern.match(src):
                return page.format(found[1])
    return ""


def spans(attributes: Attributes) -> str:
    """Return the attributes of a table cell that spans several."""
    numbers = ((name, _number(attributes.get(name, ""))) for name in ("colspan", "rowspan"))
    return "".join(f' {name}="{n}"' for name, n in numbers if n and 1 < int(n) <= 1000)


def _source(attributes: Attributes, base: str | None) -> str:
    for name in allowed.LAZY_SOURCES:
        value = attributes.get(name, "")
        if name.endswith("srcset"):
            value = _largest(value)
        if value and (src := resolve(value, base, _PICTURES)):
            return src
    return ""


def _largest(srcset: str) -> str:
    """The largest candidate that is no wider than any page (WHATWG HTML, srcset)."""
    found = [(int(size or 1), url) for url, size in _CANDIDATE.findall(srcset[:5000])]
    fitting = [pair for pair in found if pair[0] <= _WIDEST]
    return max(fitting or found, default=(0, ""))[1]


def _number(value: str) -> str:
    found = _NUMBER.fullmatch(value) if value else None
    return str(int(found[1])) if found else ""


def _seen(text: str) -> str:
    return text if text.isprintable() else "".join(c for c in text if c.isprintable())
