"""ninjs, the IPTC's news in JSON: 3.x, and 1.x and 2.x by the same reading."""

import re
from datetime import datetime

from broadsheet.kit.html import from_text
from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.iptc import (
    SIGNAL_OF,
    best_rendition,
    signal_of,
    status_of,
    topic_of,
)
from broadsheet.wire.formats.keys import Keys, load_json
from broadsheet.wire.formats.parsed import (
    Draft,
    Enclosure,
    Parsed,
    ParsedPicture,
    Reading,
    Status,
    UnreadableError,
)
from broadsheet.wire.formats.text import line

_MARKS = ("uri", "guid", "headline", "headlines", "bodies", "bodytext", "bodyhtml", "bodyxhtml")
_CREATED = ("firstcreated", "firstpublished", "contentcreated")
_MODIFIED = ("versioncreated", "contentmodified", "versionpublished")
_EMBARGO = ("embargoeduntil", "embargoed", "embargo")
_DATES = (*_CREATED, *_MODIFIED)
_SIGNALS = ("signals", "signal")
_GENRES = ("genres", "genre")
_NAMED = ("name", "code", "qcode", "literal", "uri")
_FOR_EDITORS = re.compile(r"\b(?:advisory|daybook)\b", re.IGNORECASE)
_RANKS = ("xhtml", "html", "plain", "text")
_PLAYED = ("audio/", "video/", "application/x-mpegurl", "application/vnd.apple.mpegurl")


def read(text: str, reading: Reading) -> Parsed:
    """Read one ninjs item, a list of them, or a list under "items".

    Raises UnreadableError when nothing in the JSON looks like a ninjs item.
    """
    stated = load_json(text, reading)
    listed = stated if isinstance(stated, list) else Keys(stated).all("items") or [stated]
    items = [keys for item in listed if isinstance(item, dict) and _is_item(keys := Keys(item))]
    if not items:
        raise UnreadableError(
            "The JSON is neither a JSON Feed nor ninjs: no item has a uri, a headline or a body."
            " Check the address or ask the agency which format it sends."
        )
    entries = finish_all(items, lambda item: _draft(item, reading), reading)
    return Parsed("ninjs", entries, tuple(reading.repairs), tuple(reading.problems))


def _is_item(item: Keys) -> bool:
    return any(name in item for name in _MARKS)


def _draft(item: Keys, reading: Reading) -> Draft:
    status, flags = status_of(item.text("pubstatus"))
    full, summary = _body(item), _description(item)
    created, updated = (_date(item, reading, *names) for names in (_CREATED, _MODIFIED))
    return Draft(
        key=item.text("uri", "guid"),
        link=item.text("url", "href", "link"),
        aliases=_other_ids(item),
        version=item.text("version"),
        status=status,
        signal=SIGNAL_OF[status] or signal_of(_signals(item)),
        headline=_headline(item),
        standfirst=summary if full else "",
        body=full or summary,
        authors=_authors(item),
        dateline=item.text("dateline", "located") or _name(item, "located", "dateline"),
        language=item.text("language"),
        agency=_name(item, "infosources") or item.text("copyrightholder", "source", "provider"),
        credit=_credit(item),
        usage_terms=item.text("usageterms"),
        ednote=item.text("ednote"),
        categories=_categories(item),
        topics=[_topic(part) for part in item.objects("subjects", "subject")],
        urgency=urgency if (urgency := item.number("urgency")) in range(1, 10) else None,
        published=created or updated,
        updated=updated,
        embargo=_date(item, reading, *_EMBARGO),
        embargo_as_sent=_embargo_as_sent(item),
        expires=_date(item, reading, "expires"),
        expires_as_sent=item.text("expires"),
        date_as_sent=item.text(*_DATES),
        evolved_from=item.text("evolvedfrom", "rewriteof"),
        slugline=item.text("slugline", "slug"),
        pictures=_pictures(item, reading),
        withdrawn_pictures=_withdrawn_pictures(item),
        enclosures=[file for part in _media(item) for file in _enclosures(part)],
        flags=flags,
    )


