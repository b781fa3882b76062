"""Fetching a feed: claim it, ask for it, take what came, say when it is asked again."""

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from broadsheet.kit import clock
from broadsheet.kit.backoff import backoff
from broadsheet.kit.say import Refusal
from broadsheet.wire import hubs, rhythm
from broadsheet.wire.actions.arriving import take_arrival
from broadsheet.wire.actions.reporting import Report, count
from broadsheet.wire.models import Feed, Fetch, Outcome
from broadsheet.wire.rules import shown_location
from broadsheet.wire.transports import transport_for
from broadsheet.wire.transports.base import Collected, Credential

LEASE = timedelta(seconds=90)
"""Longer than a fetch may take; a killed process holds a feed no longer than this."""

FIRST_WAIT, LONGEST_WAIT = 60.0, 24 * 3600.0
"""Seconds until a feed that failed is asked again: after one failure, and after many."""

FOLDER_PAUSE = 2.0
"""Seconds between two looks into a folder; nobody else is bothered by them."""


class FeedBusy(Refusal):
    """Another process is fetching this feed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a feed answered, asked at `at`; `seconds` is how long it took."""

    collected: Collected
    at: datetime
    seconds: float


def claim(feed: Feed, now: datetime) -> bool:
    """Take the feed for one fetch: a conditional update with a lease, safe between processes."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return bool(Feed.objects.filter(free, pk=feed.pk).update(lease_until=now + LEASE))


def renew(feed: Feed, claimed_at: datetime, now: datetime) -> bool:
    """Have the claim last from now on; False when it is no longer ours."""
    mine = Feed.objects.filter(pk=feed.pk, lease_until=claimed_at + LEASE)
    return bool(mine.update(lease_until=now + LEASE))


def release(feed: Feed, claimed_at: datetime) -> None:
    """Give the feed back, unless the lease ran out and another process has it."""
    mine = Feed.objects.filter(pk=feed.pk, lease_until=claimed_at + LEASE)
    mine.update(lease_until=None)


def fetch(feed: Feed) -> Report:
    """Fetch now. What the other side does wrong becomes a Fetch row and a problem, never an error.

    Raises FeedBusy when another process is fetching this very feed.
    """
    now = clock.now()
    if not claim(feed, now):
        raise FeedBusy(f"The feed '{feed.name}' is being fetched.", "Try again in a minute.")
    try:
        feed = Feed.objects.select_related("source").get(pk=feed.pk)
        return take(feed, ask(feed, now))
    finally:
        release(feed, now)


def ask(feed: Feed, now: datetime) -> Answer:
    """Ask for what is new. No database: this may run on any thread."""
    began = time.monotonic()
    state = feed.transport_state()
    credential, missing = _credential(feed)
    if missing:
        collected = Collected((), state, problem=missing)
    else:
        collected = transport_for(feed.location).collect(
            feed.location,
            state,
            allow_hosts=settings.ENV.allow_hosts,
            now=now,
            credential=credential,
        )
    return Answer(collected, now, time.monotonic() - began)


def _credential(feed: Feed) -> tuple[Credential | None, str]:
    """What the feed signs in with, or a sentence about the secret that is not there."""
    if not feed.auth:
        return None, ""
    secret = settings.ENV.secrets.get(feed.secret)
    if secret is None:
        return None, (
            f"The secret '{feed.secret}' is not set: add a line '{feed.secret} = …' to "
            "BROADSHEET_WIRE_SECRETS, then restart."
        )
    return Credential(feed.auth, feed.auth_name, secret), ""


def take(feed: Feed, answer: Answer) -> Report:
    """Take in what came and write down how the feed is. The feed must be claimed."""
    collected = answer.collected
    problems = (collected.problem,) if collected.problem else ()
    report = Report(feed=feed.name, problems=problems, again_at=collected.again_at)
    for arrival in collected.arrivals:
        fetch_ = take_arrival(feed, arrival, seconds=answer.seconds, status=collected.status)
        count(report, fetch_)
    hubs.discover(feed, collected)
    unread = collected.arrivals and report.rejected and not (report.new or report.updated)
    failing = bool(unread or (collected.problem and not collected.arrivals))
    with transaction.atomic():
        _log(feed, answer)
        # Not if its address was changed meanwhile: all of this is about the old one.
        Feed.objects.filter(pk=feed.pk, location=feed.location).update(
            state=collected.state.to_json(),
            fetched_at=answer.at,
            ignored=F("ignored") + collected.ignored,
            **({"active": False} if collected.gone else {}),
            **_moved(feed, collected, answer.at),
            **_condition(feed, failing, " ".join(report.problems), collected, answer.at),
        )
    return report


def _log(feed: Feed, answer: Answer) -> None:
    """A line for an answer that brought no document; the same again makes the line longer."""
    collected = answer.collected
    if collected.problem:
        outcome = Outcome.FAILED
    elif collected.arrivals or feed.is_folder:
        return
    else:
        outcome = Outcome.UNCHANGED
    facts = {"at": answer.at, "seconds": answer.seconds, "size": collected.size,
             "status": collected.status or None}  # fmt: skip
    problems = [collected.problem] if collected.problem else []
    last = feed.fetches.first()
    if last and (last.outcome, last.problems, last.blob) == (outcome, problems, ""):
        again = {"times": F("times") + 1, "since": Coalesce("since", "at")}
        Fetch.objects.filter(pk=last.pk).update(**facts, **again)
        return
    name = shown_location(feed.location)
    Fetch.objects.create(feed=feed, name=name, outcome=outcome, problems=problems, **facts)


def _moved(feed: Feed, collected: Collected, at: datetime) -> dict[str, Any]:
    """How often permanent redirects have pointed to one and the same address (case 2)."""
    if collected.problem or not collected.status:
        return {}
    if not collected.moved_to:
        return {"moved_to": "", "moved_since": None, "moved_seen": 0}
    if collected.moved_to == feed.moved_to:
        return {"moved_seen": feed.moved_seen + 1}
    return {"moved_to": collected.moved_to[:2000], "moved_since": at, "moved_seen": 1}


def _condition(
    feed: Feed, failing: bool, problem: str, collected: Collected, at: datetime
) -> dict[str, Any]:
    failures = feed.failures + 1 if failing else 0
    return {
        "failures": failures,
        "failing_since": (feed.failing_since or at) if failing else None,
        "problem": problem if failing else "",
        "next_at": _next(feed, collected, failures, at),
    }


def _next(feed: Feed, collected: Collected, failures: int, now: datetime) -> datetime:
    if collected.again_at:
        return collected.again_at
    if failures:
        wait = max(float(feed.every), _backoff(failures))
    elif feed.is_folder:
        wait = FOLDER_PAUSE
    else:
        wait = rhythm.pause(feed.rhythm, collected.hint, least=feed.every, most=feed.seldom)
        if hubs.is_sending(feed, now):
            wait = max(wait, hubs.SELDOM.total_seconds())
    return max(now + timedelta(seconds=wait), collected.not_before or now)


def _backoff(failures: int) -> float:
    jitter = random.random()  # noqa: S311
    return backoff(failures, first=FIRST_WAIT, longest=LONGEST_WAIT, jitter=jitter)


def record_failure(feed: Feed, problem: str) -> None:
    """A fetch that broke off: seen on the feed's page, tried again later, later each time."""
    now, failures = clock.now(), feed.failures + 1
    name = shown_location(feed.location)
    Fetch.objects.create(feed=feed, name=name, outcome=Outcome.FAILED, problems=[problem])
    Feed.objects.filter(pk=feed.pk).update(
        failures=failures,
        failing_since=feed.failing_since or now,
        problem=problem,
        next_at=now + timedelta(seconds=_backoff(failures)),
    )
