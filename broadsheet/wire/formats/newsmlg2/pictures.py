"""A picture item: its largest fitting rendition, and the credit, caption and terms it states."""

from dataclasses import replace
from datetime import UTC, datetime

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.iptc import best_rendition, status_of
from broadsheet.wire.formats.newsmlg2.codes import Aliases, code_of, name_of, party_of, text_of
from broadsheet.wire.formats.parsed import Enclosure, ParsedPicture
from broadsheet.wire.formats.strict import (
    attribute,
    child,
    children,
    in_language,
    language,
    lines,
    number,
    words,
)
from broadsheet.wire.formats.tree import Element


def is_usable(item: Element, aliases: Aliases, text: Element) -> bool:
    """Whether a picture item is usable, and under no embargo that ends after its text's."""
    status, _ = status_of(code_of(child(item, "itemMeta", "pubStatus"), aliases))
    if status != "usable" or child(item, "itemMeta", "embargoed") is None:
        return status == "usable"
    own, around = (_embargo(one) for one in (item, text))
    return own is not None and around is not None and own <= around


def _embargo(item: Element) -> datetime | None:
    return read_date(words(child(item, "itemMeta", "embargoed")), UTC)


def remote_pictures(item: Element) -> list[Element]:
    """Return the files of the item that are images, or do not say what they are."""
    found = children(child(item, "contentSet"), "remoteContent")
    return [part for part in found if attribute(part, "href") and _is_image(part)]


def bare_picture(item: Element) -> ParsedPicture | None:
    """Return a picture that a text carries as a mere file. Nobody says whose it is: the credit
    of the text is not the picture's (docs/cases.md, 51).
    """
    best = _best(item)
    return None if best is None else _file(best, language(item))


def enclosures_of(item: Element) -> list[Enclosure]:
    """Return the files of the item that are no images: sound, film, documents."""
    found = children(child(item, "contentSet"), "remoteContent")
    return [
        Enclosure(
            attribute(part, "href"),
            attribute(part, "contenttype"),
            number(attribute(part, "size")),
        )
        for part in found
        if attribute(part, "href") and not _is_image(part)
    ]


def terms_of(item: Element, wanted: str) -> str:
    """Return the usage terms of an item, in the language if it states them in several."""
    terms = [part for info in children(item, "rightsInfo") for part in children(info, "usageTerms")]
    return " ".join(lines(in_language(terms, wanted)))


def notice_of(item: Element, wanted: str) -> str:
    """Return the copyright notice."""
    infos = children(item, "rightsInfo")
    return next((text for i in infos if (text := text_of(i, wanted, "copyrightNotice"))), "")


def picture_of(item: Element) -> ParsedPicture | None:
    """Return a picture item as the picture it is; None when it has no file."""
    best = _best(item)
    if best is None:
        return None
    wanted, meta = language(item), child(item, "contentMeta")
    return replace(
        _file(best, wanted),
        credit=_credit(item, meta, wanted),
        caption=_caption(meta, wanted),
        terms=terms_of(item, wanted) or notice_of(item, wanted),
        guid=attribute(item, "guid"),
    )


def _best(item: Element) -> Element | None:
    return best_rendition(remote_pictures(item), lambda part: number(attribute(part, "width")))


def _file(rendition: Element, wanted: str) -> ParsedPicture:
    return ParsedPicture(
        url="".join(attribute(rendition, "href").split()),
        alt=_alt(rendition, wanted),
        mime=attribute(rendition, "contenttype"),
        width=number(attribute(rendition, "width")),
        height=number(attribute(rendition, "height")),
        guid=attribute(rendition, "residref"),
    )


def _credit(item: Element, meta: Element | None, wanted: str) -> str:
    stated = text_of(meta, wanted, "creditline")
    names = [name for part in children(meta, "creator") if (name := name_of(part, wanted))]
    holder = party_of(child(item, "rightsInfo", "copyrightHolder"), wanted)
    return stated or ", ".join(names) or holder


def _caption(meta: Element | None, wanted: str) -> str:
    parts = in_language(children(meta, "description"), wanted)
    captions = [part for part in parts if attribute(part, "role").endswith("caption")]
    return next(iter(lines(captions or parts)), "")


def _alt(rendition: Element, wanted: str) -> str:
    texts = in_language(children(rendition, "altText"), wanted)
    return next((text for part in texts if (text := words(part))), "")


def _is_image(part: Element) -> bool:
    mime = attribute(part, "contenttype").lower()
    return not mime or mime.startswith("image/")
