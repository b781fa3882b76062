"""The same address asked for in another way opens nothing more."""

import socket
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.bypass.conftest import Planted, Visitor, browser

WALLS = ("registered", "metered", "premium", "epaper", "archive")

ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Googlebot-News", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "facebookexternalhit/1.1", "Twitterbot/1.0", "Slackbot-LinkExpanding 1.0", "AdsBot-Google",
    "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)", "ia_archiver", "GPTBot/1.2", "curl/8.0",
    "archive.org_bot", "WhatsApp/2.0", "LinkedInBot/1.0", "Applebot/0.1", "",
)  # fmt: skip
ADDRESSES = ("66.249.66.1", "66.249.66.1, 10.0.0.1", "10.0.0.1, 66.249.66.1", "::ffff:66.249.66.1")
FIELDS = (
    "x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip", "client-ip"
)  # fmt: skip
REFERERS = (
    "https://www.google.com/", "https://news.google.com/", "https://www.facebook.com/",
    "https://t.co/x", "android-app://com.google.android.gm", "",
)  # fmt: skip
QUERIES = (
    "utm_medium=email", "utm_source=newsletter", "amp", "outputType=amp", "amp=1", "print=1", "m=1",
    "view=full", "preview=true", "preview=1&live=1", "format=json", "format=rss", "format=txt",
    "format=md", "_escaped_fragment_=", "full=1", "nopaywall=1", "share=1", "gift=1", "token=1",
    "fields=body", "include=body", "raw=1", "variant=full", "cache=no", "x=/style.css",
)  # fmt: skip
ENDINGS = (
    "/amp", "/amp/", "/print", "/print/", ".json", ".md", ".txt", ".xml", ".rss", ".amp.html",
    "/feed.rss", "/feed.json", "/style.css", ";x=.css", "/.css", "%2f", "/%2e%2e/full", "//",
    "/index.html", "?", "%3fx", "%00", "%0a", "/full", "/full_no_ads", "/teaser", "/preview",
)  # fmt: skip
KINDS = (
    "application/json", "text/markdown", "text/plain", "application/activity+json",
    "application/ld+json", "application/rss+xml", "application/pdf", "text/x-component",
)  # fmt: skip
METHODS = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "QUERY")


def ask(planted: Planted, walled: Visitor, ending: str = "", **more: object) -> list[object]:
    """Ask for every gated article in one way; what leaked, and errors of the paper."""
    faults: list[object] = []
    for name in WALLS:
        method = str(more.get("method", "GET"))
        fields = more.get("headers")
        reply = walled.client.request(method, planted.path(name) + ending, headers=fields)  # type: ignore[arg-type]
        if leaked := walled.leaks(reply):
            faults.append((method, name, ending, fields, leaked))
        if reply.status_code >= 500 and reply.status_code != 503:
            faults.append((method, name, ending, fields, reply.status_code))
    return faults


def test_bypass_11_calling_oneself_a_robot_opens_nothing(planted, walled) -> None:
    assert not [
        f for robot in ROBOTS for f in ask(planted, walled, headers={"user-agent": robot})
    ]  # fmt: skip


def test_bypass_12_claiming_another_address_opens_nothing(planted, walled) -> None:
    claims = [{field: address} for field in FIELDS for address in ADDRESSES]
    claims += [{"forwarded": f"for={a.partition(',')[0]}"} for a in ADDRESSES]
    claims = [claim | {"user-agent": ROBOTS[0]} for claim in claims]
    assert not [f for claim in claims for f in ask(planted, walled, headers=claim)]


def test_bypass_15_where_a_reader_comes_from_changes_nothing(planted, walled) -> None:
    own = (planted.house.url, f"{planted.house.url}/accounts/login/")
    for name in WALLS:
        plain = walled.client.get(planted.path(name))
        for referer in (*REFERERS, *own):
            reply = walled.client.get(planted.path(name), headers={"referer": referer})
            assert (reply.status_code, reply.text) == (plain.status_code, plain.text), referer


def test_bypass_16_no_query_ending_or_kind_opens_anything(planted, walled) -> None:
    faults = [f for query in QUERIES for f in ask(planted, walled, f"?{query}")]
    faults += [f for ending in ENDINGS for f in ask(planted, walled, ending)]
    faults += [f for kind in KINDS for f in ask(planted, walled, headers={"accept": kind})]
    faults += [f for way in METHODS for f in ask(planted, walled, method=way)]
    assert not faults


@pytest.mark.parametrize("case", [str.upper, str.title, lambda path: quote(path, safe="")])
def test_bypass_23_another_spelling_of_the_address_opens_nothing(planted, walled, case) -> None:
    for name in WALLS:
        reply = walled.client.get(case(planted.path(name)).replace("%2F", "/", 1))
        assert not walled.leaks(reply), name


def test_bypass_22_ranges_and_files_beside_the_paper_open_nothing(planted, walled) -> None:
    assert not ask(planted, walled, headers={"range": "bytes=0-"})
    assert not ask(planted, walled, headers={"range": "bytes=2000-9000"})
    for path in ("/pressed.sqlite3", "/media/../pressed.sqlite3", "/media/%2e%2e/pressed.sqlite3",
                 "/static/%2e%2e/%2e%2e/pressed.sqlite3", "/media/..%2fpaper.sqlite3",
                 "//paper.sqlite3", "/-/pass", "/-/health", "/media/", "/static/"):  # fmt: skip
        reply = walled.client.get(path)
        assert not walled.leaks(reply), path
        assert b"SQLite format" not in reply.content[:16], path


def test_bypass_30_old_and_broken_ways_to_speak_open_nothing(planted: Planted, visitors) -> None:
    walled = visitors["exhausted"]
    cookie = "; ".join(f"{c.name}={c.value}" for c in walled.client.cookies.jar)
    host = f"localhost:{planted.house.port}"
    for name in WALLS:
        path = planted.path(name)
        lines = (
            f"GET {path} HTTP/1.0\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n",
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n" * 2,
            f"GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n",
            f"GET {path}\r\n\r\n",
        )
        for line in lines:
            data = _spoken(planted.house.port, line.encode())
            assert not walled.leaks(httpx.Response(200, content=data)), (name, line)


def _spoken(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(words)
        line.shutdown(socket.SHUT_WR)
        heard = b""
        while more := line.recv(65536):
            heard += more
        return heard


def test_bypass_37_another_host_is_answered_with_nothing(planted, visitors) -> None:
    client = visitors["active"].client
    for host in ("evil.example", "127.0.0.1.evil.example", "staging.localhost.evil", "[::1].evil"):
        reply = client.get(planted.path("premium"), headers={"host": host})
        assert reply.status_code == 421, host
        assert not visitors["anonymous"].leaks(reply)


def test_bypass_01_02_premium_never_opens_without_cookies(planted: Planted) -> None:
    with browser(planted.house) as client:
        for _ in range(50):
            client.cookies.clear()
            for name in ("premium", "registered", "epaper"):
                assert f"quokka{name}" not in client.get(planted.path(name)).text
