"""What the reader without a right may not see never leaves the server."""

import base64
from itertools import product

import pytest

from broadsheet.gate.tests.conftest import CANARY, Paper, Reply, article, unpacked

PATH = "/2026/11/21/handpicked"
REPLICA = "/2026/11/21/replica"
CANARIES = (
    CANARY.encode(),
    CANARY.encode()[::-1],
    base64.b64encode(CANARY.encode())[4:-8],
)


def leaks(reply: Reply) -> bool:
    bodies = [reply.body, repr(reply.fields).encode()]
    bodies.append(unpacked(reply))
    return any(canary in body for canary in CANARIES for body in bodies)


def cookies(paper: Paper) -> list[str]:
    return [
        "",
        paper.reader_cookie(),
        paper.pass_cookie(7),
        paper.pass_cookie(7, "unlimited", "ad_free", "epaper"),
        paper.pass_cookie(7, "premium")[:-2] + "xx",
        paper.pass_cookie(7, "premium", age=90_000),
        f"{paper.pass_cookie(7, 'premium')}; {paper.pass_cookie(8, 'premium')}",
        "pass=",
        "pass=" + "A" * 9000,
    ]


@pytest.fixture(scope="module")
def stocked(shared_paper: Paper) -> Paper:
    shared_paper.press(*article(PATH, 1, "premium"), *article(REPLICA, 2, "epaper"))
    shared_paper.start()
    return shared_paper


def test_premium_never_leaks(stocked: Paper) -> None:
    paper = stocked
    subscriber = paper.ask(PATH, cookie=paper.pass_cookie(9, "premium"))
    assert leaks(subscriber)
    encodings = ("gzip", "identity", "br, gzip", "zstd", "gzip;q=0", "*")
    extras: list[dict[str, str]] = [
        {},
        {"if_none_match": subscriber.get("etag") or "*"},
        {"if_modified_since": "Sat, 21 Nov 2026 00:00:00 GMT"},
        {"sec_purpose": "prefetch"},
        {"range": "bytes=0-9999"},
        {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)", "x_forwarded_for": "66.249.66.1"},
        {"referer": "https://news.google.com/", "accept": "application/json"},
    ]
    for cookie, encoding, more in product(cookies(paper), encodings, extras):
        for method in ("GET", "HEAD"):
            sent = {"cookie": cookie} if cookie else {}
            reply = paper.ask(PATH, method, accept_encoding=encoding, **sent, **more)
            assert not leaks(reply), (method, cookie, encoding, more)
            assert reply.status in (200, 304)


def test_queries_and_neighbouring_addresses_do_not_leak(stocked: Paper) -> None:
    for tail in ("?amp=1", "?view=full&pass=1", "/amp", ".json", "/x.css", "?_escaped_fragment_=",
                 "%00", ";x", "//", "/.", "/..%2f"):  # fmt: skip
        assert not leaks(stocked.ask(PATH + tail, accept_encoding="identity"))


def test_other_methods_do_not_leak(stocked: Paper) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"):
        reply = stocked.ask(PATH, method, accept_encoding="identity")
        assert reply.status == 405 and reply.get("allow") == "GET, HEAD"
        assert not leaks(reply)


def test_an_article_that_becomes_premium_is_closed_at_once_for_those_who_read_it(
    paper: Paper,
) -> None:
    paper.press(*article(PATH, 1, "metered"))
    paper.start()
    cookie = paper.reader_cookie()
    assert leaks(paper.ask(PATH, cookie=cookie))
    paper.press(*article(PATH, 1, "premium"))
    paper.taken_up()
    reply = paper.ask(PATH, cookie=cookie, accept_encoding="identity")
    assert not leaks(reply) and b"wall premium" in reply.body


def test_a_teaser_without_a_wall_of_its_own_shows_that_of_premium(stocked: Paper) -> None:
    assert b"wall premium" in stocked.ask(REPLICA, accept_encoding="identity").body
    with_right = stocked.ask(REPLICA, cookie=stocked.pass_cookie(7, "epaper"))
    assert leaks(with_right)
