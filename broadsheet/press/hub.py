"""Telling a WebSub hub which feeds changed, so that nobody needs to ask (WebSub, section 7).

The pressed store is the queue: a feed whose entity tag differs from the one the hub was told of is
due. So a crash loses nothing, and a feed that changed ten times before the hub answered is told
once.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction

from broadsheet.gate.changes import changed_since
from broadsheet.gate.pressed import open_store, read_pages
from broadsheet.kit import clock
from broadsheet.kit.fetch import FetchError, Limits, post
from broadsheet.kit.html import absolute
from broadsheet.press.frame import origin
from broadsheet.press.models import FeedTopic, Standing
from broadsheet.press.plan import FEED

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
TRIES = 24
"""About four days; then the hub hears of the feed when it changes next."""
AT_ONCE = 20
LIMITS = Limits(connect=5, read=10, total=20, decoded_bytes=64 * 1024, redirects=0)


def tell_hub() -> int:
    """Tell the hub of every feed that changed; returns how many it heard of. Safe in parallel."""
    if not settings.WEBSUB_HUB:
        return 0
    _note_changed()
    now = clock.now()
    due = list(FeedTopic.objects.filter(due_at__lte=now).order_by("due_at")[:AT_ONCE])
    return sum(_tell(topic) for topic in due if _claim(topic, now))


def _note_changed() -> None:
    """Take over from the pressed store which feeds changed since the last look."""
    seen = Standing.objects.values_list("hub_seen", flat=True).first() or 0
    latest, etags = _changed(seen)
    if latest == seen:
        return
    with transaction.atomic():
        Standing.objects.get_or_create(pk=1)
        if Standing.objects.filter(pk=1, hub_seen=seen).update(hub_seen=latest):
            for path, etag in etags.items():
                _note(path, etag)


def _changed(seen: int) -> tuple[int, dict[str, str]]:
    """The store's last change, and of the feeds that changed after `seen` the entity tags."""
    store = open_store(settings.HOME / "pressed.sqlite3")
    try:
        latest, paths = changed_since(store, seen)
        if latest < seen:
            # Another store: a restored or a new one.
            latest, paths = changed_since(store, 0)
        pages = {path: read_pages(store, path).get("plain") for path in paths if FEED.search(path)}
    finally:
        store.close()
    return latest, {path: page.etag if page else "" for path, page in pages.items()}


def _note(path: str, etag: str) -> None:
    if not etag:
        FeedTopic.objects.filter(path=path).delete()
        return
    topic, _ = FeedTopic.objects.get_or_create(path=path)
    if topic.etag != etag:
        topic.etag, topic.tries, topic.due_at = etag, 0, clock.now()
        topic.save(update_fields=["etag", "tries", "due_at"])


def _claim(topic: FeedTopic, now: datetime) -> bool:
    """Ours for the time of the lease, by a conditional update."""
    free = FeedTopic.objects.filter(due_at=topic.due_at, pk=topic.pk, etag=topic.etag)
    topic.tries += 1
    return bool(free.update(due_at=now + LEASE, tries=topic.tries))


def _tell(topic: FeedTopic) -> int:
    address = absolute(origin(), topic.path)
    body = urlencode({"hub.mode": "publish", "hub.url": address}).encode()
    try:
        answer = post(
            settings.WEBSUB_HUB,
            body,
            content_type="application/x-www-form-urlencoded",
            allow_hosts=settings.ENV.allow_hosts,
            limits=LIMITS,
        )
        problem = "" if 200 <= answer.status < 300 else f"The hub answered {answer.status}."
    except FetchError as error:
        problem = str(error)
    # Where the feed changed meanwhile, it stays due for what it is now.
    same = FeedTopic.objects.filter(pk=topic.pk, etag=topic.etag)
    if not problem:
        same.update(due_at=None, told_at=clock.now(), problem="", tries=0)
        return 1
    again = None if topic.tries >= TRIES else clock.now() + _pause(topic.tries)
    same.update(due_at=again, problem=problem[:300])
    return 0


def _pause(tries: int) -> timedelta:
    """How long after a try the next one comes: half a minute at first, six hours at most."""
    doubled: timedelta = FIRST_PAUSE * (1 << min(max(0, tries - 1), 20))
    return min(LONGEST_PAUSE, doubled)
