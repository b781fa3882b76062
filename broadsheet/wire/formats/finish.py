"""The last step of every reader: a draft becomes an entry that is safe to show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from broadsheet.kit.html import canonical, resolve, sanitise
from broadsheet.wire.formats.doubts import MAY_WITHDRAW, doubts_about
from broadsheet.wire.formats.inside import MOST_PICTURES, with_pictures_inside
from broadsheet.wire.formats.limits import cut_to_size, settle_bounds
from broadsheet.wire.formats.parsed import (
    Draft,
    Enclosure,
    Entry,
    Kind,
    ParsedPicture,
    Reading,
    Signal,
    Status,
    UnreadableError,
)
from broadsheet.wire.formats.signals import (
    before_ednote,
    coded,
    is_refile,
    is_update,
    kind_of,
    withdrawn_by,
    without_ednote,
)
from broadsheet.wire.formats.text import (
    LONGEST_HEADLINE,
    LONGEST_STANDFIRST,
    has_template_marks,
    line,
    seen,
)

_ADDRESSES = frozenset({"http", "https"})
_FUTURE = timedelta(minutes=10)
_LONGEST_KEY = 500
_MOST = 5000
_Item = TypeVar("_Item")
_STATUS_OF: dict[Signal, Status] = {"withdrawal": "canceled", "hold": "withheld"}


def finish_all(
    items: Iterable[_Item], draft: Callable[[_Item], Draft], reading: Reading
) -> tuple[Entry, ...]:
    """Return the entries of *items*, each first made a draft by *draft*.

    An item that cannot be read costs only itself and is told in the problems; a feed of
    more than 5,000 items is read that far.
    """
    found = []
    for number, item in enumerate(items, start=1):
        if number > _MOST:
            reading.repaired(f"Only the first {_MOST} items were read.")
            break
        try:
            found.append(finish(draft(item), reading))
        except UnreadableError as fault:
            reading.problems.append(f"Item {number} could not be read. {fault}")
        except Exception as fault:
            reading.problems.append(
                f"Item {number} could not be read ({type(fault).__name__}: {fault})."
                " Keep the bytes and report it."
            )
    return tuple(found)


def finish(draft: Draft, reading: Reading) -> Entry:
    """Return *draft* as an entry: sanitised, in single lines, signals read, flags set."""
    link = resolve(draft.link, draft.base or reading.base, _ADDRESSES)
    link = link if link.startswith("http") else ""
    headline = line(draft.headline, LONGEST_HEADLINE)
    cut_to_size(draft, reading)
    body, text, notes = without_ednote(sanitise(draft.body, base=_body_base(draft, link, reading)))
    summary = _summary(draft, link, reading)
    told = _Told(link, headline, summary, body, notes, text)
    told.standfirst = line(summary, LONGEST_STANDFIRST)
    told.key = _bounded_key(draft.key)
    settle_bounds(draft)
    told.withdraws = draft.withdraws or withdrawn_by(f"{headline}\n{notes}\n{told.text}")
    _read_signal(draft, told, reading)
    return _entry(draft, told, reading)


@dataclass(slots=True)
class _Told:
    """What an entry says, as far as several fields depend on it."""

    link: str
    headline: str
    summary: str
    body: str
    notes: str
    text: str
    standfirst: str = ""
    key: str = ""
    withdraws: str = ""
    status: Status = "usable"
    signal: Signal = ""
    kind: Kind = "news"
    is_coded: bool = False
    doubts: list[str] = field(default_factory=list)


def _read_signal(draft: Draft, told: _Told, reading: Reading) -> None:
    """Where the format states a status a coded headline only asks for another (case 39)."""
    found = coded(told.headline)
    asks = found in _STATUS_OF and reading.has_status
    told.signal = draft.signal or ("" if asks else found) or ("advisory" if told.withdraws else "")
    told.is_coded = bool(found) and not draft.signal
    told.status = (
        draft.status if draft.status != "usable" else _STATUS_OF.get(told.signal, "usable")
    )
    if told.status == "usable":
        told.kind = kind_of(told.signal, told.standfirst, told.text)
        told.doubts = [MAY_WITHDRAW] if asks else doubts_about(told.headline, told.text)


def _entry(draft: Draft, told: _Told, reading: Reading) -> Entry:
    around = _picture_base(draft, told.link, reading)
    ednote = line(draft.ednote)
    return Entry(
        id=told.key,
        aliases=_aliases(draft, told.key, told.link),
        version=line(draft.version, 100),
        status=told.status,
        signal=told.signal,
        title=told.headline,
        summary_html=told.summary,
        body_html=told.body,
        authors=_unique([line(name, 200) for name in draft.authors]),
        dateline=line(draft.dateline, 200),
        language=line(draft.language, 35).replace("_", "-"),
        url=told.link,
        agency=line(draft.agency, 200),
        credit=line(draft.credit, 500),
        usage_terms=line(draft.usage_terms),
        note=before_ednote(ednote),
        ednote="\n".join(part for part in (ednote, told.notes) if part),
        categories=_unique([line(name, 100) for name in draft.categories]),
        topics=_unique([line(code, 100) for code in draft.topics]),
        urgency=draft.urgency,
        published=draft.published,
        updated=draft.updated,
        embargo=draft.embargo,
        expires=draft.expires,
        date_as_sent=_date_as_sent(draft),
        withdraws=line(told.withdraws, 500) if told.withdraws != told.key else "",
        evolved_from=_bounded_key(draft.evolved_from),
        slugline=line(draft.slugline, 200),
        pictures=_pictures(draft, told, reading),
        withdrawn_pictures=_addresses(draft.withdrawn_pictures, around),
        enclosures=_enclosures(draft.enclosures, around) if draft.enclosures else (),
        kind=told.kind,
        flags=_flags(draft, told, reading),
        has_status=reading.has_status,
    )


def _date_as_sent(draft: Draft) -> str:
    """The wire's own writing, where nothing can be told from it or it lies ahead."""
    dates = (draft.published, draft.updated)
    is_told = any(dates) and not any(map(_is_ahead, dates))
    return "" if is_told else line(draft.date_as_sent, 80)


