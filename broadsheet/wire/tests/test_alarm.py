"""A feed that has gone strangely quiet raises one alarm for each spell of silence."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from broadsheet.accounts.models import Mail, User
from broadsheet.config import intake
from broadsheet.wire import actions
from broadsheet.wire.models import Feed
from broadsheet.wire.tests.faults import rss
from broadsheet.wire.transports.base import Arrival

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def quill(paper):
    """A feed that published every ten minutes until Wednesday noon."""
    User.objects.create_superuser("pia@lantern.example")
    User.objects.create_user("carl@lantern.example", is_staff=True)
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        feed = actions.add_feed("quill", "https://quill.example/rss", agency="Quill")
    for n in range(7, -1, -1):
        arrive(feed, str(n), NOON - timedelta(minutes=10 * n))
    return feed


def arrive(feed, guid, at):
    feed.refresh_from_db()
    with time_machine.travel(at, tick=False):
        actions.take_arrival(feed, Arrival("rss", rss(guid), None, None, at))


def watched(at):
    with time_machine.travel(at, tick=False):
        intake.watch()
    return Mail.objects.count()


def test_the_rhythm_is_learned_from_what_comes(quill):
    quill.refresh_from_db()
    assert quill.rhythm == 600
    assert quill.published_at == NOON
    assert sum(quill.hours) == 8


def test_one_mail_goes_to_the_publisher_for_each_spell(quill):
    assert watched(NOON + timedelta(hours=5.9)) == 0
    assert watched(NOON + timedelta(hours=6.1)) == 1
    assert watched(NOON + timedelta(hours=9)) == 1
    mail = Mail.objects.get()
    assert mail.to == "pia@lantern.example"
    assert mail.subject == "A feed needs you"
    for text in (mail.text, mail.html):
        assert "Quill" in text
        assert "strangely quiet" in text
        assert "/desk/feeds/" in text
    assert Feed.objects.get().quiet_since == NOON + timedelta(hours=6.1)


def test_the_next_report_ends_the_spell_and_the_next_silence_is_another(quill):
    watched(NOON + timedelta(hours=7))
    arrive(quill, "back", NOON + timedelta(hours=8))
    assert Feed.objects.get().quiet_since is None
    assert watched(NOON + timedelta(hours=13)) == 1
    assert watched(NOON + timedelta(hours=15)) == 2


def test_several_feeds_are_told_in_one_mail(quill):
    for name in ("hill", "vale"):
        feed = actions.add_feed(name, f"https://{name}.example/rss")
        Feed.objects.filter(pk=feed.pk).update(
            rhythm=600, published_at=NOON, watched_since=NOON - timedelta(days=9)
        )
    assert watched(NOON + timedelta(hours=7)) == 1
    assert Mail.objects.get().subject == "3 feeds need you"


def test_a_feed_that_its_server_ended_is_told_once(quill):
    Feed.objects.update(active=False, problem="quill.example answered 410: it has ended.")
    assert watched(NOON) == 1
    assert "answered 410" in Mail.objects.get().text
    assert watched(NOON + timedelta(hours=9)) == 1


def test_a_feed_that_somebody_paused_is_not_strange(quill):
    actions.pause(quill)
    assert watched(NOON + timedelta(days=9)) == 0
    with time_machine.travel(NOON + timedelta(days=9), tick=False):
        actions.resume(quill)
    assert watched(NOON + timedelta(days=9, hours=5)) == 0
    assert watched(NOON + timedelta(days=9, hours=7)) == 1


def test_the_same_reports_again_do_not_end_a_silence(quill):
    watched(NOON + timedelta(hours=7))
    arrive(quill, "0", NOON + timedelta(hours=8))
    assert Feed.objects.get().quiet_since is not None
