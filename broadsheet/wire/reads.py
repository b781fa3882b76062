"""How the feeds are, for the desk's screens: a row for each, a line for each fetch, the alarm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.kit import clock
from broadsheet.wire.models import Feed, Fetch, Outcome
from broadsheet.wire.rhythm import is_believed
from broadsheet.wire.rules import feed_state, shown_location

DAY = timedelta(hours=24)
COUNTED = ("new", "updated", "withdrawn", "rejected")
URGENT = ("ended", "failing", "quiet", "never", "well", "paused")
"""States of a feed, in the order in which the list shows them."""

NEEDS = Q(active=True) & (Q(quiet_since__isnull=False) | Q(failures__gte=3))
ENDED = Q(active=False) & ~Q(problem="")
TONES = {"well": "good", "quiet": "bad", "failing": "bad", "ended": "bad", "never": "warn",
         "paused": "quiet"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed as the list shows it. `tone` colours the state; the counts are of the last day;
    `moved_to` is an address to be proposed, or "".
    """

    pk: int
    name: str
    agency: str
    location: str
    state: str
    label: str
    tone: str
    since: datetime | None
    fetched_at: datetime | None
    next_at: datetime | None
    rhythm: str
    problem: str
    moved_to: str
    counts: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class FetchLine:
    """One line of a feed's log: a document, or a run of `times` fetches that brought none."""

    pk: int
    name: str
    at: datetime
    since: datetime | None
    times: int
    outcome: str
    tone: str
    milliseconds: int | None
    size: int | None
    status: int | None
    counts: tuple[int, int, int, int, int]
    repairs: tuple[str, ...]
    problems: tuple[str, ...]
    kept: bool
    replayed_at: datetime | None


def feed_rows(state: str = "") -> list[FeedRow]:
    """All feeds, or those in a state; who needs somebody comes first. Two queries."""
    feeds = Feed.objects.select_related("source").defer("state", "moments", "hours")
    counts = day_counts()
    rows = [feed_row(feed, counts.get(feed.pk, {})) for feed in feeds.order_by("name")]
    shown = [row for row in rows if state in ("", row.state)]
    return sorted(shown, key=lambda row: URGENT.index(row.state))


def day_counts(feed: Feed | None = None) -> dict[int, Mapping[str, Any]]:
    """What each feed, or this one, brought in the last 24 hours."""
    recent = Fetch.objects.filter(at__gte=clock.now() - DAY).order_by()
    recent = recent.filter(feed=feed) if feed else recent
    sums = {name: Sum(name) for name in COUNTED}
    rows = recent.values("feed").annotate(
        **sums,
        waiting=Count("pk", filter=Q(outcome=Outcome.QUARANTINED)),
        repaired=Count("pk", filter=~Q(repairs=[])),
    )
    return {row["feed"]: dict(row) for row in rows}


def feed_row(feed: Feed, counts: Mapping[str, Any]) -> FeedRow:
    """A feed as a row."""
    state = feed_state(feed.active, feed.problem, feed.failures, feed.fetched_at, feed.quiet_since)
    new, updated, withdrawn, rejected = (counts.get(name) or 0 for name in COUNTED)
    believed = is_believed(feed.moved_seen, feed.moved_since, clock.now())
    return FeedRow(
        pk=feed.pk,
        name=feed.name,
        agency=feed.source.agency,
        location=shown_location(feed.location),
        state=state,
        label=states()[state],
        tone=TONES[state],
        since=_since(feed, state),
        fetched_at=feed.fetched_at,
        next_at=feed.next_at if feed.active else None,
        rhythm=pace(feed.rhythm),
        problem=feed.problem,
        moved_to=shown_location(feed.moved_to) if believed else "",
        counts=(new, updated, withdrawn, rejected + (counts.get("waiting") or 0),
                counts.get("repaired") or 0),
    )  # fmt: skip


def states() -> dict[str, str]:
    """The states with their names, in the language in force."""
    return {
        "ended": _("ended"),
        "failing": _("failing"),
        "quiet": _("strangely quiet"),
        "never": _("never fetched"),
        "well": _("well"),
        "paused": _("paused"),
    }


def _since(feed: Feed, state: str) -> datetime | None:
    if state == "failing":
        return feed.failing_since
    return feed.published_at if state == "quiet" else None


def pace(seconds: int | None) -> str:
    """How often a feed publishes: "every 10 minutes"; "" when that is not known."""
    if seconds is None:
        return ""
    if seconds < 90 * 60:
        number = max(1, round(seconds / 60))
        return ngettext("every minute", "every %(n)d minutes", number) % {"n": number}
    if seconds < 36 * 3600:
        number = max(1, round(seconds / 3600))
        return ngettext("every hour", "every %(n)d hours", number) % {"n": number}
    number = max(1, round(seconds / 86_400))
    return ngettext("every day", "every %(n)d days", number) % {"n": number}


def log(feed: Feed) -> QuerySet[Fetch]:
    """A feed's fetches, the newest first."""
    return Fetch.objects.filter(feed=feed).order_by("-at", "-id")


LINE_TONES: Mapping[str, str] = {
    Outcome.TAKEN: "good",
    Outcome.UNCHANGED: "quiet",
    Outcome.FAILED: "bad",
    Outcome.QUARANTINED: "warn",
}


def fetch_line(fetch: Fetch) -> FetchLine:
    """A fetch as a line."""
    return FetchLine(
        pk=fetch.pk,
        name=fetch.name,
        at=fetch.at,
        since=fetch.since,
        times=fetch.times,
        outcome=str(Outcome(fetch.outcome).label),
        tone=LINE_TONES[fetch.outcome],
        milliseconds=None if fetch.seconds is None else round(fetch.seconds * 1000),
        size=fetch.size,
        status=fetch.status,
        counts=(fetch.new, fetch.updated, fetch.withdrawn, fetch.rejected, len(fetch.repairs)),
        repairs=tuple(_(text) for text in fetch.repairs),
        problems=tuple(_(text) for text in fetch.problems),
        kept=bool(fetch.blob),
        replayed_at=fetch.replayed_at,
    )


def in_need() -> dict[str, Any]:
    """How many feeds need somebody: strangely quiet, failing three times in a row, ended."""
    return Feed.objects.aggregate(
        quiet=Count("pk", filter=Q(active=True, quiet_since__isnull=False)),
        failing=Count("pk", filter=Q(active=True, failures__gte=3)),
        ended=Count("pk", filter=ENDED),
        all=Count("pk", filter=NEEDS | ENDED),
    )
