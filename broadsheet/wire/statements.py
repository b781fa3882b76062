"""What an entry states of its item, in the paper's own form: keys, names, fields, hash."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from broadsheet.kit import html
from broadsheet.wire.formats import Entry
from broadsheet.wire.formats.doubts import MAY_WITHDRAW
from broadsheet.wire.formats.signals import after_withdrawal
from broadsheet.wire.formats.text import LONGEST_STANDFIRST, line
from broadsheet.wire.likeness import words
from broadsheet.wire.models import Alias, Source, Version
from broadsheet.wire.rules import Told, bounded, headline_without_code, standfirst_apart


class Known(NamedTuple):
    """The newest version of an item, without its text."""

    pk: int
    content_hash: str
    wire_version: str
    embargo_until: datetime | None
    expires: datetime | None
    facts_hash: str
    feed: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """An entry with the names it may be known by.

    Without a key it cannot be told from others. `fields` are a Version's.
    """

    entry: Entry
    trusted: str
    names: tuple[str, ...]
    fields: dict[str, Any]
    digest: str
    facts: str

    @property
    def key(self) -> str:
        """What a new item of it is known by from now on."""
        return next(_keys(self.entry, self.trusted), "")

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys it may be known by, the best first."""
        return tuple(_keys(self.entry, self.trusted))

    def is_id(self, key: str) -> bool:
        """Whether a key is the agency's own id, not a link or a headline."""
        return bool(self.trusted) and key == self.trusted[:500]

    def rank(self, alias: Alias) -> tuple[bool, int]:
        """By which of its names an item is to be found first: ids before links."""
        return alias.value.startswith("link:"), self.names.index(alias.value)

    @property
    def told(self) -> Told:
        """What recognises its report."""
        entry = self.entry
        signal = entry.signal or ("withdrawal" if MAY_WITHDRAW in entry.flags else "")
        return told_of(self.fields, entry.status, signal, entry.version)

    def has_new_facts(self, newest: "Version | Known", brought_by: int | None, feed: int) -> bool:
        """Whether what always follows the wire differs from the newest version.

        By a later number, or from the feed that brought that version: another one often states
        less (a section's feed has other categories than the paper's).
        """
        if newest.facts_hash in ("", self.facts):
            return False
        return brought_by in (None, feed) or is_later(newest, self.entry)

    def withdraws(self, headlines: Iterable[str]) -> bool:
        """Whether it is a code before a headline of this very item ("KILL: Ferry sails"), in a
        format that has no other way to withdraw.
        """
        entry = self.entry
        if entry.has_status or MAY_WITHDRAW not in entry.flags:
            return False
        named = words(headline_without_code(after_withdrawal(entry.title)))
        return bool(named) and any(words(headline) == named for headline in headlines)

    def as_withdrawal(self) -> "Statement":
        """The same as a withdrawal."""
        flags = tuple(flag for flag in self.entry.flags if flag != MAY_WITHDRAW)
        entry = replace(self.entry, status="canceled", signal="withdrawal", flags=flags)
        return replace(self, entry=entry, digest=_digest(entry, self.fields))


def statement_of(entry: Entry, source: Source, untrusted: frozenset[str]) -> Statement:
    """The statement of an entry; an id in `untrusted` is none."""
    trusted = entry.id if entry.id not in untrusted else ""
    fields = _fields(entry, source)
    return Statement(
        entry,
        trusted,
        _names(entry, trusted),
        fields,
        _digest(entry, fields),
        _facts(entry, fields),
    )


def told_of(fields: Mapping[str, Any], status: str, signal: str, number: str) -> Told:
    """What recognises a report, from the fields of a version."""
    text = f"{fields.get('standfirst', '')} {html.plain(str(fields.get('body', '')))}"
    link = html.canonical(str(fields.get("link", "")))
    return Told(str(fields.get("headline", "")), text, link, status, signal, number)


def told_by(version: Version) -> Told:
    """What recognises the report of a version."""
    return told_of(version.fields, version.status, version.signal, version.wire_version)


def _keys(entry: Entry, trusted: str) -> Iterator[str]:
    """The agency's id, else the link, else headline and date (docs/cases.md, 14).

    A withdrawal must name what it withdraws: headline and date are no name (case 41).
    """
    if trusted:
        yield trusted[:500]
    if entry.url:
        yield (html.canonical(entry.url) or entry.url)[:500]
    if entry.title and entry.status != "canceled":
        yield "made:" + html.content_hash({"headline": entry.title, "at": entry.published})


