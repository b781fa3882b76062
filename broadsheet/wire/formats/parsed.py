"""What reading a feed gives: entries, what was repaired, what stood in the way."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Literal

Status = Literal["usable", "withheld", "canceled"]
Signal = Literal["", "correction", "clarification", "withdrawal", "hold", "advisory", "test"]
Kind = Literal["news", "advisory", "test", "teaser"]


class UnreadableError(Exception):
    """The bytes are no feed we can read; the message says why and what to do.

    ``format`` is what they are instead, as far as that is known.
    """

    def __init__(self, message: str, format: str = "unknown") -> None:
        super().__init__(message)
        self.format = format


@dataclass(frozen=True, slots=True)
class ParsedPicture:
    """A picture the wire sent with an entry, with the credit that belongs to it.

    ``expires`` is when the wire's rights in it end, if it says so; ``inside`` that it stands in
    the body, with no word of the item's own about it; ``guid`` the agency's own id of it.
    """

    url: str
    credit: str = ""
    caption: str = ""
    alt: str = ""
    terms: str = ""
    mime: str = ""
    width: int | None = None
    height: int | None = None
    copyright: str = ""
    expires: datetime | None = None
    inside: bool = False
    guid: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that comes with an entry: sound, film, a document, or a picture in full size.

    ``length`` is in bytes as the feed states it; never trusted, never fetched here. ``mime``
    may be as little as "video/*".
    """

    url: str
    mime: str = ""
    length: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as one feed states it, safe to show and not yet judged.

    ``id`` is the identity the feed states, ``aliases`` are further ones, each with its kind
    in front ("link:https://…"). ``version`` is the wire's own label. ``title`` is plain text,
    ``summary_html`` and ``body_html`` are sanitised HTML. ``note`` is what the agency says of
    the change, ``ednote`` also holds what was cut from the body: that is for editors only.
    ``topics`` are the codes of the subjects as QCodes ("medtop:04000000", an agency's own too)
    beside ``categories``, their names.
    Instants keep the offset and the zone name as stated. ``urgency`` is 1 (most urgent) to 9.
    ``date_as_sent`` is the wire's own writing of a date that lies ahead or could not be read,
    else "". ``withdraws`` is the id or slug of another item that this text withdraws ("Please
    kill item dpa 157"), ``evolved_from`` the id of the item that this one continues,
    ``slugline`` the agency's own name for the story. A ``teaser`` has no body, or only its
    summary again. ``withdrawn_pictures`` are addresses, or ids with "id:" in front.
    ``has_status``: the format states the status, so that no headline may change it.
    """

    id: str = ""
    aliases: tuple[str, ...] = ()
    version: str = ""
    status: Status = "usable"
    signal: Signal = ""
    title: str = ""
    summary_html: str = ""
    body_html: str = ""
    authors: tuple[str, ...] = ()
    dateline: str = ""
    language: str = ""
    url: str = ""
    agency: str = ""
    credit: str = ""
    usage_terms: str = ""
    ednote: str = ""
    note: str = ""
    categories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    urgency: int | None = None
    published: datetime | None = None
    updated: datetime | None = None
    embargo: datetime | None = None
    expires: datetime | None = None
    date_as_sent: str = ""
    withdraws: str = ""
    evolved_from: str = ""
    slugline: str = ""
    pictures: tuple[ParsedPicture, ...] = ()
    withdrawn_pictures: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    kind: Kind = "news"
    flags: tuple[str, ...] = ()
    has_status: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A feed as read. Problems and no entries: the caller puts the bytes in quarantine."""

    format: str
    entries: tuple[Entry, ...] = ()
    repairs: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    title: str = ""
    language: str = ""


@dataclass(slots=True)
class Reading:
    """The one reading of one feed: where it came from, and what had to be mended.

    ``utf8`` is its text in UTF-8, once it was decoded, ``stated`` what its JSON says, once it
    was loaded; ``has_status`` that its format has a field for the status of an item.
    """

    url: str | None = None
    zone: tzinfo = UTC
    repairs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_damaged: bool = False
    utf8: bytes = b""
    stated: object = None
    has_status: bool = False

    def repaired(self, sentence: str) -> None:
        """Record a repair once."""
        if sentence not in self.repairs:
            self.repairs.append(sentence)

    @property
    def base(self) -> str | None:
        """The http(s) address that relative ones are joined to, if there is one."""
        is_web = (self.url or "").lower().startswith(("http://", "https://"))
        return self.url if is_web else None


@dataclass(slots=True)
class Draft:
    """An entry as a format's reader finds it: raw strings, HTML not yet sanitised.

    ``embargo_as_sent`` and ``expires_as_sent`` are the wire's own writing. None: there is no
    embargo; "": there is one without a moment.
    """

    key: str = ""
    link: str = ""
    links: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    version: str = ""
    status: Status = "usable"
    signal: Signal = ""
    headline: str = ""
    standfirst: str = ""
    body: str = ""
    authors: list[str] = field(default_factory=list)
    dateline: str = ""
    language: str = ""
    agency: str = ""
    credit: str = ""
    usage_terms: str = ""
    ednote: str = ""
    categories: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    urgency: int | None = None
    published: datetime | None = None
    updated: datetime | None = None
    embargo: datetime | None = None
    embargo_as_sent: str | None = None
    expires: datetime | None = None
    expires_as_sent: str = ""
    date_as_sent: str = ""
    withdraws: str = ""
    evolved_from: str = ""
    slugline: str = ""
    pictures: list[ParsedPicture] = field(default_factory=list)
    withdrawn_pictures: list[str] = field(default_factory=list)
    enclosures: list[Enclosure] = field(default_factory=list)
    base: str | None = None
    body_base: str | None = None
    flags: list[str] = field(default_factory=list)
