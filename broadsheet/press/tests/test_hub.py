"""The hub hears of every feed that changed, once, and again where it did not answer."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
import time_machine

from broadsheet.kit.env import read_env
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.press.hub import TRIES, tell_hub
from broadsheet.press.models import FeedTopic
from tests.cast import ninjs, send
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db
FEEDS = {
    f"http://localhost:8000{front}feed.{kind}"
    for front in ("/", "/world/", "/markets/")
    for kind in ("rss", "atom", "json")
}


@contextmanager
def hub_server(answers):
    """A hub that gives these statuses one after the other, the last one for good."""
    told = []

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hub(settings):
    @contextmanager
    def running(*answers):
        with hub_server(list(answers)) as (place, told):
            settings.WEBSUB_HUB = f"http://{place}/"
            settings.ENV = SimpleNamespace(allow_hosts=(place,))
            yield told

    return running


def told_of(told):
    return [ping["hub.url"][0] for ping in told]


def test_each_feed_that_changed_is_told_of_once(feed, hub):
    with hub(202) as told:
        press.press_everything()
        assert tell_hub() == 9
        assert {tuple(ping["hub.mode"]) for ping in told} == {("publish",)}
        assert set(told_of(told)) == FEEDS
        assert tell_hub() == 0
        told.clear()
        send(feed, ninjs())
        press.catch_up()
        tell_hub()
        assert set(told_of(told)) == {address for address in FEEDS if "/markets/" not in address}
        told.clear()
        press.press_everything()
        tell_hub()
        assert told == []


def test_nothing_is_sent_while_the_page_is_pressed(feed, hub):
    with hub(202) as told:
        send(feed, ninjs())
        press.catch_up()
        assert told == []


@pytest.mark.parametrize("answer", [500, 302, 404])
def test_a_hub_that_does_not_take_it_is_asked_again_later_and_later(paper, hub, answer):
    now = datetime.now(UTC)
    with hub(answer) as told, time_machine.travel(now, tick=False) as clock:
        press.press_everything()
        assert tell_hub() == 0
        assert tell_hub() == 0
        assert len(told) == 9
        assert FeedTopic.objects.first().problem == f"The hub answered {answer}."
        pauses = []
        for _ in range(4):
            due = FeedTopic.objects.order_by("due_at").first().due_at
            pauses.append(due - datetime.now(UTC))
            clock.move_to(due)
            tell_hub()
        assert pauses == sorted(pauses)
        assert pauses[0] == timedelta(seconds=30)
        assert pauses[-1] > timedelta(minutes=3)


def test_it_is_given_up_after_days_and_taken_up_with_the_next_change(feed, hub):
    with hub(503) as told:
        press.press_everything()
        tell_hub()
        FeedTopic.objects.update(tries=TRIES - 1, due_at=datetime.now(UTC))
        tell_hub()
        assert not FeedTopic.objects.exclude(due_at=None).exists()
        told.clear()
        send(feed, ninjs())
        press.catch_up()
        tell_hub()
        assert len(told) == 6


def test_a_feed_that_changes_while_it_is_told_stays_due(paper, hub, monkeypatch):
    from broadsheet.press import hub as telling

    with hub(202):
        press.press_everything()
        tell_hub()
        FeedTopic.objects.update(due_at=datetime.now(UTC))
        answered = telling.post

        def overtaken(*args, **options):
            FeedTopic.objects.update(etag='"newer"', due_at=datetime.now(UTC))
            return answered(*args, **options)

        monkeypatch.setattr(telling, "post", overtaken)
        tell_hub()
        assert FeedTopic.objects.filter(due_at=None).count() < 9


def test_a_private_address_is_refused_unless_it_is_allowed(paper, hub, settings):
    with hub(202) as told:
        settings.ENV = SimpleNamespace(allow_hosts=())
        press.press_everything()
        assert tell_hub() == 0
        assert told == []
        assert FeedTopic.objects.exclude(problem="").count() == 9


def test_feeds_name_the_hub_and_without_one_nobody_does(feed, hub, settings):
    send(feed, ninjs())
    press.press_everything()
    assert not [page for page in surfaces().values() if "hub" in page.split("<body")[0]]
    assert tell_hub() == 0
    assert not FeedTopic.objects.exists()
    with hub(202):
        press.press_everything()
        pages = surfaces()
        for kind in ("rss", "atom"):
            text = pages[f"/feed.{kind}", "plain"]
            assert 'rel="hub"' in text
            assert settings.WEBSUB_HUB in text
            assert f'href="http://localhost:8000/feed.{kind}"' in text
        assert '"hubs": [{"type": "WebSub"' in pages["/feed.json", "plain"]


@pytest.mark.parametrize(
    "address",
    ["ftp://hub.example/", "hub.example", "https://a b/", "https://u:p@h/", 'https://h/"'],
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(Refusal):
        read_env({"BROADSHEET_WEBSUB_HUB": address})


def test_a_plain_address_is_taken():
    known = read_env({"BROADSHEET_WEBSUB_HUB": "https://hub.example/publish?key=1"})
    assert known.websub_hub == "https://hub.example/publish?key=1"
