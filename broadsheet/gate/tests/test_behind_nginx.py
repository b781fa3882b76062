"""Behind the nginx of docs/operating.md with its cache on: it keeps only what everybody may see."""

import time
from collections.abc import Iterator

import httpx
import pytest

from broadsheet.gate import links, passes
from broadsheet.gate.tests.conftest import (
    CANARY,
    SECRET,
    UNPACK,
    Paper,
    PressRun,
    article,
    new_paper,
    page,
)
from broadsheet.gate.tests.proxying import HOST, Proxy, behind_nginx, lacking

LACKING = lacking()
pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING)

CODINGS = ("br", "gzip", "zstd", "identity", "gzip, deflate, br, zstd", "gzip, br", "*", "gzip;q=0")


@pytest.fixture
def proxy(tmp_path) -> Iterator[tuple[Paper, Proxy]]:
    paper = new_paper(tmp_path / "paper", url=f"https://{HOST}")
    paper.press(
        *article("/open", 1, "open"),
        *article("/premium", 2, "premium"),
        *article("/metered", 3, "metered"),
        *article("/metered-too", 4, "metered"),
        *article("/registered", 5, "registered"),
        page("/feed.rss", "<rss/>", "plain", content_type="application/rss+xml"),
    )
    paper.start()
    try:
        with behind_nginx(paper, tmp_path / "nginx") as running:
            yield paper, running
    finally:
        paper.kill()


def reader() -> dict[str, str]:
    """The Cookie field of a stranger who was here before."""
    signed = passes.sign_reader_id(passes.new_reader_id(), passes.reader_key(SECRET))
    return {"cookie": f"__Host-reader={signed}"}


def subscriber() -> dict[str, str]:
    """The Cookie field of somebody who may read everything."""
    rights = frozenset(("unlimited", "premium"))
    value = passes.sign_pass(passes.Pass(7, rights, time.time()), passes.pass_key(SECRET))
    return {"cookie": f"__Host-pass={value}"}


ALL = ("/", "/open", "/premium", "/metered", "/registered", "/feed.rss", "/none", "/accounts/")


def test_only_what_everybody_may_see_is_kept(proxy: tuple[Paper, Proxy]) -> None:
    _, running = proxy
    with running.client() as client:
        for _ in range(2):
            for path in ALL:
                for fields in ({}, reader(), subscriber(), {"cookie": "theme=dark"}):
                    client.cookies.clear()
                    client.get(path, headers=fields)
    kept = running.kept()
    assert set(kept) == {"GET /", "GET /open", "GET /premium", "GET /feed.rss"}
    assert all(len(files) == 1 for files in kept.values())
    everything = b"".join(data for files in kept.values() for data in files).lower()
    assert b"set-cookie" not in everything and b"private" not in everything
    (premium,) = kept["GET /premium"]
    assert CANARY.encode() not in premium and b"wall premium" in premium


def test_what_is_kept_is_asked_about_each_time(proxy: tuple[Paper, Proxy]) -> None:
    _, running = proxy
    with running.client() as client:
        for path in ("/", "/open", "/premium", "/feed.rss"):
            first, second, third = (client.get(path) for _ in range(3))
            assert first.content == second.content == third.content
            assert "x-accel-expires" not in first.headers
            assert running.outcomes(path, 3) == ["MISS", "REVALIDATED", "REVALIDATED"]
        for path in ("/metered", "/registered"):
            client.get(path), client.get(path)
            client.get(path, headers=subscriber())
            assert set(running.outcomes(path, 3)) <= {"MISS", "BYPASS"}


def test_readers_with_cookies_get_their_own_answers(proxy: tuple[Paper, Proxy]) -> None:
    _, running = proxy
    with running.client() as client:
        for _ in range(3):
            stranger = client.get("/premium")
            entitled = client.get("/premium", headers=subscriber())
            assert CANARY not in stranger.text and "wall premium" in stranger.text
            assert CANARY in entitled.text and "no-store" in entitled.headers["cache-control"]


def test_a_stranger_at_a_metered_address_gets_an_id_of_his_own(
    proxy: tuple[Paper, Proxy],
) -> None:
    _, running = proxy
    ids = set()
    for _ in range(5):
        with running.client() as client:
            reply = client.get("/metered")
            assert CANARY in reply.text
            ids.add(reply.headers["set-cookie"].partition(";")[0])
    assert len(ids) == 5 and all(one.startswith("__Host-reader=") for one in ids)


