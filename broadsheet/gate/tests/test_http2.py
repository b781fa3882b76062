"""HTTP/2 without TLS, as a proxy in front speaks it: the same answers, the same meter."""

import socket
from collections.abc import Iterator

import h2.config
import h2.connection
import h2.events
import httpx
import pytest

from broadsheet.gate.tests.conftest import CANARY, Asked, Newsroom, Paper, article, page


@pytest.fixture
def client(paper: Paper) -> Iterator[httpx.Client]:
    paths = [f"/story-{n}" for n in range(1, 41)]
    paper.press(
        *(one for n, path in enumerate(paths, 1) for one in article(path, n)),
        *article("/open", 41, "open"),
        page("/gone", "<p>withdrawn</p>", "plain", status=410),
    )
    paper.start()
    url = f"http://localhost:{paper.port}"
    fields = {"accept-encoding": "identity"}
    with httpx.Client(base_url=url, http1=False, http2=True, headers=fields, timeout=10) as made:
        yield made


def test_pages_are_the_same_in_both_versions(paper: Paper, client: httpx.Client) -> None:
    for path in ("/", "/open", "/story-1", "/gone", "/none"):
        reply = client.get(path, headers={"cookie": paper.reader_cookie()})
        old = paper.ask(path, cookie=paper.reader_cookie())
        assert reply.http_version == "HTTP/2" and reply.status_code == old.status
        kept = [(k, v) for k, v in reply.headers.multi_items() if k in ("etag", "cache-control")]
        assert kept == [(k, v) for k, v in old.fields if k in ("etag", "cache-control")]
    first = client.get("/open", headers={"accept-encoding": "br"})
    again = client.get(
        "/open", headers={"accept-encoding": "br", "if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    head = client.head("/open", headers={"accept-encoding": "br"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == first.headers["content-length"]


def test_an_authority_that_is_not_ours_is_refused(client: httpx.Client) -> None:
    for host in ("evil.example", "localhost.evil.example"):
        assert client.get("/", headers={"host": host}).status_code == 421


def asked_at_once(port: int, paths: list[str], crumbs: list[str]) -> dict[str, bytes]:
    """Every path on one connection, all asked before the first answer; the cookie in crumbs."""
    line = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    bodies: dict[str, bytes] = dict.fromkeys(paths, b"")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        line.initiate_connection()
        streams = {}
        for path in paths:
            stream = line.get_next_available_stream_id()
            streams[stream] = path
            fields = [(":method", "GET"), (":path", path), (":scheme", "http")]
            fields += [(":authority", f"localhost:{port}"), *(("cookie", c) for c in crumbs)]
            line.send_headers(stream, fields, end_stream=True)
        connection.sendall(line.data_to_send())
        open_streams = set(streams)
        while open_streams:
            for event in line.receive_data(connection.recv(65536)):
                if isinstance(event, h2.events.DataReceived):
                    bodies[streams[event.stream_id]] += event.data
                    line.acknowledge_received_data(len(event.data), event.stream_id)
                if isinstance(event, h2.events.StreamEnded):
                    open_streams.discard(event.stream_id)
            connection.sendall(line.data_to_send())
    return bodies


def test_forty_streams_at_once_open_exactly_what_is_free(
    paper: Paper, client: httpx.Client
) -> None:
    paths = [f"/story-{n}" for n in range(1, 41)]
    bodies = asked_at_once(paper.port, paths, ["theme=dark", paper.reader_cookie(), "a=b"])
    assert sum(CANARY.encode() in body for body in bodies.values()) == 3
    assert sum(b"wall limit_anonymous" in body for body in bodies.values()) == 37


def test_two_ids_in_crumbs_count_as_none(paper: Paper, client: httpx.Client) -> None:
    two = "; ".join((paper.reader_cookie(), paper.reader_cookie()))
    assert "set-cookie" in client.get("/story-1", headers={"cookie": two}).headers


def test_the_newsroom_is_asked_in_one_piece(
    paper: Paper, newsroom: Newsroom, client: httpx.Client
) -> None:
    seen: list[tuple[str, str | None, list[str], bytes]] = []

    def answer(asked: Asked) -> None:
        length = int(asked.headers.get("content-length") or 0)
        body = asked.rfile.read(length)
        if asked.headers.get("transfer-encoding") == "chunked":
            while size := int(asked.rfile.readline(), 16):
                body += asked.rfile.read(size)
                asked.rfile.readline()
        cookies = asked.headers.get_all("cookie") or []
        seen.append((asked.command, asked.headers.get("host"), cookies, body))
        asked.say(200, b"done", ("set-cookie", "a=1"), ("set-cookie", "b=2"))

    newsroom.answer = answer
    host = f"localhost:{paper.port}"
    crumbs = [("cookie", "a=1"), ("cookie", "b=2")]
    reply = client.post("/accounts/login/", headers=crumbs, content=b"known length")
    assert reply.headers.get_list("set-cookie") == ["a=1", "b=2"]
    client.cookies.clear()
    client.post("/accounts/login/", content=iter([b"a length ", b"nobody said"]))
    client.cookies.clear()
    client.get("/accounts/login/", headers=crumbs)
    assert seen == [
        ("POST", host, ["a=1; b=2"], b"known length"),
        ("POST", host, [], b"a length nobody said"),
        ("GET", host, ["a=1; b=2"], b""),
    ]
