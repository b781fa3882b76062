"""The common case of a body, written without the writer: paragraphs, headings, simple lists.

What nh3 let through is in one spelling, so a body that is a row of blocks without blocks
inside is recognised by a pattern and brought to the paper's shape by a few substitutions.
It is the writer's result exactly (tests compare them), at a small part of the time.
"""

import re

from broadsheet.kit.html.allowed import HEADINGS
from broadsheet.kit.html.tags import attributes_of, link_tag, picture_tag

_S = r"[ \t\n\r\f]"
_WORDS = rf"(?!{_S})[^<]+(?<!{_S})"
_MARKS = "|".join(f"<{m}>{_WORDS}</{m}>" for m in ["em", "strong", "b", "i", "sub", "sup", "code"])
_LINK = rf'<a(?: href="[^"<>\s]*"| rel="[^"<>]*")+>{_WORDS}</a>'
_IMG = (
    r'<img(?: (?:src|data-src|data-lazy-src|data-original|data-orig-file)="[^"<>\s]*"'
    r'| (?:alt|width|height|srcset|data-srcset|data-lazy-srcset)="[^"<>]*")*>'
)


# No group inside is a capturing one: Python 3.11 errs on those in possessive repeats.
_INLINE = rf"(?:[^<]+|{_MARKS}|{_LINK}|{_IMG})*+"
_LINES = rf"(?:[^<]+|{_MARKS}|{_LINK}|{_IMG}|<br>)*+"
_ITEM = rf"<li>{_INLINE}</li>"
_BLOCK = re.compile(
    rf"{_S}*(?:<p>(?P<p>{_LINES})</p>"
    rf"|<(?P<h>h[1-6])>(?P<title>{_INLINE})</(?P=h)>"
    rf"|<(?P<list>[uo]l)>{_S}*(?P<items>(?:{_ITEM}{_S}*)+)</(?P=list)>"
    rf"|<figure>{_S}*(?P<img>{_IMG}){_S}*"
    rf"(?:<figcaption>(?P<caption>{_INLINE})</figcaption>{_S}*)?</figure>)"
    rf"{_S}*"
)
_SPACES = re.compile(rf"{_S}+")
_ODD = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_ADDRESSED = re.compile(r"<(a|img)((?: [a-z-]+=\"[^\"<>]*\")+)>")
_PARTING = re.compile(r"(?: ?<br> ?){2,}")
_BREAK = re.compile(r" ?<br> ?")
_LI = re.compile(r"<li>(.*?)</li>", re.DOTALL)


class _NotFlat(Exception):
    """A block turned out to need the writer after all."""


def flat(cleaned: str, base: str | None) -> tuple[str, str]:
    """Return the leading blocks of *cleaned* in the paper's shape, and what the writer must do.

    *cleaned* is what nh3 returned.
    """
    if _ODD.search(cleaned):
        return "", cleaned
    written: list[str] = []
    position = 0
    while found := _BLOCK.match(cleaned, position):
        try:
            written += _written(found, base)
        except _NotFlat:
            break
        position = found.end()
    return "\n".join(written).replace("&nbsp;", "\xa0"), cleaned[position:]


def _written(found: re.Match[str], base: str | None) -> list[str]:
    if (text := found["p"]) is not None:
        return _paragraphs(_addressed(text, base))
    if name := found["h"]:
        title = _inline(found["title"], base)
        return [f"<{HEADINGS[name]}>{title}</{HEADINGS[name]}>"] if title else []
    if kind := found["list"]:
        items = [item for text in _LI.findall(found["items"]) if (item := _inline(text, base))]
        inner = "".join(f"<li>{item}</li>" for item in items)
        return [f"<{kind}>{inner}</{kind}>"] if items else []
    picture = _addressed(found["img"], base)
    caption = _inline(found["caption"] or "", base)
    caption = f"<figcaption>{caption}</figcaption>" if caption else ""
    return [f"<figure>{picture}{caption}</figure>"] if picture or caption else []


def _paragraphs(text: str) -> list[str]:
    if "<br>" not in text:
        text = text.strip(" ")
        return [f"<p>{text}</p>"] if text else []
    parts = (_BREAK.sub("<br>", part).strip(" ") for part in _PARTING.split(text))
    bare = (part.removeprefix("<br>").removesuffix("<br>") for part in parts)
    return [f"<p>{part}</p>" for part in bare if part]


def _inline(text: str, base: str | None) -> str:
    return _addressed(text, base).strip(" ")


def _addressed(text: str, base: str | None) -> str:
    """Write links and pictures anew; one that goes costs the block its place here."""

    def tag(found: re.Match[str]) -> str:
        attributes = attributes_of(found[2])
        if found[1] == "img":
            written = picture_tag(attributes, base)
        else:
            written = f"<a{link}>" if (link := link_tag(attributes, base)) else ""
        if not written or "\xa0" in written:
            raise _NotFlat
        return written

    text = _SPACES.sub(" ", text)
    if "<a" not in text and "<img" not in text:
        return text
    if "<a>" in text:
        raise _NotFlat
    return _ADDRESSED.sub(tag, text)
