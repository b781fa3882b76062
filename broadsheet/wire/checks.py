"""What is wrong with feeds that others bring: for `broadsheet doctor`."""

from collections.abc import Iterator

from django.conf import settings

from broadsheet.kit import clock
from broadsheet.wire.models import Feed, Follow, HubLease, Wanted
from broadsheet.wire.transports.websub import is_reachable

Complaint = tuple[str, str]
"""What is wrong, and what to do."""


def complaints() -> Iterator[Complaint]:
    """All of them, feed by feed."""
    feeds = Feed.objects.filter(active=True).select_related("push_address", "hub_lease")
    for feed in feeds.order_by("name"):
        yield from _signed_in(feed)
        yield from _pushed(feed)
        yield from _followed(feed)


def _signed_in(feed: Feed) -> Iterator[Complaint]:
    if feed.auth and feed.secret not in settings.ENV.secrets:
        text = f"Feed {feed.name} signs in with the secret '{feed.secret}', which is not set."
        remedy = f"Add a line '{feed.secret} = …' to BROADSHEET_WIRE_SECRETS;"
        yield text, f"{remedy} a file is read anew, a value needs a restart."
    if feed.location.startswith("sftp:") and not feed.host_key:
        text = f"Feed {feed.name} trusts no host key yet, so nothing is fetched."
        remedy = f"Run 'broadsheet wire fetch {feed.name}': it shows the key and how to accept it."
        yield text, remedy


def _pushed(feed: Feed) -> Iterator[Complaint]:
    if not feed.is_pushed:
        return
    if not hasattr(feed, "push_address"):
        text = f"Feed {feed.name} waits for pushes and has no secret yet."
        yield text, f"Run 'broadsheet wire rotate {feed.name}' and tell the agency."
    if not is_reachable(settings.ORIGIN):
        text = f"Feed {feed.name} waits for pushes, and {settings.ORIGIN or 'the paper'} is not"
        yield f"{text} reachable from outside.", "Set BROADSHEET_URL to the paper's public address."


def _followed(feed: Feed) -> Iterator[Complaint]:
    lease: HubLease | None = getattr(feed, "hub_lease", None)
    if feed.hub == Follow.ON and not is_reachable(settings.ORIGIN):
        text = f"Feed {feed.name} shall be sent by its hub, which cannot reach"
        yield f"{text} {settings.ORIGIN or 'the paper'}.", "Set BROADSHEET_URL to a public address."
    if lease is None or lease.wanted != Wanted.SUBSCRIBE:
        return
    if lease.problem:
        text = f"Feed {feed.name} is fetched, not sent: {lease.problem}"
        yield text, "Ask the agency, or switch the hub off for this feed in the desk."
    elif lease.until is not None and lease.until <= clock.now():
        text = f"The hub's lease of feed {feed.name} is over, and the hub does not renew it."
        yield text, "Is the worker running, and is BROADSHEET_URL reachable from outside?"
