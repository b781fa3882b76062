"""What comes to the paper by itself: signed pushes of agencies, and what hubs send."""

import base64
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F

from broadsheet.gate.passes import derived_key
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.wire import hubs
from broadsheet.wire.actions import take_arrival
from broadsheet.wire.models import Feed, Fetch, HubLease, PushAddress, PushDelivery, new_token
from broadsheet.wire.transports import push
from broadsheet.wire.transports.base import Arrival
from broadsheet.wire.transports.websub import is_signed


class Paused(Refusal):
    """The feed is switched off: nothing is stored, and the sender should come again."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the agency is told, once."""

    address: str
    secret: str


def secret_of(address: PushAddress) -> str:
    """What deliveries are signed with: derived from the paper's key and a random salt, so that
    the database alone does not tell it, and shown only when it is new.
    """
    key = derived_key(settings.SECRET_KEY.encode(), f"push/{address.token}/{address.salt}")
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def new_credentials(feed: Feed) -> Credentials:
    """The feed's address with a new secret; the one before is void at once.

    Raises Refusal for a feed that is not pushed.
    """
    if not feed.is_pushed:
        raise Refusal(
            f"The feed '{feed.name}' is not pushed, so it has no secret.",
            "Only a feed with the location 'push:' has one.",
        )
    address, is_new = PushAddress.objects.get_or_create(feed=feed)
    if not is_new:
        address.salt, address.rotated_at = new_token(), clock.now()
        address.save(update_fields=["salt", "rotated_at"])
    return Credentials(url_of(address), secret_of(address))


def url_of(address: PushAddress) -> str:
    """Where the agency sends to."""
    return f"{settings.ORIGIN or 'http://localhost:8000'}/webhooks/wire/push/{address.token}/"


def take_push(
    address: PushAddress, timestamp: str, signature: str, body: bytes, content_type: str
) -> Fetch | None:
    """Take a delivery in, None when it is known already. What it brought is stored on return.

    Raises push.NotSigned or Paused; nothing is stored then. It is noted as known only after it was
    read: one that broke off comes again, and what is known already makes no new version.
    """
    now = clock.now()
    try:
        push.check(secret_of(address), timestamp, signature, body, now)
    except push.NotSigned:
        Feed.objects.filter(pk=address.feed_id).update(ignored=F("ignored") + 1)
        raise
    if not address.feed.active:
        raise Paused("This feed is paused by the paper.", "Send it again later.")
    stated = signature.strip().lower()
    if address.deliveries.filter(signature=stated).exists():
        return None
    fetch = take_arrival(address.feed, Arrival("push", body, content_type, None, now))
    PushDelivery.objects.get_or_create(address=address, signature=stated)
    address.deliveries.filter(at__lt=now - 3 * push.TOLERANCE).delete()
    Feed.objects.filter(pk=address.feed_id).update(fetched_at=now, failures=0)
    return fetch


def take_from_hub(lease: HubLease, signature: str, body: bytes, content_type: str) -> Fetch | None:
    """Take what a hub sends (WebSub 7), as if it had been fetched from the feed's own address.

    What is not signed by this lease's hub is left alone and counted on the feed. A notice without
    content only brings the next fetch forward. None in both cases.
    """
    feed = lease.feed
    if feed is None:
        return None
    now = clock.now()
    if not is_signed(hubs.secret_of(lease), signature, body):
        Feed.objects.filter(pk=feed.pk).update(ignored=F("ignored") + 1)
        return None
    if not body.strip():
        Feed.objects.filter(pk=feed.pk).update(next_at=now)
        return None
    parts = urlsplit(feed.location)
    name = f"{parts.hostname}{parts.path} (hub)"
    return take_arrival(feed, Arrival(name, body, content_type, feed.location, now))
