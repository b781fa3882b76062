"""Redirects are followed a short way, and credentials stay where they belong."""

from __future__ import annotations

import pytest

from broadsheet.kit.fetch import FetchError, TooManyRedirects, fetch
from broadsheet.kit.tests.loopback import redirect, reply, serving

SECRETS = {"Authorization": "Basic ZGVzazp3b3Jk", "Cookie": "id=7", "X-Api-Key": "k3y"}


def test_the_way_is_recorded() -> None:
    routes = {"/a": redirect("/b", 301), "/b": redirect("c?x=1", 307), "/c?x=1": reply(200, b"end")}
    with serving(routes) as server:
        fetched = fetch(server.url("/a"), allow_hosts=[server.place])
    assert fetched.redirects == ((301, server.url("/b")), (307, server.url("/c?x=1")))
    assert (fetched.url, fetched.body) == (server.url("/c?x=1"), b"end")


def test_a_circle_is_noticed() -> None:
    with serving({"/a": redirect("/b"), "/b": redirect("/a")}) as server:
        with pytest.raises(TooManyRedirects, match="circle"):
            fetch(server.url("/a"), allow_hosts=[server.place])
    assert len(server.asked) == 2


def test_five_redirects_are_followed_and_the_sixth_is_not() -> None:
    routes = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)} | {"/6": reply(200, b"end")}
    with serving(routes) as server:
        assert fetch(server.url("/1"), allow_hosts=[server.place]).body == b"end"
        with pytest.raises(TooManyRedirects, match="more than 5"):
            fetch(server.url("/0"), allow_hosts=[server.place])


def test_credentials_are_kept_on_the_same_host() -> None:
    with serving({"/a": redirect("/b"), "/b": reply(200)}) as server:
        fetch(server.url("/a"), headers=SECRETS, allow_hosts=[server.place])
    assert [server.asked[1][1][name] for name in SECRETS] == list(SECRETS.values())


def test_credentials_are_not_carried_to_another_host() -> None:
    with serving({"/back": reply(200)}) as first:
        with serving({"/b": redirect(first.url("/back"))}) as second:
            first_again = {"/a": redirect(second.url("/b"))}
            with serving(first_again) as start:
                fetch(
                    start.url("/a"),
                    headers={**SECRETS, "If-None-Match": '"7"'},
                    allow_hosts=[first.place, second.place, start.place],
                )
    for server in (second, first):
        headers = server.asked[0][1]
        assert not any(name in headers for name in SECRETS)
        assert headers["If-None-Match"] == '"7"'


def test_a_redirect_without_an_address_is_an_answer() -> None:
    with serving({"/": reply(302, b"where to?")}) as server:
        fetched = fetch(server.url(), allow_hosts=[server.place])
    assert (fetched.status, fetched.body) == (302, b"where to?")


@pytest.mark.parametrize("status", [200, 304, 401, 404, 410, 429, 500, 503])
def test_other_statuses_are_answers(status: int) -> None:
    with serving({"/": reply(status, ETag='"7"', Retry_After="60")}) as server:
        fetched = fetch(server.url(), allow_hosts=[server.place])
    assert (fetched.status, fetched.headers["etag"]) == (status, '"7"')


def test_the_paper_says_who_is_asking() -> None:
    with serving({"/": reply(200)}) as server:
        fetch(server.url(), headers={"Host": "elsewhere.test"}, allow_hosts=[server.place])
    headers = server.asked[0][1]
    assert headers["User-Agent"].startswith("Broadsheet/")
    assert headers.get_all("Host") == [server.place]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"/": reply(200, b"direct")}) as server, serving({}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url())
        monkeypatch.setenv("http_proxy", proxy.url())
        assert fetch(server.url(), allow_hosts=[server.place]).body == b"direct"
    assert proxy.asked == []


@pytest.mark.parametrize("value", ["line\r\nX-Injected: 1", "smile \u263a"])
def test_a_header_that_cannot_be_sent_is_refused(value: str) -> None:
    with serving({"/": reply(200)}) as server, pytest.raises(FetchError, match="header"):
        fetch(server.url(), headers={"X-Key": value}, allow_hosts=[server.place])
    assert server.asked == []
