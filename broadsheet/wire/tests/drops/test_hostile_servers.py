"""Servers that lie or dawdle cost a sentence and never more than the time of one look."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from broadsheet.wire.tests.drops.servers import PASSWORD, USER, sftp_serving
from broadsheet.wire.transports import Collected, FeedState, drop, ftp, imap, sftp, transport_for
from broadsheet.wire.transports.base import Credential

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@contextmanager
def saying(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that hands each connection to `talk` as soon as it is made."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=converse, args=(connection,), daemon=True).start()

    def converse(connection: socket.socket) -> None:
        with connection:
            try:
                talk(connection)
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def look(scheme: str, port: int) -> Collected:
    location = f"{scheme}://127.0.0.1:{port}/"
    return transport_for(location).collect(
        location, FeedState(), allow_hosts=[f"127.0.0.1:{port}"], now=NOW,
        credential=Credential("basic", USER, PASSWORD),
    )  # fmt: skip


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (drop, ftp, sftp, imap):
        monkeypatch.setattr(module, "TOTAL_SECONDS", 1.0)


def dripping(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"2")
        time.sleep(0.05)


def silent(connection: socket.socket) -> None:
    time.sleep(60)


def babbling(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-welcome to the harbour, please wait\r\n" * 100)


@pytest.mark.parametrize("talk", [dripping, silent, babbling])
@pytest.mark.parametrize("scheme", ["ftp", "ftps", "sftp", "imaps"])
def test_a_server_that_never_comes_to_the_point_is_left(scheme, talk, hurry):
    with saying(talk) as port:
        began = time.monotonic()
        outcome = look(scheme, port)
        took = time.monotonic() - began
    assert outcome.problem.endswith(".")
    assert outcome.arrivals == ()
    assert took < 20


@pytest.mark.parametrize("scheme", ["ftp", "ftps", "sftp", "imaps"])
def test_a_server_that_is_not_there_or_hangs_up_is_told(scheme):
    with saying(lambda connection: None) as port:
        assert look(scheme, port).problem.endswith(".")
    assert "127.0.0.1" in look(scheme, port).problem


class Ftp:
    """An FTP server that says what it likes, and where to connect for the data."""

    def __init__(self, passive: str, listing: bytes = b"") -> None:
        self.passive = passive
        self.listing = listing

    def __call__(self, connection: socket.socket) -> None:
        say = connection.sendall
        say(b"220 ready\r\n")
        for line in connection.makefile("rb"):
            word = line.split()[0].upper()
            if word == b"PASV":
                say(f"227 Entering passive mode ({self.passive}).\r\n".encode())
            elif word in (b"MLSD", b"NLST"):
                say(b"150 here it comes\r\n")
                say(b"226 done\r\n")
            else:
                say(b"230 fine\r\n")


def test_data_comes_from_the_same_machine_whatever_the_server_says():
    elsewhere = socket.create_server(("127.0.0.2", 0))
    elsewhere.settimeout(0.3)
    port = elsewhere.getsockname()[1]
    with saying(Ftp(f"127,0,0,2,{port >> 8},{port & 255}")) as control:
        assert look("ftp", control).problem
    with pytest.raises(TimeoutError):
        elsewhere.accept()
    elsewhere.close()


def test_a_listing_without_end_is_given_up():
    def data(connection: socket.socket) -> None:
        for number in range(10**6):
            connection.sendall(b"type=file;size=1;modify=20261122060000; %d.xml\r\n" % number)

    with saying(data) as port:
        with saying(Ftp(f"127,0,0,1,{port >> 8},{port & 255}")) as control:
            assert "over 5000 files" in look("ftp", control).problem


def test_a_password_is_never_sent_to_an_ssh_server_that_is_not_known(tmp_path):
    with sftp_serving(tmp_path) as place:
        outcome = look("sftp", place.port)
    assert place.fingerprint in outcome.problem
    assert PASSWORD not in outcome.problem
