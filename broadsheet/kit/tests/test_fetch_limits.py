"""No answer can cost more bytes or more time than its limits."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from broadsheet.kit.fetch import Limits, NotReached, TooLarge, TooSlow, fetch
from broadsheet.kit.tests.loopback import Server, reply, serving, talking

SMALL = Limits(connect=20, read=20, total=40, decoded_bytes=2**20)
HURRIED = Limits(connect=1, read=0.3, total=0.5)
TEXT = b"The ferry left at noon. " * 50


def fetched_from(server: Server, limits: Limits = SMALL, path: str = "/") -> bytes:
    return fetch(server.url(path), allow_hosts=[server.place], limits=limits).body


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_50_megabytes_stops_at_the_cap(announced: bool) -> None:
    sent = 0

    def pour(connection: socket.socket) -> None:
        nonlocal sent
        length = b"Content-Length: %d\r\n" % (50 * 2**20) if announced else b""
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
        for _ in range(50 * 16):
            sent += connection.send(b"x" * 65536)

    with talking(pour) as server, pytest.raises(TooLarge, match="1 MiB"):
        fetched_from(server)
    assert sent < 10 * 2**20


def test_a_body_of_exactly_the_cap_is_taken() -> None:
    with serving({"/": reply(200, b"x" * 2**20)}) as server:
        assert len(fetched_from(server)) == 2**20


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_stops_at_the_cap(encoding: str) -> None:
    packed = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = packed(bytes(60 * 2**20))
    assert len(bomb) < 100_000
    with serving({"/": reply(200, bomb, Content_Encoding=encoding)}) as server:
        tracemalloc.start()
        try:
            with pytest.raises(TooLarge):
                fetched_from(server)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + bytes(16)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
        ("identity", TEXT),
    ],
)
def test_compressed_bodies_are_decoded(encoding: str, packed: bytes) -> None:
    with serving({"/": reply(200, packed, Content_Encoding=encoding)}) as server:
        assert fetched_from(server) == TEXT
    assert server.asked[0][1]["Accept-Encoding"] == "gzip, deflate"


def test_compressed_bodies_are_decoded_byte_by_byte() -> None:
    packed = gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0)

    def drip(connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packed)
        connection.sendall(head + chunks + b"0\r\n\r\n")

    with talking(drip) as server:
        assert fetched_from(server) == TEXT


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)[:-9]),
        ("gzip", b"this is not gzip"),
        ("br", TEXT),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0)),
    ],
)
def test_a_body_that_cannot_be_decoded_whole_is_refused(encoding: str, body: bytes) -> None:
    with serving({"/": reply(200, body, Content_Encoding=encoding)}) as server:
        with pytest.raises(NotReached):
            fetched_from(server)


def test_a_body_shorter_than_announced_is_refused() -> None:
    def break_off(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")

    with talking(break_off) as server, pytest.raises(NotReached):
        fetched_from(server)


def seconds_until_too_slow(server: Server, limits: Limits = HURRIED) -> float:
    began = time.monotonic()
    with pytest.raises(TooSlow):
        fetched_from(server, limits)
    return time.monotonic() - began


def dripping(start: bytes, drop: bytes) -> Any:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(400):
            connection.sendall(drop)
            time.sleep(0.05)

    return drip


def test_a_body_that_drips_hits_the_total_deadline() -> None:
    with talking(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as server:
        assert 0.4 < seconds_until_too_slow(server) < 8


def test_headers_that_drip_hit_the_total_deadline() -> None:
    with talking(dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x")) as server:
        assert 0.4 < seconds_until_too_slow(server) < 8


def test_endless_interim_answers_hit_the_total_deadline() -> None:
    with talking(dripping(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")) as server:
        assert 0.4 < seconds_until_too_slow(server) < 8


def test_a_silent_server_hits_the_read_limit() -> None:
    hang_up = threading.Event()

    def say_nothing(connection: socket.socket) -> None:
        hang_up.wait(60)

    with talking(say_nothing) as server:
        limits = Limits(connect=20, read=0.3, total=40)
        assert seconds_until_too_slow(server, limits) < 15
        hang_up.set()


def test_a_name_server_that_hangs_hits_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **n: answer.wait(60) and [])
    began = time.monotonic()
    with pytest.raises(TooSlow, match="name server"):
        fetch("http://feeds.test/", limits=HURRIED)
    assert time.monotonic() - began < 15
    answer.set()


def test_what_is_not_http_is_not_reached() -> None:
    with talking(lambda connection: connection.sendall(b"220 mail.test ESMTP\r\n")) as server:
        with pytest.raises(NotReached, match="does not speak HTTP"):
            fetched_from(server)