def _body_base(draft: Draft, link: str, reading: Reading) -> str | None:
    """xml:base, then the item's link, then the feed's address; in a folder only the first."""
    stated = draft.body_base or draft.base
    if stated or (reading.url or "").lower().startswith("file:"):
        return stated
    return link or reading.base


def _picture_base(draft: Draft, link: str, reading: Reading) -> str | None:
    """As for the body, but a picture that came without an address names a file beside it."""
    if draft.base or reading.base is None:
        return draft.base
    return link or reading.base


def _summary(draft: Draft, link: str, reading: Reading) -> str:
    """The summary as sanitised HTML, without what is addressed to editors."""
    stated = before_ednote(draft.standfirst)
    return sanitise(stated, base=_body_base(draft, link, reading)) if stated.strip() else ""


def _bounded_key(key: str) -> str:
    """A key is kept as stated; one too long for a column is replaced by its hash."""
    if not key:
        return ""
    key = " ".join((key if key.isprintable() else seen(key)).split())
    if len(key) <= _LONGEST_KEY:
        return key
    return "sha256:" + sha256(key.encode("utf-8", "replace")).hexdigest()


def _aliases(draft: Draft, key: str, link: str) -> tuple[str, ...]:
    found = [f"link:{known}" for url in (link, *draft.links) if (known := canonical(url))]
    if key:
        found.append(f"id:{canonical(key) or key}")
    return _unique(found + [_bounded_key(alias) for alias in draft.aliases])


def _unique(names: list[str]) -> tuple[str, ...]:
    if len(names) < 2:
        return tuple(name for name in names if name)
    return tuple(dict.fromkeys(name for name in names if name))


def _pictures(draft: Draft, told: _Told, reading: Reading) -> tuple[ParsedPicture, ...]:
    """The item's own pictures, then those that its text shows; 100 of them."""
    base = _picture_base(draft, told.link, reading)
    found: dict[str, ParsedPicture] = {}
    for picture in draft.pictures:
        url = resolve(picture.url, base, _ADDRESSES)
        if url and url not in found:
            found[url] = replace(picture, url=url)
    withdrawn = _addresses(draft.withdrawn_pictures, base)
    shown = with_pictures_inside(found.values(), withdrawn, (told.body, told.summary))
    if len(shown) > MOST_PICTURES:
        reading.repaired(f"Only the first {MOST_PICTURES} pictures of an item were noted.")
    return tuple(_in_lines(picture) for picture in shown[:MOST_PICTURES])


def _in_lines(picture: ParsedPicture) -> ParsedPicture:
    return ParsedPicture(
        url=picture.url,
        credit=line(picture.credit, 300),
        caption=line(picture.caption),
        alt=line(picture.alt, 500),
        terms=line(picture.terms),
        mime=line(picture.mime, 100).lower(),
        width=picture.width,
        height=picture.height,
        copyright=line(picture.copyright, 300),
        expires=picture.expires,
        inside=picture.inside,
        guid=_bounded_key(picture.guid),
    )


def _addresses(stated: list[str], base: str | None) -> tuple[str, ...]:
    found = (
        f"id:{_bounded_key(name[3:])}" if name[:3] == "id:" else resolve(name, base, _ADDRESSES)
        for name in stated
    )
    return tuple(dict.fromkeys(address for address in found if address))


def _enclosures(enclosures: list[Enclosure], base: str | None) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for enclosure in enclosures:
        url = resolve(enclosure.url, base, _ADDRESSES)
        if url.startswith("http") and url not in found:
            found[url] = Enclosure(
                url, line(enclosure.mime, 100).lower(), enclosure.length, line(enclosure.title, 300)
            )
    return tuple(found.values())


def _flags(draft: Draft, told: _Told, reading: Reading) -> tuple[str, ...]:
    headline = told.headline
    pictures = [f"{part.caption} {part.alt} {part.credit}" for part in draft.pictures]
    small = (*draft.authors, draft.dateline, draft.agency, draft.credit, draft.link)
    raw = (draft.headline, draft.standfirst, draft.body)
    seen = (headline, told.standfirst, told.text, *raw, *small, *pictures)
    stated = {
        "damaged": reading.is_damaged or any("\ufffd" in part for part in seen),
        "template-marks": any(map(has_template_marks, seen)),
        "clamped-date": _is_ahead(draft.published) or _is_ahead(draft.updated),
        "no-headline": not headline,
        "no-body": not told.text or told.text.isspace(),
        "long-headline": len(draft.headline) > LONGEST_HEADLINE
        and len(line(draft.headline)) > LONGEST_HEADLINE,
        "headline-coded": told.is_coded,
        "refile": is_refile(headline),
        "update": is_update(headline),
    }
    return _unique([*draft.flags, *told.doubts, *(name for name, is_so in stated.items() if is_so)])


def _is_ahead(moment: datetime | None) -> bool:
    return moment is not None and moment > datetime.now(UTC) + _FUTURE
