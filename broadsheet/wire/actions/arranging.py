"""What the publisher decides about a feed: fetch it now, pause it, go on, use its new address."""

from django.db import transaction

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.wire.models import Auth, Feed
from broadsheet.wire.rules import same_place


def fetch_soon(feed: Feed) -> None:
    """Have the worker fetch it next, whatever its schedule says. Raises Refusal when it is paused.

    The worker fetches, and not the request: a server may take its time.
    """
    if not Feed.objects.filter(pk=feed.pk, active=True).update(next_at=clock.now()):
        raise Refusal(f"The feed '{feed.name}' is paused.", "Resume it first.")


def pause(feed: Feed) -> None:
    """Fetch it no more until it is resumed. What it brought stays."""
    Feed.objects.filter(pk=feed.pk).update(active=False, problem="", quiet_since=None)


def resume(feed: Feed) -> None:
    """Fetch it again, at once and with a clean slate: its silence is counted from now."""
    now = clock.now()
    Feed.objects.filter(pk=feed.pk).update(
        active=True, next_at=now, watched_since=now, failures=0, failing_since=None, problem="",
        quiet_since=None, told_at=None,
    )  # fmt: skip


def use_new_address(feed: Feed) -> bool:
    """Take over where permanent redirects point. Raises Refusal when they point nowhere (any more).

    Returns whether the feed's sign-in was taken off, because the new address is on another host:
    a credential is never carried there by itself.
    """
    with transaction.atomic():
        mine = Feed.objects.select_for_update().get(pk=feed.pk)
        if not mine.moved_to:
            raise Refusal(f"The feed '{feed.name}' has not moved.", "Nothing was changed.")
        leaves = bool(mine.auth) and not same_place(mine.location, mine.moved_to)
        if leaves:
            mine.auth, mine.auth_name, mine.secret = Auth.NONE, "", ""
        mine.location, mine.next_at = mine.moved_to, clock.now()
        mine.moved_to, mine.moved_since, mine.moved_seen = "", None, 0
        mine.save()
    return leaves