def _names(entry: Entry, trusted: str) -> tuple[str, ...]:
    own = {f"id:{trusted}", f"id:{html.canonical(trusted) or trusted}"} if trusted else set()
    stated = [name for name in entry.aliases if trusted or not name.startswith("id:")]
    return tuple(dict.fromkeys(name[:1000] for name in (*sorted(own), *stated)))


def _fields(entry: Entry, source: Source) -> dict[str, Any]:
    return {
        "headline": headline_without_code(entry.title),
        "headline_as_sent": entry.title,
        "standfirst": _standfirst(entry),
        "body": entry.body_html,
        "byline": ", ".join(entry.authors),
        "dateline": entry.dateline,
        "link": entry.url,
        "agency": entry.agency,
        "credit": entry.credit or source.credit_line,
        "usage_terms": entry.usage_terms,
        "ednote": entry.ednote,
        "note": entry.note,
        "updated": entry.updated.isoformat() if entry.updated else "",
        "language": entry.language or source.language,
        "categories": list(entry.categories),
        "topics": list(entry.topics),
        "slugline": entry.slugline,
        "evolved_from": entry.evolved_from,
        "date_as_sent": entry.date_as_sent,
        "withdraws": entry.withdraws,
        "pictures": [_picture(picture) for picture in entry.pictures],
        "withdrawn_pictures": list(entry.withdrawn_pictures),
        "enclosures": [asdict(enclosure) for enclosure in entry.enclosures],
    }


_UNSEEN = ("inside", "guid")
"""What is kept of a picture when there is any, and no reader sees."""


def _standfirst(entry: Entry) -> str:
    standfirst = line(entry.summary_html, LONGEST_STANDFIRST)
    blocks = html.paragraphs(entry.body_html) if standfirst else []
    return standfirst_apart(standfirst, html.plain(blocks[0]) if blocks else "")


def _picture(picture: Any) -> dict[str, Any]:
    names = ("url", "credit", "caption", "alt", "terms", "mime", "width", "height", "copyright")
    ends = picture.expires.isoformat() if picture.expires else ""
    stated = {name: getattr(picture, name) for name in names} | {"expires": ends}
    unseen = {name: value for name in _UNSEEN if (value := getattr(picture, name))}
    return stated | unseen


def _digest(entry: Entry, fields: Mapping[str, Any]) -> str:
    """A hash over what readers would see, so that attribute order or spaces make no version."""
    seen = {name: fields[name] for name in ("headline", "standfirst", "body", "dateline")}
    seen["pictures"] = [
        {name: value for name, value in picture.items() if name not in _UNSEEN}
        for picture in fields["pictures"]
    ]
    # Addresses of sound and film often carry a token of the day behind the question mark.
    if files := [one["url"].partition("?")[0] for one in fields["enclosures"]]:
        seen["enclosures"] = files
    return html.content_hash(seen | {"status": entry.status, "signal": entry.signal})


def _facts(entry: Entry, fields: Mapping[str, Any]) -> str:
    """A hash over what follows the wire whatever staff own (wire.md, section 6), in any order."""
    names = ("byline", "credit", "usage_terms", "ednote", "note", "slugline")
    kept = {name: fields[name] for name in names}
    listed = {name: sorted(map(str, fields[name])) for name in ("categories", "topics")}
    return html.content_hash(kept | listed | {"urgency": entry.urgency})


def age_of(entry: Entry) -> datetime | None:
    """When the wire says it last changed it."""
    return entry.updated or entry.published


def moved_in_time(newest: Version | Known, entry: Entry) -> bool:
    """Whether embargo or expiry changed by an entry."""
    return bounds_after(newest, entry) != (newest.embargo_until, newest.expires)


def bounds_after(
    newest: Version | Known | None, entry: Entry
) -> tuple[datetime | None, datetime | None]:
    """Embargo and expiry after an entry: as stated, else as they stood (docs/cases.md, 48).

    What is not stated changes nothing, since another transport may not carry it; only a later
    version of the wire's own numbering takes it back.
    """
    stated = bounded(entry.embargo), entry.expires
    if newest is None or is_later(newest, entry):
        return stated
    return stated[0] or newest.embargo_until, stated[1] or newest.expires


def is_later(newest: Version | Known, entry: Entry) -> bool:
    """Whether an entry has a later number of the wire's own."""
    numbers = newest.wire_version, entry.version
    return all(n.isdigit() for n in numbers) and int(entry.version) > int(newest.wire_version)
