"""Pictures inside a body: they live on other people's servers, and no page asks those."""

import re
from dataclasses import dataclass
from html import unescape

from broadsheet.kit.html.tags import attributes_of

_PICTURE = re.compile(r"<img\b[^>]*>")
_TAG = re.compile(r"<[^<>]*>")
_EMPTY_LINK = re.compile(r"<a\b[^>]*>\s*</a>")
_CAPTION = r"<figcaption>(?:(?!</figcaption>).)*+</figcaption>"
_HOLLOW = re.compile(rf"<(figure|p)>\s*(?:{_CAPTION})?\s*</\1>", re.DOTALL)
_PART = re.compile(
    r"<img(?P<img>[^>]*)>|<figcaption>(?P<caption>.*?)</figcaption>|<(?P<end>/?)figure>", re.DOTALL
)


def without_pictures(html: str) -> str:
    """Return sanitised HTML without its ``img`` tags, and without what stood only around them.

    A caption goes with its picture; every other word stays.
    """
    if "<img" not in html:
        return html
    return _HOLLOW.sub("", _EMPTY_LINK.sub("", _PICTURE.sub("", html)))


@dataclass(frozen=True, slots=True)
class PictureInside:
    """A picture that stands in a body. ``caption`` is plain text, sizes are in pixels as stated."""

    url: str
    alt: str = ""
    caption: str = ""
    width: int | None = None
    height: int | None = None


def pictures_inside(html: str) -> list[PictureInside]:
    """Return the pictures of sanitised HTML in their order, each with its own caption.

    The caption of a figure that holds several is none of theirs.
    """
    found: list[PictureInside] = []
    figures: list[tuple[int, str]] = []
    for part in _PART.finditer(html) if "<img" in html else ():
        if part["img"] is not None:
            found.append(_picture(attributes_of(part["img"])))
        elif part["caption"] is not None:
            figures[-1:] = [(start, _words(part["caption"])) for start, _ in figures[-1:]]
        elif not part["end"]:
            figures.append((len(found), ""))
        elif figures:
            start, caption = figures.pop()
            if len(found) == start + 1 and not found[start].caption:
                one = found[start]
                found[start] = PictureInside(one.url, one.alt, caption, one.width, one.height)
    return found


def _words(caption: str) -> str:
    """A sanitised caption as one line: it holds marks within a line and breaks, nothing else."""
    text = _TAG.sub("", caption.replace("<br>", " "))
    return " ".join((unescape(text) if "&" in text else text).split())


def _picture(stated: dict[str, str]) -> PictureInside:
    width, height = (int(n) if (n := stated.get(name)) else None for name in ("width", "height"))
    return PictureInside(
        url=stated.get("src", ""), alt=stated.get("alt", ""), width=width, height=height
    )
