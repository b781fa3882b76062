"""Whatever is wrong with the other side costs its own feed one fetch, and nobody else anything."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import time_machine

from broadsheet.kit.tests.loopback import redirect, reply, serving, talking
from broadsheet.kit.tests.names import Names
from broadsheet.wire import actions
from broadsheet.wire.actions import arriving, asking
from broadsheet.wire.models import Feed, Fetch, Item, Outcome, Version
from broadsheet.wire.rhythm import is_believed
from broadsheet.wire.tests import faults
from broadsheet.wire.tests.faults import HURRIED, allow, feed_at, rss
from broadsheet.wire.transports import http
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(http, "LIMITS", HURRIED)


def refused(feed):
    """The sentence that a fetch ended with; the feed rests, and nothing came of it."""
    before = Version.objects.count()
    report = actions.fetch(feed)
    feed.refresh_from_db()
    assert (report.fetched, feed.failures, Version.objects.count()) == (0, 1, before)
    assert feed.problem == report.problems[0]
    assert feed.next_at > datetime.now(UTC) + timedelta(seconds=40)
    assert feed.fetches.get().outcome == Outcome.FAILED
    return feed.problem


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f000001", "127.1", "[::1]",
     "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "169.254.169.254"],
)  # fmt: skip
def test_case_01_no_spelling_of_a_private_address_is_fetched(paper, home, host):
    with serving({"/": reply(200, rss("a"))}) as server:
        sentence = refused(feed_at("inside", f"http://{host}:{server.port}/"))
    assert "only public addresses are fetched" in sentence or "not a valid" in sentence
    assert server.asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254"])
def test_case_01_a_public_name_of_a_private_address_is_refused(paper, monkeypatch, address):
    Names(monkeypatch, f"{address}.nip.test", [address])
    assert address in refused(feed_at("nip", f"http://{address}.nip.test/"))


def test_case_01_a_name_that_turns_private_between_two_answers_is_refused(
    paper, settings, monkeypatch
):
    names = Names(monkeypatch, "feeds.test", ["127.0.0.1"], ["127.0.0.2"])
    with serving({"/": redirect("/inside")}, host="0.0.0.0") as server:
        allow(settings, server)
        sentence = refused(feed_at("rebind", f"http://feeds.test:{server.port}/"))
    assert "127.0.0.2" in sentence
    assert names.asked == 2
    assert [path for path, _ in server.asked] == ["/"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.slow_headers, "still sending after"),
        (faults.drip_feed, "still sending after"),
        (faults.silence, "did not answer in time"),
        (faults.endless_body, "larger than 15 MiB"),
        (faults.gzip_bomb, "too large"),
        (faults.small_bomb, "200 times its size"),
        (faults.nested_bomb, "not asked for"),
        (faults.wrong_length, "broke off"),
        (faults.redirect_loop, "circle"),
        (faults.six_redirects, "more than 5 redirects"),
        (faults.redirect_to_private, "a link-local address"),
        (faults.self_signed, "certificate of 127.0.0.1 is not valid"),
        (faults.expired, "certificate of 127.0.0.1 is not valid"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_fault_is_a_sentence_and_delays_nobody(
    paper, settings, monkeypatch, tmp_path, fault, words
):
    limits = http.LIMITS if fault in (faults.endless_body, faults.gzip_bomb) else HURRIED
    monkeypatch.setattr(http, "LIMITS", limits)
    with fault(tmp_path) as server, serving({"/": reply(200, rss("well"))}, host="127.0.0.3") as w:
        allow(settings, server, f"127.0.0.3:{w.port}")
        bad = feed_at("bad", server.url())
        well = feed_at("well", f"http://127.0.0.3:{w.port}/")
        turn = actions.Asking()
        assert turn.start_due() == 2
        answered = 0
        while answered < 2:
            answered += turn.take_finished()
            time.sleep(0.01)
    bad.refresh_from_db()
    well.refresh_from_db()
    assert words in bad.problem
    assert (bad.failures, well.failures) == (1, 0)
    assert Item.objects.get().key == "urn:well"
    assert bad.lease_until is None
    assert well.lease_until is None


def test_case_02_a_moved_feed_is_proposed_after_a_day_and_never_rewritten(paper, settings):
    routes = {"/new": reply(200, rss("a"), ETag='"1"'), "/": redirect("/new", 301)}
    with serving(routes) as server:
        allow(settings, server)
        feed = feed_at("moving", server.url())
        for hours in (0, 12, 24):
            with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
                assert not is_believed(feed.moved_seen, feed.moved_since, NOW)
                actions.fetch(feed)
                feed.refresh_from_db()
        assert is_believed(feed.moved_seen, feed.moved_since, NOW + timedelta(hours=24))
        assert (feed.location, feed.moved_to) == (server.url(), server.url("/new"))
        routes["/"] = reply(200, rss("a"))
        actions.fetch(feed)
    feed.refresh_from_db()
    assert (feed.moved_to, feed.moved_seen) == ("", 0)


@pytest.mark.parametrize(
    ("old", "new", "goes_along"),
    [
        ("https://old.example/rss", "https://new.example/rss", False),
        ("https://old.example/rss", "https://old.example:8443/rss", False),
        ("https://old.example/rss", "http://old.example/rss", False),
        ("https://old.example/rss", "https://old.example/new", True),
        ("http://old.example/rss", "https://old.example/rss", True),
    ],
)
def test_case_02_a_credential_does_not_go_to_the_new_host(paper, old, new, goes_along):
    feed = feed_at("moving", old)
    Feed.objects.update(moved_to=new, auth="basic", auth_name="desk", secret="quill")
    assert actions.use_new_address(feed) != goes_along
    feed.refresh_from_db()
    assert feed.location == new
    kept = ("basic", "desk", "quill") if goes_along else ("", "", "")
    assert (feed.auth, feed.auth_name, feed.secret) == kept


def test_case_03_a_feed_on_a_slow_host_delays_no_other(paper, settings):
    let_go = threading.Event()
    talked = []

    def keep_waiting(connection):
        talked.append(connection)
        let_go.wait(60)

    with talking(keep_waiting) as slow:
        with serving({"/1": reply(200, rss("1")), "/2": reply(200, rss("2"))}) as well:
            allow(settings, slow, f"[::1]:{slow.port}", well)
            slow_url = f"http://localhost:{slow.port}/"
            first = feed_at("slow", slow_url)
            feed_at("slow-too", f"{slow_url}other")
            for n in (1, 2):
                feed_at(f"well-{n}", well.url(f"/{n}"))
            turn = actions.Asking()
            assert turn.start_due() == 2
            wait_until(lambda: len(talked) == 1)
            wait_until(turn.take_finished)
            assert Item.objects.get().key == "urn:1"
            assert turn.start_due() == 1, (
                "The host of the first is free again, the slow one is not."
            )
            wait_until(turn.take_finished)
            assert set(Item.objects.values_list("key", flat=True)) == {"urn:1", "urn:2"}
            first.refresh_from_db()
            assert first.lease_until is not None
            assert len(talked) == 1
            let_go.set()
            wait_until(turn.take_finished)
            first.refresh_from_db()
            assert first.failures == 1


def test_case_03_the_worker_ends_without_waiting_for_a_server(paper, settings):
    let_go = threading.Event()
    with talking(lambda connection: let_go.wait(60)) as slow:
        allow(settings, slow)
        feed = feed_at("slow", slow.url())
        turn = actions.Asking()
        assert turn.start_due() == 1
        turn.let_go()
        feed.refresh_from_db()
        assert feed.lease_until is None
        assert actions.claim(feed, datetime.now(UTC))
        let_go.set()


def test_case_03_an_answer_that_comes_after_its_lease_is_dropped(paper, settings):
    with serving({"/": reply(200, rss("a"))}) as server:
        allow(settings, server)
        feed = feed_at("late", server.url())
        turn = actions.Asking()
        turn.start_due()
        wait_until(lambda: server.asked)
        later = datetime.now(UTC) + timedelta(minutes=5)
        assert actions.claim(feed, later), "Another process took the feed over."
        wait_until(turn.take_finished)
    assert Version.objects.count() == 0
    assert Feed.objects.get().lease_until is not None


@pytest.mark.parametrize("fault", [faults.gzip_bomb, faults.small_bomb, faults.nested_bomb])
def test_case_04_a_bomb_is_refused_before_it_is_unpacked(paper, settings, tmp_path, fault):
    with fault(tmp_path) as server:
        allow(settings, server)
        refused(feed_at("bomb", server.url()))


def test_case_05_of_a_giant_feed_the_newest_are_taken_and_it_is_said(paper, home, monkeypatch):
    monkeypatch.setattr(arriving, "MOST_ENTRIES", 5)
    items = [
        f"<item><guid>urn:{n}</guid><title>Report number {n}</title>"
        f"<pubDate>{format_datetime(NOW - timedelta(minutes=n), usegmt=True)}</pubDate></item>"
        for n in range(6000)
    ]
    items[:60] = items[:60][::-1]  # Not all agencies put the newest first.
    document = f"<rss><channel>{''.join(items)}</channel></rss>".encode()
    feed = feed_at("giant", "https://giant.example/")
    at = NOW + timedelta(hours=1)
    fetch = actions.take_arrival(feed, http.Arrival("giant", document, None, None, at))
    assert fetch.new == 5
    assert "the newest 5 were taken" in fetch.problem
    assert "Only the first 5000 items were read." in fetch.repairs
    assert set(Item.objects.values_list("key", flat=True)) == {f"urn:{n}" for n in range(5)}


def test_case_06_a_304_is_trusted_for_a_day_only(paper, settings):
    body = [rss("a")]

    def answer(asked):
        known = asked.headers.get("If-None-Match") == '"same"'
        (reply(304) if known else reply(200, body[0], ETag='"same"'))(asked)

    with serving({"/": answer}) as server:
        allow(settings, server)
        feed = feed_at("stuck", server.url())
        for hours, keys in ((0, 1), (23, 1), (24, 2)):
            with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
                actions.fetch(feed)
            assert Item.objects.count() == keys, hours
            body[0] = rss("a", "b")
            feed.refresh_from_db()


@pytest.mark.parametrize("page", [b"<html><body>Log in</body></html>", b"", b" \n"])
def test_case_06_a_login_page_or_nothing_removes_nothing(paper, settings, page):
    routes = {"/": reply(200, rss("a"))}
    with serving(routes) as server:
        allow(settings, server)
        feed = feed_at("wall", server.url())
        actions.fetch(feed)
        routes["/"] = reply(200, page, ETag='"page"')
        for _ in range(3):
            actions.fetch(feed)
        feed.refresh_from_db()
        assert (Item.objects.get().status, feed.failures) == ("usable", 3)
        page_row = feed.fetches.get(outcome=Outcome.QUARANTINED)
        assert page_row.times == 3, "One row, however often the same page comes."
        routes["/"] = reply(200, rss("a", "b"))
        actions.fetch(feed)
    feed.refresh_from_db()
    assert (feed.failures, feed.problem, Item.objects.count()) == (0, "", 2)


@pytest.mark.parametrize("fault", [faults.self_signed, faults.expired])
def test_case_07_without_a_valid_certificate_nothing_is_asked(paper, settings, tmp_path, fault):
    with fault(tmp_path) as server:
        allow(settings, server)
        assert "ask the agency to renew it" in refused(feed_at("tls", server.url()))
    assert server.asked == []


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_case_07_a_refusal_makes_pauses_longer_each_time(paper, settings, status):
    pauses = []
    with serving({"/": reply(status)}) as server:
        allow(settings, server)
        feed = feed_at("refusing", server.url())
        for _ in range(6):
            with time_machine.travel(NOW, tick=False):
                actions.fetch(feed)
            feed.refresh_from_db()
            pauses.append((feed.next_at - NOW).total_seconds())
    assert feed.active
    for failures, pause in enumerate(pauses[2:], 2):
        assert 0.75 * 60 * 2**failures <= pause <= 60 * 2**failures
    line = feed.fetches.get()
    assert (line.times, line.status, line.outcome) == (6, status, Outcome.FAILED)


def test_case_07_a_wish_for_patience_is_granted_for_a_day_at_most(paper, settings):
    with serving({"/": reply(503, Retry_After="999999")}) as server:
        allow(settings, server)
        feed = feed_at("tired", server.url())
        with time_machine.travel(NOW, tick=False):
            actions.fetch(feed)
    feed.refresh_from_db()
    assert feed.next_at == NOW + timedelta(hours=24)


def test_case_07_a_feed_that_has_ended_is_paused_and_its_reports_stay(paper, settings):
    routes = {"/": reply(200, rss("a"))}
    with serving(routes) as server:
        allow(settings, server)
        feed = feed_at("ending", server.url())
        actions.fetch(feed)
        routes["/"] = reply(410)
        actions.fetch(feed)
        feed.refresh_from_db()
        assert not feed.active
        assert "ended for good" in feed.problem
        assert actions.Asking().start_due() == 0
    assert Item.objects.get().status == "usable"


def test_an_unchanged_feed_makes_one_line_however_often_it_is_asked(paper, settings):
    with serving({"/": reply(200, rss("a"))}) as server:
        allow(settings, server)
        feed = feed_at("calm", server.url())
        for _ in range(4):
            actions.fetch(feed)
    taken, calm = feed.fetches.order_by("pk")
    assert (taken.outcome, taken.status, taken.size) == (Outcome.TAKEN, 200, len(rss("a")))
    assert (calm.outcome, calm.times) == (Outcome.UNCHANGED, 3)
    assert calm.since <= calm.at
    assert taken.seconds > 0


def test_a_feed_paused_while_it_is_asked_stays_paused(paper, settings):
    with serving({"/": reply(200, rss("a"))}) as server:
        allow(settings, server)
        feed = feed_at("pausing", server.url())
        turn = actions.Asking()
        turn.start_due()
        actions.pause(feed)
        wait_until(turn.take_finished)
    feed.refresh_from_db()
    assert not feed.active


def test_a_missing_secret_is_a_sentence_and_the_server_is_not_asked(paper, settings):
    with serving({"/": reply(200, rss("a"))}) as server:
        allow(settings, server)
        feed = feed_at("locked", server.url())
        Feed.objects.update(auth="bearer", secret="quill")
        assert "The secret 'quill' is not set" in refused(feed)
        assert server.asked == []


def test_what_breaks_in_taking_in_is_recorded_and_the_next_goes_on(paper, settings, monkeypatch):
    def break_off(feed, answer):
        raise RuntimeError("a fault of ours")

    with serving({"/": reply(200, rss("a"))}) as server:
        allow(settings, server)
        feed = feed_at("ours", server.url())
        turn = actions.Asking()
        with monkeypatch.context() as patch:
            patch.setattr(asking, "take", break_off)
            turn.start_due()
            wait_until(turn.take_finished)
        feed.refresh_from_db()
        assert "a fault of ours" in feed.problem
        assert feed.lease_until is None
        Feed.objects.update(next_at=NOW - timedelta(days=1))
        turn.start_due()
        wait_until(turn.take_finished)
    assert Fetch.objects.filter(outcome=Outcome.TAKEN).count() == 1
