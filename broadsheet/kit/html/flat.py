"""The common case of a body, written without the writer: paragraphs, headings, simple lists.

What nh3 let through is in one spelling, so a body that is a row of blocks without blocks
inside is recognised by a pattern and brought to the paper's shape by a few substitutions.
It is the writer's result exactly (tests compare them), at a small part of the time.
"""

import re

from broadsheet.kit.html.allowed import BOUNDARIES, HEADINGS
from broadsheet.kit.html.tags import attributes_of, link_tag, picture_tag

_IMG = r'<img src="[^"<>]*" alt="[^"<>]*"[^<>]*>'
_A = r'<a href="[^"<>]*" rel="[^"<>]*">'
_NAMES = ("em", "strong", "b", "i", "sub", "sup", "code")


# No group inside is a capturing one: Python 3.11 errs on those in possessive repeats.
def _of(*inside: str) -> str:
    return rf"(?:[^<]+|{'|'.join(inside)})*+"


_SIMPLE = {name: f"<{name}>[^<]*</{name}>" for name in _NAMES}
_LINK = f"{_A}{_of(_IMG, *_SIMPLE.values())}</a>"
_MARKS = [
    f"<{name}>{_of(f'{_A}[^<]*</a>', *(_SIMPLE[n] for n in _NAMES if n != name))}</{name}>"
    for name in _NAMES
]
_INLINE = _of(_LINK, *_MARKS, _IMG)
_LINES = _of("<br>", _LINK, *_MARKS, _IMG)
_APART = "|".join(sorted(BOUNDARIES))
_BLOCK = re.compile(
    rf" ?(?:<p>(?P<p>{_LINES})</p>"
    rf"|</?(?:{_APART})>|(?P<rule><hr>)"
    r"|<blockquote>(?P<quote>(?:[^<]|<(?!/?blockquote>))*+)</blockquote>"
    rf"|<(?P<h>h[1-6])>(?P<title>{_INLINE})</(?P=h)>"
    rf"|<(?P<list>[uo]l)> ?(?P<items>(?:<li>{_INLINE}</li> ?)+)</(?P=list)>"
    rf"|<figure> ?(?P<img>(?:{_IMG})?) ?"
    rf"(?:<figcaption>(?P<caption>{_INLINE})</figcaption> ?)?</figure>"
    rf"|(?P<bare>(?:(?=[^<])|(?=<(?:a|img|em|strong|b|i)[ >])){_LINES})"
    rf"(?=</?(?:p|h[1-6]|[uo]l|figure|blockquote|table|pre|hr|{_APART})>|\Z))"
    r" ?"
)
_SPACES = re.compile("  +")
_ODD = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_ADDRESSED = re.compile(r"<(a|img)((?: [a-z-]+=\"[^\"]*\")+)>")
_TAGS = "em|strong|b|i|sub|sup|code"
_OPEN = rf"(?:<(?:{_TAGS})>|{_A})"
_CLOSE = rf"</(?:{_TAGS}|a)>"
_LOOSE_START = re.compile(rf"<(?:a [^<>]*|{_TAGS})>(?: |</)")
_LOOSE_END = re.compile(f" {_CLOSE}")
_BEGINNING = re.compile(f"({_OPEN}) ")
_ENDING = re.compile(f" ({_CLOSE})")
_STEPS = 6
_EMPTY = re.compile("|".join(f"<{name}></{name}>" for name in _NAMES) + f"|{_A}</a>")
_PARTING = re.compile(r"(?: ?<br> ?){2,}")
_BREAK = re.compile(r" ?<br> ?")
_LI = re.compile(r"<li>(.*?)</li>")


def flat(cleaned: str, base: str | None) -> tuple[str, str]:
    """Return the leading blocks of *cleaned* in the paper's shape, and what the writer must do.

    *cleaned* is what nh3 returned.
    """
    if "<pre" in cleaned or (not cleaned.isprintable() and _ODD.search(cleaned)):
        return "", cleaned
    tidied = _tidy(_folded(_addressed(cleaned, base)))
    if tidied is None:
        return "", cleaned
    written, position = _blocks(tidied)
    return "\n".join(written).replace("&nbsp;", "\xa0"), tidied[position:]


def _addressed(html: str, base: str | None) -> str:
    """Write links and pictures anew; what leads nowhere loses its address."""

    def tag(found: re.Match[str]) -> str:
        attributes = attributes_of(found[2])
        if found[1] == "img":
            return picture_tag(attributes, base)
        return f"<a{link_tag(attributes, base)}>"

    return _ADDRESSED.sub(tag, html) if "<a " in html or "<img" in html else html


def _folded(text: str) -> str:
    for mark in "\n\t\r\f":
        text = text.replace(mark, " ")
    return _SPACES.sub(" ", text) if "  " in text else text


def _tidy(text: str) -> str | None:
    """Move white space out of marks, and leave out marks around nothing, as the writer does.

    None where marks are nested deeper than any honest text nests them.
    """
    for _ in range(_STEPS):
        if not (_LOOSE_START.search(text) or _LOOSE_END.search(text)):
            return text
        text = _EMPTY.sub("", _ENDING.sub(r"\1 ", _BEGINNING.sub(r" \1", text)))
        text = _folded(text)
    return None


def _blocks(html: str) -> tuple[list[str], int]:
    written: list[str] = []
    position = 0
    while position < len(html) and (found := _BLOCK.match(html, position)):
        blocks = _written(found)
        if blocks is None:
            break
        written += blocks
        position = found.end()
    return written, position


def _written(found: re.Match[str]) -> list[str] | None:
    """The blocks a match stands for; None when the writer must look at it."""
    kind = found.lastgroup
    if kind in ("p", "bare"):
        return _paragraphs(found[kind])
    if kind is None:
        return []
    if kind == "rule":
        return ["<hr>"]
    if kind == "quote":
        written, position = _blocks(found["quote"])
        if position < len(found["quote"]) or "<hr>" in written:
            return None
        return [f"<blockquote>{''.join(written)}</blockquote>"] if written else []
    if name := found["h"]:
        return _block(HEADINGS[name], found["title"])
    if name := found["list"]:
        items = (item.strip(" ") for item in _LI.findall(found["items"]))
        return _block(name, "".join(f"<li>{item}</li>" for item in items if item))
    caption = "".join(_block("figcaption", found["caption"] or ""))
    return _block("figure", found["img"] + caption)


def _block(name: str, inside: str) -> list[str]:
    inside = inside.strip(" ")
    return [f"<{name}>{inside}</{name}>"] if inside else []


def _paragraphs(text: str) -> list[str]:
    if "<br>" not in text:
        text = text.strip(" ")
        return [f"<p>{text}</p>"] if text else []
    parts = (_BREAK.sub("<br>", part).strip(" ") for part in _PARTING.split(text))
    bare = (part.removeprefix("<br>").removesuffix("<br>") for part in parts)
    return [f"<p>{part}</p>" for part in bare if part]
