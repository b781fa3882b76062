"""Pictures, sound and film as RSS and Atom state them: Media RSS 1.5.1, enclosures.

The credit of a picture stays with that picture. A credit stated for the whole item is used
only when the item has one picture, because with two nobody could say whose it is.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from broadsheet.wire.formats.parsed import Enclosure, ParsedPicture
from broadsheet.wire.formats.text import line
from broadsheet.wire.formats.tree import Element, Fields, fields, first, markup, name_of

_MEDIA = frozenset(
    {
        *("media:content", "media:group", "media:thumbnail", "media:peerLink", "enclosure"),
        *("link", "atom:link"),
    }
)
_GROUPS = frozenset({"media:category", "media:content", "media:group"})
_MEDIUMS = frozenset({"image", "audio", "video"})
_MAKERS = frozenset({"", "photographer", "illustrator", "artist", "owner", "copyright holder"})
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_OTHER = re.compile(r"\.(mp[34]|m4[av]|mov|webm|og[gv]|wav|m3u8|pdf|swf|html?)$", re.IGNORECASE)


def pictures(found: Fields) -> list[ParsedPicture]:
    """Return the pictures among the fields of an item, in the order stated."""
    if found.by_name.keys().isdisjoint(_MEDIA):
        return []
    stated = [(name, element) for name, element in found if name in _MEDIA]
    shown = [picture for name, element in stated for picture in _stated(name, element)]
    shown = _largest_of_each(shown)
    if not shown:
        shown = [picture for name, element in stated for picture in _thumbnails(name, element)][:1]
    if len(shown) == 1:
        shown = [_inherited(shown[0], found)]
    return shown


def enclosures(found: Fields) -> list[Enclosure]:
    """Return the files that come with an item: what is enclosed, and all media but pictures."""
    if found.by_name.keys().isdisjoint(_MEDIA):
        return []
    enclosed = [_enclosure(element) for element in found.named("enclosure")]
    enclosed += [
        _enclosure(element)
        for element in found.named("link", "atom:link")
        if element.get("rel") == "enclosure"
    ]
    original = next((markup(e) for e in found.named("feedburner:origEnclosureLink")), "")
    if original and len(enclosed) == 1:
        enclosed = [replace(enclosed[0], url=original)]
    played = [_enclosure(e) for e in _contents(found) if e.get("url") and not _is_picture(e)]
    played += [_enclosure(element) for element in found.named("media:peerLink")]
    return [enclosure for enclosure in enclosed + played if enclosure.url]


def _contents(found: Fields) -> list[Element]:
    """All media:content, also those in groups and those inside another."""
    places = found.named("media:content", "media:group")
    return [e for place in places for e in place.iter() if name_of(e) == "media:content"]


def _enclosure(element: Element) -> Enclosure:
    inner = fields(element)
    medium = element.get("medium", "").lower()
    return Enclosure(
        url=(element.get("url") or element.get("href") or "").strip(),
        mime=element.get("type") or (f"{medium}/*" if medium in _MEDIUMS else ""),
        length=_number(element.get("length") or element.get("fileSize"), most=13),
        title=element.get("title") or line(first(inner, "media:title")),
    )


def described(found: Fields) -> str:
    """Return what Media RSS says of an item that has no text of its own, else ""."""
    inner = (fields(element) for element in found.named("media:group", "media:content"))
    return next((text for part in inner if (text := first(part, "media:description"))), "")


def categories(found: Fields) -> list[str]:
    """Return the categories that Media RSS states."""
    if found.by_name.keys().isdisjoint(_GROUPS):
        return []
    stated = list(found.named("media:category"))
    for element in found.named("media:group", "media:content"):
        stated += fields(element).named("media:category")
    return [element.get("label") or element.text or "" for element in stated]


def _stated(name: str, element: Element) -> list[ParsedPicture]:
    if name == "media:content" and _is_picture(element):
        return [_picture(element)]
    if name == "media:group":
        inner = fields(element)
        stated = [part for part in inner.named("media:content") if _is_picture(part)]
        best = [part for part in stated if part.get("isDefault") == "true"] or stated
        found = [_picture(part) for part in best]
        return [_inherited(max(found, key=_size), inner)] if found else []
    if name == "enclosure" and element.get("url") and _is_picture(element):
        return [ParsedPicture(url=element.get("url", ""), mime=element.get("type", ""))]
    if name in ("link", "atom:link") and element.get("rel") == "enclosure":
        mime = element.get("type", "")
        return [ParsedPicture(url=element.get("href", ""), mime=mime)] if "image/" in mime else []
    return []


def _is_picture(element: Element) -> bool:
    """By medium or type; without either by the name of the file, unknown meaning a picture
    only where other signs of a film or sound are missing."""
    if not element.get("url"):
        return False
    medium, mime = element.get("medium", "").lower(), element.get("type", "").lower()
    if medium or mime:
        return bool(medium == "image" or mime.startswith("image/"))
    path = _path(element.get("url", ""))
    has_other = element.get("duration") or element.get("bitrate") or _OTHER.search(path)
    return bool(_PICTURE.search(path)) or (element.tag != "enclosure" and not has_other)


def _picture(element: Element) -> ParsedPicture:
    inner = fields(element)
    return ParsedPicture(
        url=element.get("url", ""),
        credit=_credit(inner),
        caption=line(first(inner, "media:description", "media:text")),
        alt=line(first(inner, "media:title")),
        terms=line(first(inner, "media:copyright", "media:license")),
        mime=element.get("type", ""),
        width=_number(element.get("width")),
        height=_number(element.get("height")),
    )


def _inherited(picture: ParsedPicture, found: Fields) -> ParsedPicture:
    """Fill what the picture itself leaves open from what stands around it."""
    return replace(
        picture,
        credit=picture.credit or _credit(found),
        caption=picture.caption or line(first(found, "media:description")),
        alt=picture.alt or line(first(found, "media:title")),
        terms=picture.terms or line(first(found, "media:copyright", "media:license")),
    )


def _credit(found: Fields) -> str:
    names = [line(element.text or "") for element in _credits(found)]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _credits(found: Fields) -> list[Element]:
    """The credits; where they have roles, those of who took or gave the picture (5.6)."""
    stated = list(found.named("media:credit"))
    makers = [e for e in stated if e.get("role", "").lower() in _MAKERS]
    return makers if len(stated) > 1 and makers else stated


def _thumbnails(name: str, element: Element) -> list[ParsedPicture]:
    inner = fields(element) if name in ("media:group", "media:content") else [(name, element)]
    return [
        ParsedPicture(
            url=part.get("url", ""),
            width=_number(part.get("width")),
            height=_number(part.get("height")),
        )
        for called, part in inner
        if called == "media:thumbnail" and part.get("url")
    ]


def _largest_of_each(shown: list[ParsedPicture]) -> list[ParsedPicture]:
    """One file offered in several sizes, told apart by its query only, is one picture."""
    best: dict[tuple[str, str], ParsedPicture] = {}
    for picture in shown:
        same = (picture.url.partition("?")[0], picture.credit)
        if same not in best or _size(picture) > _size(best[same]):
            best[same] = picture
    return list(best.values())


def _size(picture: ParsedPicture) -> int:
    return (picture.width or 0) * (picture.height or 1)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url


def _number(text: str | None, most: int = 5) -> int | None:
    digits = (text or "").strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= most else None
