"""Fetching a feed: collect, keep the raw bytes, parse, take in; quarantine what cannot be read."""

import random
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from broadsheet.kit import clock
from broadsheet.kit.blobs import Blobs
from broadsheet.kit.say import Refusal
from broadsheet.wire import formats
from broadsheet.wire.ingest import take_in
from broadsheet.wire.models import Feed, Fetch, Outcome, Source
from broadsheet.wire.rules import summary
from broadsheet.wire.transports import UnknownLocation, transport_for
from broadsheet.wire.transports.backoff import backoff
from broadsheet.wire.transports.base import Arrival, Collected

LEASE = timedelta(seconds=90)
"""Longer than a fetch may take; a killed process holds a feed no longer than this."""


class FeedBusy(Refusal):
    """Another process is fetching this feed."""


@dataclass(slots=True)
class Report:
    """What one fetch of a feed brought, for `wire fetch`; `problems` are sentences."""

    feed: str
    fetched: int = 0
    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    rejected: int = 0
    repaired: int = 0
    problems: tuple[str, ...] = ()
    again_at: datetime | None = None


def line(report: Report) -> str:
    """One line for the command."""
    return f"{report.feed}: {summary(asdict(report))}"


def add_reports(first: Report, second: Report) -> Report:
    """Two fetches of a feed as one."""
    for name in ("fetched", "new", "updated", "withdrawn", "rejected", "repaired", "problems"):
        setattr(second, name, getattr(first, name) + getattr(second, name))
    return second


def blobs() -> Blobs:
    """Where raw bytes are kept."""
    return Blobs(settings.HOME / "blobs")


def add_feed(
    name: str, location: str, *, agency: str = "", format: str = "auto", zone: str = "UTC"
) -> Feed:
    """Make a feed and, when it is new, its source.

    Raises Refusal for a location that is neither an http(s) address nor a folder, an unknown
    format, or a name that is taken.
    """
    try:
        transport_for(location)
    except UnknownLocation as error:
        raise Refusal(str(error), "Nothing was added.") from None
    if format != "auto" and format not in formats.FORMATS:
        raise Refusal(f"'{format}' is no format.", f"Known: auto, {', '.join(formats.FORMATS)}.")
    if Feed.objects.filter(name=name).exists():
        raise Refusal(f"There is a feed '{name}' already.", "Choose another name.")
    with transaction.atomic():
        agency = agency or name.replace("-", " ").title()
        source, _ = Source.objects.get_or_create(
            name=_source_name(agency), defaults={"agency": agency, "zone": zone}
        )
        return Feed.objects.create(source=source, name=name, location=location, format=format)


def _source_name(agency: str) -> str:
    return slugify(agency, allow_unicode=False)[:50] or "wire"


def claim(feed: Feed, now: datetime) -> bool:
    """Take the feed for one fetch: a conditional update with a lease, safe between processes."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return bool(Feed.objects.filter(free, pk=feed.pk).update(lease_until=now + LEASE))


def fetch(feed: Feed) -> Report:
    """Fetch now. What the other side does wrong becomes a Fetch row and a problem, never an error.

    Raises FeedBusy when another process is fetching this very feed.
    """
    now = clock.now()
    if not claim(feed, now):
        raise FeedBusy(f"The feed '{feed.name}' is being fetched.", "Try again in a minute.")
    try:
        collected = transport_for(feed.location).collect(
            feed.location, feed.transport_state(), allow_hosts=settings.ENV.allow_hosts, now=now
        )
        return _take_collected(feed, collected, now)
    finally:
        Feed.objects.filter(pk=feed.pk).update(lease_until=None)


def _take_collected(feed: Feed, collected: Collected, now: datetime) -> Report:
    problems = (collected.problem,) if collected.problem else ()
    report = Report(feed=feed.name, problems=problems, again_at=collected.again_at)
    for arrival in collected.arrivals:
        count(report, take_arrival(feed, arrival))
    if collected.problem:
        Fetch.objects.create(
            feed=feed, name=feed.location, outcome=Outcome.FAILED, problems=[collected.problem]
        )
    unread = collected.arrivals and report.rejected and not (report.new or report.updated)
    failing = unread or (collected.problem and not collected.arrivals)
    failures = feed.failures + 1 if failing else 0
    Feed.objects.filter(pk=feed.pk).update(
        state=collected.state.to_json(),
        failures=failures,
        fetched_at=now,
        active=feed.active and not collected.gone,
        next_at=_next(feed, collected, failures, now),
    )
    return report


def record_failure(feed: Feed, problem: str) -> None:
    """A fetch that broke off: seen on the feed's page, tried again later, later each time."""
    failures = feed.failures + 1
    Fetch.objects.create(feed=feed, name=feed.location, outcome=Outcome.FAILED, problems=[problem])
    wait = timedelta(seconds=backoff(failures, jitter=random.random()))  # noqa: S311
    Feed.objects.filter(pk=feed.pk).update(failures=failures, next_at=clock.now() + wait)


def _next(feed: Feed, collected: Collected, failures: int, now: datetime) -> datetime:
    wait = float(feed.every)
    if failures:
        wait = max(wait, backoff(failures, jitter=random.random()))  # noqa: S311
    elif feed.is_folder:
        wait = 2
    return collected.again_at or max(now + timedelta(seconds=wait), collected.not_before or now)


def count(report: Report, fetch_: Fetch) -> None:
    """Add one document to what a fetch of the feed brought."""
    report.fetched += 1
    report.new += fetch_.new
    report.updated += fetch_.updated
    report.withdrawn += fetch_.withdrawn
    report.rejected += fetch_.rejected + (fetch_.outcome == Outcome.QUARANTINED)
    report.repaired += len(fetch_.repairs)
    report.problems += tuple(f"{fetch_.name}: {problem}" for problem in fetch_.problems)


def take_arrival(feed: Feed, arrival: Arrival) -> Fetch:
    """Keep the raw bytes, then read them. An unreadable document waits in quarantine."""
    fetch_ = Fetch.objects.create(
        feed=feed,
        at=arrival.received_at,
        name=arrival.name,
        content_type=arrival.content_type or "",
        blob=blobs().put(arrival.data),
        outcome=Outcome.QUARANTINED,
        problems=["Reading was interrupted. Replay it."],
    )
    return _read(fetch_, arrival.data, arrival.url)


def replay(fetch_: Fetch) -> Fetch:
    """Read a stored document again, as it came in. What is known already makes no new version."""
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
    taken = take_in(parsed.entries, fetch_, source)
    problems = list(parsed.problems)
    if parsed.repairs and not parsed.entries and not problems:
        problems.append("It is damaged, and no report is left in it. Ask for it to be sent again.")
    fetch_.outcome = Outcome.TAKEN if parsed.entries or not problems else Outcome.QUARANTINED
    fetch_.new, fetch_.updated = taken.new, taken.updated
    fetch_.withdrawn, fetch_.rejected = taken.withdrawn, taken.rejected
    fetch_.repairs = list(parsed.repairs)
    fetch_.problems = [*problems, *taken.problems]
    fetch_.save()
    return fetch_
