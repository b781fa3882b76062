"""When a feed that is well is asked again: its rhythm, its hints, the publisher's bounds."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import time_machine

from broadsheet.kit.tests.loopback import reply, serving
from broadsheet.wire import actions
from broadsheet.wire.models import Feed
from broadsheet.wire.tests.faults import allow, feed_at

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def document(gap: timedelta, head: str = "") -> bytes:
    items = "".join(
        f"<item><guid>urn:{n}</guid><title>Report number {n}</title>"
        f"<pubDate>{format_datetime(NOW - n * gap, usegmt=True)}</pubDate></item>"
        for n in range(8)
    )
    return f"<rss><channel><title>Wire</title>{head}{items}</channel></rss>".encode()


def pauses(settings, body, rounds=2, facts=None, **headers):
    """How long the feed rests after each of so many fetches."""
    rests = []
    with serving({"/": reply(200, body, **headers)}) as server:
        allow(settings, server)
        feed = feed_at("quill", server.url())
        Feed.objects.update(**(facts or {"every": 60}))
        for _ in range(rounds):
            with time_machine.travel(NOW, tick=False):
                actions.fetch(feed)
            feed.refresh_from_db()
            rests.append(feed.next_at - NOW)
    return rests


@pytest.mark.parametrize(
    ("gap", "rest"),
    [
        (5 * MINUTE, MINUTE),
        (HOUR, 6 * MINUTE),
        (24 * HOUR, 144 * MINUTE),
        (7 * 24 * HOUR, 4 * HOUR),
    ],
)
def test_the_rhythm_is_known_from_the_first_document_on(paper, settings, gap, rest):
    assert pauses(settings, document(gap)) == [rest, rest]


@pytest.mark.parametrize(
    ("head", "headers", "rest"),
    [
        ("<ttl>30</ttl>", {}, 30 * MINUTE),
        ("", {"Cache_Control": "max-age=1200"}, 20 * MINUTE),
        ("<ttl>30</ttl>", {"Cache_Control": "max-age=2400"}, 40 * MINUTE),
        ("", {"Cache_Control": "max-age=31536000"}, 4 * HOUR),
        ("<skipHours><hour>9</hour><hour>10</hour></skipHours>", {}, 2 * HOUR),
    ],
)
def test_a_hint_is_heard_and_remembered_while_nothing_changes(paper, settings, head, headers, rest):
    assert pauses(settings, document(5 * MINUTE, head), **headers) == [rest, rest]


def test_the_publishers_bounds_have_the_last_word(paper, settings):
    facts = {"every": 300, "seldom": 900}
    assert pauses(settings, document(MINUTE), facts=facts)[0] == 5 * MINUTE
    Feed.objects.all().delete()
    slow = document(24 * HOUR, "<ttl>240</ttl>")
    assert pauses(settings, slow, facts=facts)[0] == 15 * MINUTE
