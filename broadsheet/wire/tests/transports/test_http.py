"""A feed over HTTP is taken when it changed, and its server is treated with patience."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest

from broadsheet.kit.tests.loopback import Server, redirect, reply, serving
from broadsheet.wire.transports import Collected, FeedState
from broadsheet.wire.transports.http import collect

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = b"<rss><channel><title>Harbour wire</title></channel></rss>"
TAG = '"edition-7"'
DATE = "Mon, 02 Mar 2026 08:00:00 GMT"


@dataclass
class Harbour:
    """A feed that knows conditional requests."""

    body: bytes = FEED
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": TAG, "Last_Modified": DATE})

    def __call__(self, asked: BaseHTTPRequestHandler) -> None:
        etag = self.headers.get("ETag")
        is_known = etag and asked.headers.get("If-None-Match") == etag
        answer = reply(304) if is_known else reply(200, self.body, **self.headers)
        answer(asked)


def collected(server: Server, state: FeedState | None = None, now: datetime = NOW) -> Collected:
    return collect(server.url(), state or FeedState(), allow_hosts=[server.place], now=now)


def test_the_first_answer_arrives() -> None:
    with serving({"/": reply(200, FEED, Content_Type="text/xml; charset=utf-8")}) as server:
        outcome = collected(server)
    (arrival,) = outcome.arrivals
    assert (arrival.data, arrival.url, arrival.received_at) == (FEED, server.url(), NOW)
    assert arrival.content_type == "text/xml; charset=utf-8"
    assert not outcome.unchanged
    assert outcome.problem == ""


def test_an_unchanged_feed_is_not_sent_again() -> None:
    with serving({"/": Harbour()}) as server:
        first = collected(server)
        second = collected(server, first.state, NOW + HOUR)
    assert second.unchanged
    assert second.arrivals == ()
    headers = server.asked[1][1]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == (TAG, DATE)


def test_a_changed_feed_arrives_with_its_new_validators() -> None:
    with serving({"/": (feed := Harbour())}) as server:
        first = collected(server)
        feed.body, feed.headers = FEED + b"<!-- 8 -->", {"ETag": '"edition-8"'}
        second = collected(server, first.state, NOW + HOUR)
    assert second.arrivals[0].data == feed.body
    assert (second.state.etag, second.state.last_modified) == ('"edition-8"', "")


def test_304_is_trusted_for_a_day_only() -> None:
    with serving({"/": (feed := Harbour())}) as server:
        state = collected(server).state
        feed.body = FEED + b"<!-- changed under the same tag -->"
        within = collected(server, state, NOW + 23 * HOUR)
        after = collected(server, within.state, NOW + 24 * HOUR)
    assert within.unchanged
    assert "If-None-Match" not in server.asked[2][1]
    assert after.arrivals[0].data == feed.body


def test_the_same_body_without_validators_is_unchanged() -> None:
    with serving({"/": reply(200, FEED)}) as server:
        second = collected(server, collected(server).state)
    assert second.unchanged
    assert second.arrivals == ()


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"\xef\xbb\xbf\n<!DOCTYPE HTML><title>Log in</title>"]
)
def test_a_login_page_or_nothing_arrives_but_is_not_remembered(body: bytes) -> None:
    with serving({"/": Harbour(body)}) as server:
        first = collected(server)
        second = collected(server, first.state)
    assert first.arrivals[0].data == body
    assert second.arrivals[0].data == body
    assert "If-None-Match" not in server.asked[1][1]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503, 304, 300])
def test_a_refusal_is_a_problem_and_forgets_nothing(status: int) -> None:
    with serving({"/": reply(status)}) as server:
        state = FeedState(location=server.url(), etag=TAG, seen=frozenset({"a"}))
        outcome = collected(server, state)
    assert str(status) in outcome.problem
    assert outcome.arrivals == ()
    assert outcome.state == state
    assert outcome.gone == (status == 410)


def not_before(retry_after: str, status: int = 503) -> datetime | None:
    with serving({"/": reply(status, Retry_After=retry_after)}) as server:
        outcome = collected(server)
    assert outcome.state.retry_after == outcome.not_before
    return outcome.not_before


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_may_ask_for_patience(status: int) -> None:
    assert not_before("120", status) == NOW + timedelta(seconds=120)
    assert not_before(format_datetime(NOW + HOUR, usegmt=True), status) == NOW + HOUR


@pytest.mark.parametrize("asked", ["999999", "9" * 30, "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_patience_ends_after_a_day(asked: str) -> None:
    assert not_before(asked) == NOW + 24 * HOUR


@pytest.mark.parametrize("asked", ["soon", "-5", "", "Mon, 02 Mar 2020 08:00:00 GMT", "²"])
def test_an_unclear_wish_is_no_wish(asked: str) -> None:
    assert not_before(asked) is None


def test_patience_is_over_when_the_feed_is_back() -> None:
    with serving({"/": reply(200, FEED)}) as server:
        state = FeedState(location=server.url(), retry_after=NOW)
        assert collected(server, state).state.retry_after is None


def test_what_cannot_be_fetched_is_a_problem() -> None:
    with serving({"/": reply(200, FEED)}) as server:
        state = FeedState(location=server.url(), etag=TAG)
        outcome = collect(server.url(), state, allow_hosts=[], now=NOW)
    assert "BROADSHEET_WIRE_ALLOW_HOSTS" in outcome.problem
    assert outcome.state == state
    assert server.asked == []


@pytest.mark.parametrize(("status", "is_permanent"), [(301, True), (308, True), (302, False)])
def test_a_permanent_move_is_told(status: int, is_permanent: bool) -> None:
    with serving({"/": redirect("/new", status), "/new": reply(200, FEED)}) as server:
        outcome = collected(server)
    assert outcome.moved_to == (server.url("/new") if is_permanent else "")
    assert outcome.arrivals[0].url == server.url("/new")


def test_keys_in_the_address_do_not_get_into_the_name() -> None:
    with serving({"/wire?key=s3cret": reply(200, FEED)}) as server:
        url = server.url("/wire?key=s3cret")
        outcome = collect(url, FeedState(), allow_hosts=[server.place], now=NOW)
    assert outcome.arrivals[0].name == "127.0.0.1/wire"
