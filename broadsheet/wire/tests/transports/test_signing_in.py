"""A feed's secret goes to the feed's own scheme, host and port, and is seen nowhere else."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from broadsheet.kit.tests.loopback import Server, redirect, reply, serving
from broadsheet.wire.transports import Collected, Credential, FeedState
from broadsheet.wire.transports.http import collect

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SECRET = "s3cr\u00e9t"
FEED = b"<rss><channel><title>Harbour wire</title></channel></rss>"


def signed_in(server: Server, kind: str, name: str = "", *others: Server) -> Collected:
    allowed = [one.place for one in (server, *others)]
    credential = Credential(kind, name, SECRET)
    return collect(server.url(), FeedState(), allow_hosts=allowed, now=NOW, credential=credential)


@pytest.mark.parametrize(
    ("kind", "name", "header", "value"),
    [
        ("basic", "desk", "Authorization",
         "Basic " + b64encode(f"desk:{SECRET}".encode()).decode()),
        ("bearer", "", "Authorization", f"Bearer {SECRET}"),
        ("header", "X-Api-Key", "X-Api-Key", SECRET),
    ],
)  # fmt: skip
def test_each_kind_is_sent(kind: str, name: str, header: str, value: str) -> None:
    with serving({"/": reply(200, FEED)}) as server:
        assert signed_in(server, kind, name).arrivals
    assert server.asked[0][1][header] == value


@pytest.mark.parametrize("kind", ["basic", "bearer", "header"])
def test_no_kind_follows_a_redirect_to_another_host_or_port(kind: str) -> None:
    with serving({"/": reply(200, FEED)}) as other:
        with serving({"/": redirect(other.url(), 301)}) as server:
            assert signed_in(server, kind, "X-Api-Key", other).arrivals
    headers = other.asked[0][1]
    assert headers["Authorization"] is None
    assert headers["X-Api-Key"] is None


def test_the_secret_is_not_shown_by_accident() -> None:
    assert SECRET not in repr(Credential("basic", "desk", SECRET))
    with serving({"/": reply(401)}) as server:
        outcome = signed_in(server, "bearer")
    assert "401" in outcome.problem
    assert SECRET not in repr(outcome)


def test_a_secret_that_cannot_be_sent_is_a_problem_that_does_not_tell_it() -> None:
    with serving({"/": reply(200, FEED)}) as server:
        credential = Credential("header", "X-Api-Key", "key\r\nX-More: 1")
        outcome = collect(
            server.url(), FeedState(), allow_hosts=[server.place], now=NOW, credential=credential
        )
    assert "header" in outcome.problem
    assert "X-More" not in outcome.problem
    assert server.asked == []