def test_a_head_spends_nothing(proxy: tuple[Paper, Proxy]) -> None:
    paper, running = proxy
    paper.press(free_anonymous="1")
    paper.taken_up()
    who = reader()
    with running.client() as client:
        assert client.head("/metered", headers=who).status_code == 200
        assert CANARY in client.get("/metered-too", headers=who).text
        assert CANARY not in client.get("/metered", headers=who).text


def unpacked(reply: httpx.Response, raw: bytes) -> bytes:
    coding = reply.headers.get("content-encoding", "")
    return UNPACK[coding](raw) if coding else raw


def test_codings_are_never_mixed_up(proxy: tuple[Paper, Proxy]) -> None:
    _, running = proxy
    texts: dict[str, set[bytes]] = {"/open": set(), "/premium": set(), "/": set()}
    with running.client() as client:
        for _ in range(4):
            for coding in CODINGS:
                for path, seen in texts.items():
                    with client.stream("GET", path, headers={"accept-encoding": coding}) as reply:
                        raw = b"".join(reply.iter_raw())
                    sent = reply.headers.get("content-encoding", "identity")
                    allowed = {"*": "gzip", "gzip;q=0": "identity"}.get(coding, coding)
                    assert sent in allowed, (coding, sent)
                    seen.add(unpacked(reply, raw))
            time.sleep(0.1)
    assert [len(seen) for seen in texts.values()] == [1, 1, 1]
    assert "REVALIDATED" in running.outcomes("/open", 4 * len(CODINGS))


def test_a_withdrawal_and_a_new_price_show_at_once(proxy: tuple[Paper, Proxy]) -> None:
    paper, running = proxy
    with running.client() as client:
        for path in ("/open", "/premium"):
            assert [client.get(path).status_code for _ in range(3)] == [200] * 3

        def withdraw(run: PressRun) -> None:
            run.remove("/open")
            run.put(page("/open", "<h1>Withdrawn</h1>", "plain", status=410))
            run.put_fragment("premium", "<b>new price</b>")

        paper.press_event(withdraw)
        paper.taken_up()
        assert client.get("/open").status_code == 410
        assert "new price" in client.get("/premium").text
        assert [client.get("/open").status_code for _ in range(3)] == [410] * 3


@pytest.mark.parametrize("path", ["/open", "/premium"])
def test_an_article_that_was_kept_is_read_by_everyone_once_it_is_metered(
    proxy: tuple[Paper, Proxy], path: str
) -> None:
    paper, running = proxy
    with running.client() as client:
        assert [client.get(path).status_code for _ in range(2)] == [200] * 2
    assert running.outcomes(path, 2) == ["MISS", "REVALIDATED"]
    paper.press(*article(path, 1, "metered"))
    paper.taken_up()
    ids = set()
    for _ in range(4):
        with running.client() as client:
            reply = client.get(path)
            assert CANARY in reply.text and "no-store" in reply.headers["cache-control"]
            ids.add(reply.headers["set-cookie"].partition(";")[0])
    assert len(ids) == 4


def test_who_holds_a_link_reads_by_it(proxy: tuple[Paper, Proxy]) -> None:
    _, running = proxy
    link = links.Link("gift", 12, 2, int(time.time()) + 600, 1)
    token = links.sign_link(link, links.link_key(SECRET))
    with running.client() as client:
        assert CANARY not in client.get("/premium").text
        came = client.get(f"/premium?link={token}")
        assert (came.status_code, came.headers["location"]) == (303, "/premium")
        held = came.headers["set-cookie"].partition(";")[0]
        assert held.startswith("__Host-links=")
        assert CANARY in client.get("/premium", headers={"cookie": held}).text
        client.cookies.clear()
        assert CANARY not in client.get("/premium").text
    assert not any("link=" in key for key in running.kept())


def test_a_gate_that_is_down_is_not_spoken_for(proxy: tuple[Paper, Proxy]) -> None:
    paper, running = proxy
    with running.client() as client:
        assert client.get("/open").status_code == 200
        paper.kill()
        assert client.get("/open").status_code == 502


@pytest.mark.parametrize("http2", [True, False])
def test_both_versions_are_spoken(proxy: tuple[Paper, Proxy], http2: bool) -> None:
    _, running = proxy
    with running.client(http2=http2) as client:
        reply = client.get("/metered", headers=subscriber())
        assert reply.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        assert CANARY in reply.text and reply.headers["strict-transport-security"]
        other = client.get("/", headers={"host": "evil.example"})
        assert other.status_code == 421