def _credit(item: Keys) -> str:
    """The line to stand below: ninjs 3 has no word for it but a source in that role."""
    sources = item.objects("infosources")
    roles = {role: part.text("name") for part in sources if (role := part.text("role").lower())}
    stated = item.text("creditline") or roles.get("credit") or roles.get("originator")
    return stated or item.text("copyrightnotice")


def _embargo_as_sent(item: Keys) -> str | None:
    return item.text(*_EMBARGO) if any(name in item for name in _EMBARGO) else None


def _signals(item: Keys) -> list[str]:
    """NewsML-G2 signals that some senders carry over ("sig:correction", "nmsig:test"), and a genre
    or a profile that is for editors: an advisory, a daybook.
    """
    stated = [part.text("qcode", "code", "uri", "name") for part in item.objects(*_SIGNALS)]
    genres = [part.text(name) for part in item.objects(*_GENRES) for name in _NAMED]
    genres += [*item.texts(*_GENRES), item.text("profile")]
    return stated + ["advisory" for genre in genres if _FOR_EDITORS.search(genre)]


def _topic(subject: Keys) -> str:
    """The code of a subject: ninjs 3 has an address or a literal, 1.x a code and a scheme."""
    code = subject.text("code", "qcode") or subject.text("uri")
    return topic_of(code, subject.text("scheme")) or topic_of(subject.text("literal"))


def _headline(item: Keys) -> str:
    headlines = _in_language(item, item.objects("headlines"))
    main = [part for part in headlines if part.text("role").lower() == "main"] or headlines
    stated = next((value for part in main if (value := part.text("value", "name"))), "")
    return stated or item.text("headline", "headlinetext", "title", "name")


def _in_language(item: Keys, parts: list[Keys]) -> list[Keys]:
    """The parts in the language of the item, where a part says another; else all of them."""
    language = item.text("language").lower().replace("_", "-")
    short = language.partition("-")[0]
    for wanted in (language, short):
        fitting = [part for part in parts if _language(part) in (wanted, "")]
        if wanted and any(map(_language, fitting)):
            return fitting
    stated = next((_language(part) for part in parts if _language(part)), "")
    return [part for part in parts if _language(part) in (stated, "")]


def _language(part: Keys) -> str:
    return part.text("language", "lang").lower().replace("_", "-")


def _body(item: Keys) -> str:
    """Return the best of the bodies as HTML: XHTML before HTML before plain text."""
    parts = _in_language(item, item.objects("bodies"))
    bodies = [(_kind(body), body.text("value")) for body in parts]
    bodies += [(name[4:], item.text(name)) for name, _ in item if name.startswith("body")]
    for rank in _RANKS:
        for kind, value in bodies:
            if kind == rank and value.strip():
                return value if rank in ("xhtml", "html") else from_text(value)
    return ""


def _kind(body: Keys) -> str:
    mime = body.text("contenttype").lower().partition(";")[0].strip()
    if mime:
        known = {"application/xhtml+xml": "xhtml", "text/html": "html", "text/plain": "plain"}
        return known.get(mime, "")
    role, value = body.text("role").lower(), body.text("value").lstrip()
    guess = "html" if value.startswith("<") and not value.startswith("<?xml") else "plain"
    return role if role in _RANKS else guess


def _description(item: Keys) -> str:
    parts = _in_language(item, item.objects("descriptions"))
    best = [part for part in parts if part.text("role").lower() in ("summary", "teaser", "lead")]
    stated = next((value for part in best or parts if (value := part.text("value", "name"))), "")
    return stated or item.text("descriptionhtml", "descriptiontext", "description")


def _authors(item: Keys) -> list[str]:
    stated = item.text("by", "byline")
    names = [part.text("name") for part in item.objects("authors", "author")]
    return [stated] if stated else [line(name) for name in names if name]


