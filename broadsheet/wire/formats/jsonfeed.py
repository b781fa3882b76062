"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from broadsheet.kit.html import from_text
from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.keys import Keys, load_json
from broadsheet.wire.formats.parsed import (
    Draft,
    Enclosure,
    Parsed,
    ParsedPicture,
    Reading,
    UnreadableError,
)
from broadsheet.wire.formats.text import line


def read(text: str, reading: Reading) -> Parsed:
    """Read a JSON Feed. Raises UnreadableError when it has no list of items."""
    stated = load_json(text, reading)
    feed = Keys(stated)
    if not isinstance(stated, dict) or not isinstance(stated.get("items"), list):
        raise UnreadableError(
            'The JSON has no list "items", so it is no JSON Feed. Check the format.'
        )
    items = [Keys(item) for item in feed.all("items") if isinstance(item, dict)]
    return Parsed(
        format="jsonfeed",
        entries=finish_all(items, lambda item: _draft(item, feed, reading), reading),
        repairs=tuple(reading.repairs),
        problems=tuple(reading.problems),
        title=line(feed.text("title")),
        language=line(feed.text("language")),
    )


def _draft(item: Keys, feed: Keys, reading: Reading) -> Draft:
    full = item.text("contenthtml") or from_text(item.text("contenttext"))
    summary = item.text("summary")
    return Draft(
        key=item.text("id"),
        link=item.text("url", "externalurl"),
        links=item.texts("externalurl"),
        headline=item.text("title"),
        standfirst=summary if full else "",
        body=full or from_text(summary),
        authors=_authors(item) or _authors(feed),
        language=item.text("language") or feed.text("language"),
        agency=feed.text("title"),
        categories=item.texts("tags"),
        published=read_date(item.text("datepublished"), reading.zone),
        updated=read_date(item.text("datemodified"), reading.zone),
        date_as_sent=item.text("datepublished", "datemodified"),
        pictures=_pictures(item),
        enclosures=[_enclosure(part) for part in item.objects("attachments")],
    )


def _enclosure(attachment: Keys) -> Enclosure:
    return Enclosure(
        url=attachment.text("url"),
        mime=attachment.text("mimetype"),
        length=attachment.number("sizeinbytes"),
        title=attachment.text("title"),
    )


def _authors(stated: Keys) -> list[str]:
    names = [line(author.text("name")) for author in stated.objects("authors", "author")]
    return [name for name in names if name]


def _pictures(item: Keys) -> list[ParsedPicture]:
    """The picture of the item, and attached pictures; banner_image only instead of a picture."""
    main = item.text("image", "bannerimage")
    attached = [
        ParsedPicture(url=part.text("url"), caption=part.text("title"), mime=part.text("mimetype"))
        for part in item.objects("attachments")
        if part.text("mimetype").lower().startswith("image/")
    ]
    return ([ParsedPicture(url=main)] if main else []) + attached
