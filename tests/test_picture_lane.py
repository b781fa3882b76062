"""Pictures are fetched in a lane of their own: nothing that readers need waits for them."""

import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from broadsheet.desk import actions as desk
from broadsheet.desk.actions import collecting
from broadsheet.desk.models import Article, Rule, WirePicture
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.wire import actions as wire
from broadsheet.wire.transports.base import Arrival
from tests.cast import ada, ninjs, send
from tests.picture_cast import drop, jpeg, pictured
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db


class Host(ThreadingHTTPServer):
    """A host of pictures: how it answers, and how many asked at once."""

    daemon_threads = True
    pause, status, body = 0.0, 200, jpeg()

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked, self.now, self.most = Counter(), 0, 0
        self.lock = threading.Lock()

    @property
    def name(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def url(self, name):
        return f"http://{self.name}/{name}"


class Asked(BaseHTTPRequestHandler):
    """One request for a picture."""

    def do_GET(self):
        server = self.server
        with server.lock:
            server.asked[self.path] += 1
            server.now += 1
            server.most = max(server.most, server.now)
        time.sleep(server.pause)
        with server.lock:
            server.now -= 1
        self.send_response(server.status)
        self.send_header("content-length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_):
        return


@contextmanager
def open_host():
    server = Host()
    pausing = {"poll_interval": 0.02}
    threading.Thread(target=server.serve_forever, kwargs=pausing, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def host(settings):
    with open_host() as server:
        settings.ENV = _allowing(settings.ENV, server)
        yield server


def _allowing(env, *servers):
    hosts = {*env.allow_hosts, *(server.name for server in servers)}
    return replace(env, wire_allow_hosts=",".join(hosts))


def arrive(feed, *documents):
    """Wire and desk, without the picture lane."""
    for data in documents:
        arrival = Arrival("item.json", data, "application/json", None, datetime.now(UTC))
        wire.take_arrival(feed, arrival)
    desk.catch_up()


def test_a_report_appears_first_and_its_picture_follows(feed, host):
    host.pause = 0.5
    began = time.monotonic()
    arrive(feed, pictured("urn:a", {"href": host.url("1.jpg"), "caption": "A pier"}))
    press.catch_up()
    article = Article.objects.get()
    page = surfaces()[article.path, "full"]
    assert "Harbour opens early" in page
    assert "<figure" not in page
    assert not host.asked
    assert time.monotonic() - began < 20
    assert desk.collect_pictures(within=60) == 1
    press.catch_up()
    assert "A pier" in surfaces()[article.path, "full"]


def test_a_withdrawal_never_waits_for_a_picture(feed, host):
    """The picture host hangs while the withdrawal comes in and is carried out."""
    host.pause = 3.0
    arrive(feed, pictured("urn:bad", {"href": host.url("1.jpg")}, headline="Letter"))
    with host.lock:
        asked = dict(host.asked)
    arrive(
        feed,
        pictured("urn:next", {"href": host.url("2.jpg")}),
        ninjs("urn:bad", version=2, status="canceled"),
    )
    assert Article.objects.get(item__key="urn:bad").withdrawn_at is not None
    assert not asked
    assert not host.asked


def test_a_slow_host_gets_two_at_once_and_holds_up_nobody(feed, host, settings):
    host.pause = 1.0
    with open_host() as quick:
        settings.ENV = _allowing(settings.ENV, quick)
        slow = [{"href": host.url(f"{n}.jpg"), "credit": f"P{n}"} for n in range(4)]
        arrive(feed, pictured("urn:slow", *slow))
        arrive(feed, pictured("urn:quick", {"href": quick.url("1.jpg"), "credit": "Q"}))
        began = time.monotonic()
        assert desk.collect_pictures(within=0.5) >= 3
        assert quick.asked == {"/1.jpg": 1}
        assert host.most == 2
        assert time.monotonic() - began < 15
        assert Article.objects.get(item__key="urn:quick").shown_picture.credit == "Q"


def test_a_host_that_fails_is_asked_again_later_and_slower(feed, host):
    host.status = 503
    sent = [{"href": host.url(f"{n}.jpg"), "credit": f"P{n}"} for n in range(6)]
    arrive(feed, pictured("urn:a", *sent))
    assert desk.collect_pictures(within=5) == 0
    assert 1 <= sum(host.asked.values()) <= 2 + collecting.FROM_ONE_HOST
    before = sum(host.asked.values())
    assert desk.collect_pictures(within=5) == 0
    assert sum(host.asked.values()) == before
    assert "503" in WirePicture.objects.exclude(problem="").first().problem
    host.status = 200
    with clock.standing_at(clock.now() + timedelta(seconds=121)):
        assert desk.collect_pictures(within=60) == 6
    assert Article.objects.get().shown_picture.credit == "P0"


def test_what_never_comes_is_given_up(feed, host):
    host.status = 404
    arrive(feed, pictured("urn:a", {"href": host.url("1.jpg")}))
    at = clock.now()
    for turn in range(12):
        with clock.standing_at(at + timedelta(hours=7 * turn)):
            desk.collect_pictures(within=5)
    assert sum(host.asked.values()) == len(collecting.PAUSES) + 1
    row = WirePicture.objects.get()
    assert row.next_at is None
    assert "404" in row.problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [(b"<html>sign in</html>", "no JPEG"), (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no")],
)
def test_what_is_no_picture_is_not_asked_for_again(feed, host, body, problem):
    host.body = body
    arrive(feed, pictured("urn:a", {"href": host.url("1.jpg")}))
    assert desk.collect_pictures(within=5) == 0
    row = WirePicture.objects.get()
    assert row.next_at is None
    assert problem in row.problem


def test_an_address_inside_is_refused_for_good(feed, host, settings):
    settings.ENV = replace(settings.ENV, wire_allow_hosts="")
    arrive(feed, pictured("urn:a", {"href": host.url("1.jpg")}))
    assert desk.collect_pictures(within=5) == 0
    assert not host.asked
    assert WirePicture.objects.get().next_at is None


def test_one_picture_of_many_reports_is_fetched_once(feed, host):
    sent = {"href": host.url("1.jpg"), "credit": "P"}
    for number in range(3):
        arrive(feed, pictured(f"urn:{number}", sent))
    desk.collect_pictures(within=10)
    assert host.asked == {"/1.jpg": 1}
    assert len({a.shown_picture for a in Article.objects.all()}) == 1
    arrive(feed, pictured("urn:later", sent))
    assert Article.objects.get(item__key="urn:later").shown_picture is not None
    assert host.asked == {"/1.jpg": 1}


def test_pictures_of_reports_that_nobody_took_are_not_fetched(feed, host):
    Rule.objects.update(action="hold")
    arrive(feed, pictured("urn:a", {"href": host.url("1.jpg"), "credit": "P"}))
    assert desk.collect_pictures(within=5) == 0
    assert not host.asked
    desk.make_article(WirePicture.objects.get().item, by=ada())
    assert desk.collect_pictures(within=60) == 1
    assert Article.objects.get().shown_picture.credit == "P"


def test_what_another_process_fetches_is_waited_for_and_not_fetched_twice(feed, host):
    arrive(feed, pictured("urn:a", {"href": host.url("1.jpg")}))
    WirePicture.objects.update(lease_until=clock.now() + timedelta(seconds=1))
    began = time.monotonic()
    assert desk.collect_pictures(within=60) == 1  # The lease of the one who died ran out.
    assert time.monotonic() - began > 0.9
    assert host.asked == {"/1.jpg": 1}


def test_a_lease_that_runs_out_while_somebody_looks_is_not_passed_over(feed, host, monkeypatch):
    arrive(feed, pictured("urn:a", {"href": host.url("1.jpg")}))
    WirePicture.objects.update(lease_until=clock.now() + timedelta(minutes=1))
    claimed, looked = collecting._claimed, []

    def then_it_runs_out(running):
        yield from claimed(running)
        if not looked:
            looked.append(WirePicture.objects.update(lease_until=clock.now()))

    monkeypatch.setattr(collecting, "_claimed", then_it_runs_out)
    assert desk.collect_pictures(within=60) == 1
    assert looked == [1]


def test_the_wires_new_caption_follows_unless_staff_wrote_one(feed, tmp_path):
    drop(tmp_path / "quill", "1.jpg")
    send(feed, pictured("urn:a", {"href": "1.jpg", "credit": "P", "caption": "Old"}))
    send(feed, pictured("urn:a", {"href": "1.jpg", "credit": "P", "caption": "New"}, version=2))
    picture = Article.objects.get().shown_picture
    assert picture.caption == "New"
    picture.caption = "Ours"
    picture.save()
    send(feed, pictured("urn:a", {"href": "1.jpg", "credit": "P", "caption": "Newer"}, version=3))
    picture.refresh_from_db()
    assert picture.caption == "Ours"


def test_what_the_file_says_fills_only_what_the_wire_left_out(feed, tmp_path):
    xmp = (
        b'<x xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="File/Bo"'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Bo {{x}}</dc:creator>'
        b"<dc:rights>(c) Bo</dc:rights></x>"
    )
    (tmp_path / "quill" / "1.jpg").write_bytes(jpeg(xmp=xmp))
    (tmp_path / "quill" / "2.jpg").write_bytes(jpeg("red", xmp=xmp))
    send(feed, pictured("urn:a", {"href": "1.jpg", "credit": "Wire/Ann"}))
    send(feed, pictured("urn:b", {"href": "2.jpg", "credit": ""}))
    first, second = (a.shown_picture for a in Article.objects.order_by("pk"))
    assert (first.credit, first.copyright_notice) == ("Wire/Ann", "(c) Bo")
    assert second.credit == "File/Bo"
    assert (first.byline, first.embedded["byline"]) == ("", "Bo {{x}}")
