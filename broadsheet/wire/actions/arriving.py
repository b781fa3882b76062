"""A document arrives: its raw bytes are kept, then it is read; what cannot be read waits."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.db.models.functions import Coalesce

from broadsheet.kit import clock
from broadsheet.kit.blobs import Blobs
from broadsheet.wire import formats, rhythm
from broadsheet.wire.formats import Entry
from broadsheet.wire.formats.text import seen
from broadsheet.wire.ingest import take_in
from broadsheet.wire.models import BY_MAIL, Feed, Fetch, Outcome
from broadsheet.wire.transports.base import Arrival

MOST_ENTRIES = 2000
"""Reports taken from one document, the newest first: no agency files more between two fetches."""


_LONE = re.compile("[\ud800-\udfff]")
LONGEST_NAME, LONGEST_TYPE = 2000, 200
"""Characters kept of what a server calls a document, and of the type it states."""


def blobs() -> Blobs:
    """Where raw bytes are kept."""
    return Blobs(settings.HOME / "blobs")


def take_arrival(
    feed: Feed, arrival: Arrival, *, seconds: float | None = None, status: int | None = None
) -> Fetch:
    """Keep the raw bytes, then read them. An unreadable document waits in quarantine, and so does
    one that cannot be taken in: it keeps no other from coming. Raises what the storage raises
    (OSError, OperationalError): then nothing is wrong with the document, and it comes again.

    The same unreadable bytes again (a login page, at every fetch) are read once more under the
    row that waits already. `seconds` and `status` are of the answer that brought the document.
    """
    arrival = storable(arrival)
    blob = blobs().put(arrival.data)
    fetch_ = _waiting(feed, blob, arrival) or Fetch(
        feed=feed,
        name=arrival.name,
        content_type=arrival.content_type or "",
        blob=blob,
        outcome=Outcome.QUARANTINED,
        problems=["Reading was interrupted. Replay it."],
    )
    fetch_.at, fetch_.size = arrival.received_at, len(arrival.data)
    fetch_.seconds, fetch_.status = seconds, status or None
    fetch_.save()
    try:
        _read(fetch_, arrival.data, arrival.url)
        _note_rhythm(feed, fetch_)
    except (OperationalError, InterfaceError, OSError):
        raise
    except Exception as fault:
        _set_aside(fetch_, fault)
    return fetch_


def storable(arrival: Arrival) -> Arrival:
    """With a name and a type that any database takes: a server may send any bytes as both."""
    return replace(
        arrival,
        name=_storable(arrival.name, LONGEST_NAME),
        content_type=_storable(arrival.content_type or "", LONGEST_TYPE) or None,
    )


def _storable(text: str, most: int) -> str:
    """Bytes in another charset stand in a name as lone surrogates (PEP 383): shown as "�"."""
    return seen(_LONE.sub("\ufffd", text))[:most]


def _set_aside(fetch_: Fetch, fault: Exception) -> None:
    """What cannot be taken in waits with its reason; reports in it that were taken stay."""
    kept = Fetch.objects.get(pk=fetch_.pk)
    reason = (
        f"It could not be taken in ({type(fault).__name__}: {fault}). Report it, then replay it."
    )
    kept.outcome, kept.problems = Outcome.QUARANTINED, [_storable(reason, 500)]
    kept.save(update_fields=["outcome", "problems"])
    fetch_.refresh_from_db()


def _waiting(feed: Feed, blob: str, arrival: Arrival) -> Fetch | None:
    waiting = Fetch.objects.filter(
        feed=feed, blob=blob, name=arrival.name, outcome=Outcome.QUARANTINED
    )
    once_more = waiting.update(times=F("times") + 1, since=Coalesce("since", "at"))
    return waiting.first() if once_more else None


def replay(fetch_: Fetch) -> Fetch:
    """Read a stored document again, as it came in. What is known already makes no new version.

    Raises FileNotFoundError when its raw bytes are no longer kept.
    """
    if not fetch_.blob:
        raise FileNotFoundError("The document is no longer kept.")
    url = None if fetch_.feed.is_folder else _address(fetch_)
    fetch_.replayed_at = clock.now()
    return _read(fetch_, blobs().get(fetch_.blob), url)


def _address(fetch_: Fetch) -> str:
    """Where a document came from, as far as relative links need it: without its query."""
    return f"{urlsplit(fetch_.feed.location).scheme}://{fetch_.name}"


def _read(fetch_: Fetch, data: bytes, url: str | None) -> Fetch:
    source = fetch_.feed.source
    parsed = formats.parse(
        data,
        content_type=fetch_.content_type or None,
        url=url,
        format=fetch_.feed.format,
        zone=ZoneInfo(source.zone),
    )
    taken = take_in(marked(newest(parsed.entries), fetch_.feed), fetch_, source)
    problems = list(parsed.problems)
    if parsed.repairs and not parsed.entries and not problems:
        problems.append("It is damaged, and no report is left in it. Ask for it to be sent again.")
    if len(parsed.entries) > MOST_ENTRIES:
        problems.append(
            f"It holds {len(parsed.entries)} reports; the newest {MOST_ENTRIES} were taken. "
            "Ask the agency for a feed of what is new."
        )
    fetch_.outcome = Outcome.TAKEN if parsed.entries or not problems else Outcome.QUARANTINED
    fetch_.new, fetch_.updated = taken.new, taken.updated
    fetch_.withdrawn, fetch_.rejected = taken.withdrawn, taken.rejected
    fetch_.repairs = list(parsed.repairs)
    fetch_.problems = [*problems, *taken.problems]
    fetch_.save()
    return fetch_


def marked(entries: tuple[Entry, ...], feed: Feed) -> tuple[Entry, ...]:
    """What came by mail is flagged, unless the publisher trusts this mailbox: the desk decides."""
    if feed.vouches:
        return entries
    return tuple(replace(entry, flags=(*entry.flags, BY_MAIL)) for entry in entries)


def newest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """At most `MOST_ENTRIES`; by date, and the first of the document where there is none."""
    if len(entries) <= MOST_ENTRIES:
        return entries
    oldest = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(entries, key=lambda e: e.updated or e.published or oldest, reverse=True)
    return tuple(ordered[:MOST_ENTRIES])


def _note_rhythm(feed: Feed, fetch_: Fetch) -> None:
    """Remember when the feed published, for its schedule and for the alarm about its silence."""
    if not (fetch_.new or fetch_.updated or fetch_.withdrawn):
        return
    versions = fetch_.versions.values_list("number", "dated", "received_at")
    moments = [_published(*version) for version in versions]
    zone = ZoneInfo(feed.source.zone)
    feed.moments = rhythm.merged(feed.moments, (int(at.timestamp()) for at in moments))
    feed.hours = rhythm.counted(feed.hours, (at.astimezone(zone) for at in moments))
    feed.rhythm = rhythm.rhythm_of(feed.moments)
    feed.published_at = _last(moments) if feed.published_at is None else clock.now()
    feed.quiet_since = feed.told_at = None
    feed.save(update_fields=["moments", "hours", "rhythm", "published_at", "quiet_since",
                             "told_at"])  # fmt: skip


def _published(number: int, dated: datetime | None, received: datetime) -> datetime:
    """A first version carries the wire's date; of a later one only its arrival is sure."""
    return min(dated, received) if number == 1 and dated else received


def _last(moments: Iterable[datetime]) -> datetime:
    return max(moments, default=clock.now())