def _categories(item: Keys) -> list[str]:
    """The names of the subjects; keywords only where there are none."""
    subjects = [part.text("name") for part in item.objects("subjects", "subject")]
    return subjects if any(subjects) else item.texts("keywords")


def _other_ids(item: Keys) -> list[str]:
    found = []
    for part in item.objects("altids"):
        if value := part.text("value"):
            found.append(f"alt:{part.text('role')}:{value}")
        else:
            found += [f"alt:{role}:{value}" for role, value in part if isinstance(value, str)]
    return found


def _name(item: Keys, *names: str) -> str:
    return next((name for part in item.objects(*names) if (name := part.text("name"))), "")


def _date(item: Keys, reading: Reading, *names: str) -> datetime | None:
    dates = (read_date(item.text(name), reading.zone) for name in names)
    return next((date for date in dates if date), None)


def _status(part: Keys) -> Status:
    return status_of(part.text("pubstatus"))[0]


def _media(item: Keys) -> list[Keys]:
    """The associated things that may be used, and the item itself if it is no text.

    An associated text is another report, which the agency sends by itself if it is to be
    published (docs/cases.md, 30); it is never read as part of this one.
    """
    own = item.text("type").lower()
    parts = [part for part in item.objects("associations") if _status(part) == "usable"]
    return parts + ([item] if own in ("picture", "graphic", "audio", "video") else [])


def _enclosures(part: Keys) -> list[Enclosure]:
    """Every rendition that is sound or film."""
    kind = part.text("type").lower()
    found = []
    for rendition in part.objects("renditions"):
        mime = rendition.text("contenttype", "mimetype").lower()
        is_played = mime.startswith(_PLAYED) or (kind in ("audio", "video") and not mime)
        if is_played and (url := rendition.text("href", "url")):
            length = rendition.number("sizeinbytes") or rendition.number("filesize")
            found.append(Enclosure(url, mime, length, _headline(part)))
    return found


def _pictures(item: Keys, reading: Reading) -> list[ParsedPicture]:
    """Return the associated pictures that may be used, and the item's own if it is one."""
    found = [_picture(part, reading) for part in _media(item) if _is_picture(part)]
    return [picture for picture in found if picture]


def _withdrawn_pictures(item: Keys) -> list[str]:
    """The id and the address of every rendition of associated pictures that are canceled."""
    parts = item.objects("associations")
    gone = [part for part in parts if _is_picture(part) and _status(part) == "canceled"]
    named = [f"id:{guid}" for part in gone if (guid := part.text("uri", "guid"))]
    return named + [r.text("href", "url") for part in gone for r in part.objects("renditions")]


def _is_picture(part: Keys) -> bool:
    return part.text("type").lower() in ("picture", "graphic", "image", "photo", "")


def _picture(part: Keys, reading: Reading) -> ParsedPicture | None:
    """Return the largest rendition up to 2560 pixels wide, else the smallest, with its credit."""
    renditions = [r for r in part.objects("renditions") if _is_image(r) and r.text("href", "url")]
    best = best_rendition(renditions, lambda rendition: rendition.number("width"))
    if best is None:
        return None
    return ParsedPicture(
        url=best.text("href", "url"),
        credit=part.text("creditline", "by", "byline", "copyrightholder"),
        caption=_description(part) or part.text("caption", "bodytext"),
        alt=part.text("alttext", "alt") or _alt(part),
        terms=part.text("usageterms", "copyrightnotice"),
        mime=best.text("contenttype", "mimetype"),
        width=best.number("width"),
        height=best.number("height"),
        copyright=part.text("copyrightnotice"),
        expires=_date(part, reading, "expires"),
        guid=part.text("uri", "guid"),
    )


def _alt(part: Keys) -> str:
    described = part.objects("descriptions")
    return next((d.text("value") for d in described if d.text("role").lower() == "alt"), "")


def _is_image(rendition: Keys) -> bool:
    mime = rendition.text("contenttype", "mimetype").lower()
    return not mime or mime.startswith("image/")
