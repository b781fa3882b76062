"""Subscriptions at hubs (WebSub): found in what was fetched, asked for, kept, given back.

A lease is wanted for as long as its feed is on, stands at the same location and may be pushed to.
Whatever the hub does, the feed is still fetched, only less often.
"""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode, urljoin, urlsplit

from django.conf import settings
from django.db.models import Q

from broadsheet.gate.passes import derived_key
from broadsheet.kit import clock
from broadsheet.kit.backoff import backoff
from broadsheet.kit.fetch import FetchError, Limits, post
from broadsheet.wire.models import Feed, Follow, HubLease, Wanted
from broadsheet.wire.transports.base import Collected
from broadsheet.wire.transports.websub import Hub, discovered, is_reachable

LEASE_ASKED = timedelta(days=7)
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=90)
CONFIRMED_WITHIN = timedelta(hours=1)
"""A hub that took a request and never came to verify it is asked again after this time."""
AFTER_DENIAL = timedelta(days=1)
SELDOM = timedelta(hours=1)
"""How often a feed is fetched while its hub sends."""
LIMITS = Limits(connect=5, read=10, total=15, decoded_bytes=64 * 1024)
MOST_MOVES = 4
NOT_SAFE = "The hub is not reached over https, so it gets no secret. The feed is fetched as before."
_CLAIM = timedelta(seconds=60)


class NotAsked(Exception):
    """A hub wants something confirmed that this paper did not ask for."""


def secret_of(lease: HubLease) -> str:
    """What the hub signs with: 256 bits of its own for each lease, derived from the paper's key
    and the lease's random token, so that the database alone does not tell it.
    """
    key = derived_key(settings.SECRET_KEY.encode(), f"hub/{lease.token}")
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def callback_of(lease: HubLease) -> str:
    """The address that the hub calls."""
    return f"{settings.ORIGIN}/webhooks/wire/hub/{lease.token}/"


def may_follow(feed: Feed) -> bool:
    """Whether the feed's hub may be told of this paper."""
    is_web = feed.location.startswith(("http://", "https://"))
    allowed = feed.hub == Follow.ON or (feed.hub == Follow.AUTO and is_reachable(settings.ORIGIN))
    return bool(feed.active and is_web and allowed and settings.ORIGIN)


def discover(feed: Feed, collected: Collected) -> None:
    """Note the hub that the fetched documents name; the worker subscribes. Another hub or topic
    than before is another lease, and the old one is given back.
    """
    if not may_follow(feed):
        return
    for arrival in collected.arrivals:
        hub = discovered(collected.links, arrival.data, arrival.url or feed.location)
        if hub is not None:
            _note(feed, hub)


def _note(feed: Feed, hub: Hub) -> None:
    known = HubLease.objects.filter(feed=feed).first()
    if known is not None:
        same = (known.hub, known.topic, known.location)
        if same == (hub.address, hub.topic, feed.location):
            return
        HubLease.objects.filter(pk=known.pk).update(feed=None)
    HubLease.objects.create(feed=feed, location=feed.location, hub=hub.address, topic=hub.topic)


def keep_leases() -> int:
    """Ask the hubs for what is due: new leases, renewals, unsubscriptions. How many were asked."""
    now = clock.now()
    _settle_wishes(now)
    asked = 0
    for lease in list(HubLease.objects.filter(next_at__lte=now).order_by("next_at")[:20]):
        claimed = HubLease.objects.filter(pk=lease.pk, next_at=lease.next_at, wanted=lease.wanted)
        if claimed.update(next_at=now + _CLAIM):
            _ask(lease, now)
            asked += 1
    return asked


def _settle_wishes(now: datetime) -> None:
    """What is no longer wanted is given back, what is wanted again is asked for again."""
    for lease in HubLease.objects.select_related("feed"):
        wanted = Wanted.SUBSCRIBE if is_wanted(lease) else Wanted.UNSUBSCRIBE
        if wanted == Wanted.UNSUBSCRIBE and (lease.asked_at is None or _is_over(lease, now)):
            lease.delete()
        elif wanted != lease.wanted:
            lease.wanted, lease.next_at, lease.failures = wanted, now, 0
            lease.save(update_fields=["wanted", "next_at", "failures"])


def is_wanted(lease: HubLease) -> bool:
    """Whether the paper wants what this lease brings."""
    feed = lease.feed
    return feed is not None and feed.location == lease.location and may_follow(feed)


def _is_over(lease: HubLease, now: datetime) -> bool:
    """A lease that ended, or that the hub never confirmed in all the time it could have."""
    until = lease.until or (lease.asked_at or now) + LEASE_ASKED
    return until <= now


