"""The alarm: a feed has gone strangely quiet, or its server says that it has ended."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from broadsheet.accounts.models import User
from broadsheet.accounts.outbox import queue
from broadsheet.kit import clock
from broadsheet.look.parts import PaperView
from broadsheet.look.strict import View
from broadsheet.wire.models import Feed
from broadsheet.wire.rhythm import is_quiet


@dataclass(frozen=True, slots=True)
class Alarm(View):
    """What a mail says of one feed; `since` is when it last published, in the paper's zone."""

    name: str
    agency: str
    since: datetime | None
    problem: str
    ended: bool


def watch(paper: PaperView) -> int:
    """Note feeds that have gone quiet, and mail the publisher about each spell once.

    Returns how many feeds the mail names.
    """
    now = clock.now()
    watched = Feed.objects.filter(active=True, quiet_since=None, rhythm__isnull=False)
    for feed in watched.select_related("source"):
        if is_quiet(*silence(feed, now), feed.rhythm, feed.hours):
            Feed.objects.filter(pk=feed.pk, quiet_since=None).update(quiet_since=now)
    return _tell(paper, now)


def silence(feed: Feed, now: datetime) -> tuple[datetime, datetime]:
    """Since when a feed has brought nothing, and now, both in its own zone."""
    zone = ZoneInfo(feed.source.zone)
    since = max(feed.published_at or feed.watched_since, feed.watched_since)
    return since.astimezone(zone), now.astimezone(zone)


def _tell(paper: PaperView, now: datetime) -> int:
    strange = Q(quiet_since__isnull=False) | (Q(active=False) & ~Q(problem=""))
    with transaction.atomic():
        untold = Feed.objects.filter(strange, told_at=None).select_for_update(of=("self",))
        feeds = list(untold.select_related("source").order_by("name"))
        if not feeds:
            return 0
        Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).update(told_at=now)
        names = {"alarms": [_alarm(feed, paper) for feed in feeds],
                 "url": f"{paper.origin}/desk/feeds/"}  # fmt: skip
        for publisher in User.objects.filter(is_superuser=True, is_active=True):
            queue(publisher.email, "wire/mail/feeds", names, paper=paper)
    return len(feeds)


def _alarm(feed: Feed, paper: PaperView) -> Alarm:
    last = feed.published_at
    return Alarm(
        name=feed.name,
        agency=feed.source.agency,
        since=last.astimezone(ZoneInfo(paper.zone)) if last else None,
        problem=feed.problem,
        ended=not feed.active,
    )
