"""Pictures that the wire put into its text: they count as pictures of the item, after its own."""

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from broadsheet.kit.html import pictures_inside
from broadsheet.wire.formats.parsed import ParsedPicture

MOST_PICTURES = 100
"""Pictures of one item that are read; what has more is no report."""

_SMALLEST = 50
_SIZED = re.compile(r"-\d{2,5}x\d{2,5}(?=\.\w{3,4}$)")
_FILE = re.compile(r"\.(jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_SIGN = re.compile(r"//s\.w\.org/images/core/emoji/|/(?:emoji|smilies|avatars?)/", re.IGNORECASE)
_WORD = r"(?:photo(?:graph|graphie)?|picture|image|foto|bild|credit|crédit)s?"
_CREDITS = (
    re.compile(rf"[(\[](?P<credit>[^()\[\]]*\b{_WORD}\b\s*/[^()\[\]]*)[)\]]\.?$", re.IGNORECASE),
    re.compile(
        rf"[(\[]?\b(?:file\s+)?{_WORD}(?:\s+credit)?\s*[:/]\s*(?P<credit>[^()\[\]]+)[)\]]?\.?$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:^|(?<=[.;|!?])\s|[(\[–—])\s*(?:file\s+)?(?:{_WORD}\s+)?(?:by|courtesy\s+of)\s+"
        r"(?P<credit>[^()\[\]]+)[)\]]?\.?$",
        re.IGNORECASE,
    ),
    re.compile(r"[(\[]?(?:©|\(c\))\s*(?P<credit>[^()\[\]©]+)[)\]]?\.?$", re.IGNORECASE),
)
_NAMED = re.compile(rf"{_WORD}|©|\(c\)|\bby\b|courtesy", re.IGNORECASE)
_LONGEST_CREDIT = 100
_LONGEST_CAPTION = 2000
_SMALL = frozenset(
    [
        *("and", "by", "for", "of", "the", "via", "und", "für", "von", "der", "den", "y", "de"),
        *("del", "di", "da", "du", "e", "et", "en", "van"),
        *("dpa", "epa", "apa", "sda", "ntb", "afp", "efe", "ansa"),
    ]
)
"""Words in names, and agencies, that are written small."""

_AROUND = " .,;:|–—-"
_AFTER = " ,;:|–—-"


def with_pictures_inside(
    own: Iterable[ParsedPicture], withdrawn: Iterable[str], texts: Iterable[str]
) -> list[ParsedPicture]:
    """Return an item's own pictures, then those inside its *texts* (sanitised HTML), each once.

    The same file in another size is the same picture: it lends its words where the first has
    none. Signs and buttons are no pictures, and what the wire withdraws stays withdrawn.
    """
    gone = {_sameness(address) for address in withdrawn}
    found = list(own)
    place = {_sameness(picture.url): number for number, picture in enumerate(found)}
    for picture in (picture for text in texts for picture in _inside(text)):
        same = _sameness(picture.url)
        if same in place:
            found[place[same]] = _completed(found[place[same]], picture)
        elif same not in gone:
            place[same] = len(found)
            found.append(picture)
    return found


def _inside(text: str) -> list[ParsedPicture]:
    shown = []
    for part in pictures_inside(text):
        if _SIGN.search(part.url) or _is_small(part.width) or _is_small(part.height):
            continue
        caption, credit = divided(part.caption)
        shown.append(
            ParsedPicture(
                url=part.url,
                credit=credit,
                caption=caption,
                alt=part.alt,
                width=part.width,
                height=part.height,
                inside=True,
            )
        )
    return shown


def _is_small(size: int | None) -> bool:
    return size is not None and size < _SMALLEST


def _completed(known: ParsedPicture, inside: ParsedPicture) -> ParsedPicture:
    return replace(
        known,
        credit=known.credit or inside.credit,
        caption=known.caption or inside.caption,
        alt=known.alt or inside.alt,
    )


def divided(caption: str) -> tuple[str, str]:
    """Return a caption without the credit at its end, and that credit, "" where none is told.

    A credit is what is named so ("Photo: Ann Lee", "(AP Photo/Ann Lee)", "© Harbour Wire") and
    looks like names: a sentence after such a word is no credit.
    """
    if not _NAMED.search(caption) or len(caption) > _LONGEST_CAPTION:
        return caption, ""
    for pattern in _CREDITS:
        found = pattern.search(caption)
        if found and _is_name(found["credit"]):
            return caption[: found.start()].rstrip(_AFTER), found["credit"].strip(_AROUND)
    return caption, ""


def _is_name(text: str) -> bool:
    names = [word for word in re.split(r"[\s/,&+-]+", text.strip(_AROUND)) if word]
    written = all(word[0] == word[0].upper() or word in _SMALL for word in names)
    return bool(names) and len(text) <= _LONGEST_CREDIT and written


def _sameness(url: str) -> str:
    """What a picture's addresses in several sizes have in common."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if not _FILE.search(parts.path):
        return url.partition(":")[2] or url
    return f"//{parts.netloc.lower()}{_SIZED.sub('', parts.path)}"