def may_be_told(hub: str) -> bool:
    """Whether a hub may be sent a secret: only over TLS (WebSub 5.1), or on a network of ours."""
    parts = urlsplit(hub)
    try:
        place = f"{parts.hostname}:{parts.port or 80}"
    except ValueError:
        return False
    return parts.scheme == "https" or place in settings.ENV.allow_hosts


def _ask(lease: HubLease, now: datetime) -> None:
    """Send one request (WebSub 5.1). The answer only says that the hub will come and verify it."""
    HubLease.objects.filter(pk=lease.pk).update(asked_at=now)
    wish = {
        "hub.callback": callback_of(lease),
        "hub.mode": lease.wanted,
        "hub.topic": lease.topic,
        "hub.lease_seconds": str(round(LEASE_ASKED.total_seconds())),
        "hub.secret": secret_of(lease),
    }
    problem = _sent(lease.hub, wish)
    failures = lease.failures + 1 if problem else 0
    seconds = backoff(failures, first=60.0, longest=24 * 3600.0)
    wait = timedelta(seconds=seconds) if problem else CONFIRMED_WITHIN
    # A hub may verify before it answers: what the verification wrote is left as it is.
    untouched = HubLease.objects.filter(pk=lease.pk, next_at=now + _CLAIM)
    untouched.update(next_at=now + wait, failures=failures, problem=problem[:500])


def _sent(hub: str, wish: Mapping[str, str]) -> str:
    """The problem of the request, "" when the hub took it. A hub that has moved is followed
    (WebSub 5), but not out of TLS: the secret goes along. Without one nobody could be believed,
    so a hub over plain http is not asked at all, and its feed is fetched as before.
    """
    form = "application/x-www-form-urlencoded"
    body, allowed = urlencode(wish).encode(), settings.ENV.allow_hosts
    if not may_be_told(hub):
        return NOT_SAFE
    try:
        for _ in range(MOST_MOVES):
            answer = post(hub, body, content_type=form, allow_hosts=allowed, limits=LIMITS)
            moved_to = urljoin(hub, answer.headers.get("location", ""))
            if answer.status not in (307, 308) or not may_be_told(moved_to):
                break
            hub = moved_to
    except (FetchError, ValueError) as error:
        return f"The hub cannot be asked: {error}"
    if 200 <= answer.status < 300:
        return ""
    said = " ".join(answer.body.decode("utf-8", "replace").split())[:200]
    return f"The hub answered {answer.status}: {said or 'without a word'}. It is asked again later."


def confirm(lease: HubLease, asked: Mapping[str, str]) -> str:
    """Answer a hub's verification of intent (WebSub 5.3): the challenge to send back.

    Raises NotAsked for another topic, and for what this paper did not ask for or no longer wants.
    """
    mode, topic = asked.get("hub.mode", ""), asked.get("hub.topic", "")
    if topic != lease.topic or lease.asked_at is None:
        raise NotAsked
    if mode == "denied":
        _denied(lease, asked.get("hub.reason", ""))
        return ""
    wanted = Wanted.SUBSCRIBE if is_wanted(lease) else Wanted.UNSUBSCRIBE
    if mode != wanted or not asked.get("hub.challenge"):
        raise NotAsked
    if mode == Wanted.UNSUBSCRIBE:
        lease.delete()
    else:
        _confirmed(lease, asked.get("hub.lease_seconds", ""))
    return asked["hub.challenge"]


def _confirmed(lease: HubLease, stated: str) -> None:
    """It is renewed when a quarter of it is left."""
    now = clock.now()
    is_number = stated.isascii() and stated.isdigit()
    length = timedelta(seconds=int(stated[:9])) if is_number else LEASE_ASKED
    length = max(SHORTEST_LEASE, min(length, LONGEST_LEASE))
    HubLease.objects.filter(pk=lease.pk).update(
        until=now + length, next_at=now + length * 0.75, failures=0, problem=""
    )


def _denied(lease: HubLease, reason: str) -> None:
    """The hub refuses, or ends a lease (WebSub 5.2); the feed is fetched as often as before."""
    said = " ".join(reason.split())[:300] or "no reason was given"
    problem = f"The hub denied the subscription: {said}. It is asked again tomorrow."
    HubLease.objects.filter(pk=lease.pk).update(
        until=None, next_at=clock.now() + AFTER_DENIAL, problem=problem
    )


def is_sending(feed: Feed, now: datetime) -> bool:
    """Whether a lease runs, so that the feed need only be fetched seldom."""
    running = Q(until__gt=now, wanted=Wanted.SUBSCRIBE, location=feed.location)
    return HubLease.objects.filter(running, feed=feed).exists()
