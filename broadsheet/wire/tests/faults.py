"""A server for each thing that can be wrong with the other side. Real sockets, on loopback."""

from __future__ import annotations

import datetime
import gzip
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from socket import socket
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broadsheet.kit.fetch import Limits
from broadsheet.kit.tests.loopback import Server, redirect, reply, serving, talking
from broadsheet.wire import actions
from broadsheet.wire.models import Feed

HURRIED = Limits(connect=5, read=1, total=2)
HEAD = b"HTTP/1.1 200 OK\r\n"


def rss(*guids: str) -> bytes:
    """A good feed."""
    items = "".join(
        f"<item><guid>urn:{guid}</guid><title>Report {guid} from the harbour</title><description>"
        f"{'The ferry left before the fog came in. ' * 20}</description></item>"
        for guid in guids
    )
    return f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".encode()


def feed_at(name: str, url: str) -> Feed:
    """A feed of an agency of the same name."""
    return actions.add_feed(name, url, agency=name.title())


def allow(settings: Any, *servers: Server | str) -> None:
    """List these servers, or "host:port", as the publisher would."""
    places = ", ".join(one if isinstance(one, str) else one.place for one in servers)
    settings.ENV = replace(settings.ENV, wire_allow_hosts=places)


def _dripping(start: bytes, drop: bytes) -> Callable[[socket], None]:
    def drip(connection: socket) -> None:
        connection.sendall(start)
        for _ in range(200):
            connection.sendall(drop)
            time.sleep(0.05)

    return drip


def slow_headers(tmp_path: Path) -> AbstractContextManager[Server]:
    return talking(_dripping(HEAD + b"X-Slow: ", b"x"))


def drip_feed(tmp_path: Path) -> AbstractContextManager[Server]:
    return talking(_dripping(HEAD + b"\r\n<rss>", b" "))


def silence(tmp_path: Path) -> AbstractContextManager[Server]:
    return talking(lambda connection: time.sleep(60))


def endless_body(tmp_path: Path) -> AbstractContextManager[Server]:
    def pour(connection: socket) -> None:
        connection.sendall(HEAD + b"\r\n<rss>")
        for _ in range(4000):
            connection.sendall(b" " * 65536)

    return talking(pour)


def gzip_bomb(tmp_path: Path) -> AbstractContextManager[Server]:
    bomb = gzip.compress(b"<rss>" + bytes(100 * 2**20), 1)
    return serving({"/": reply(200, bomb, Content_Encoding="gzip")})


def small_bomb(tmp_path: Path) -> AbstractContextManager[Server]:
    """Below every cap, but nothing that anybody wrote."""
    bomb = gzip.compress(b"<rss>" + bytes(8 * 2**20))
    return serving({"/": reply(200, bomb, Content_Encoding="gzip")})


def nested_bomb(tmp_path: Path) -> AbstractContextManager[Server]:
    bomb = gzip.compress(gzip.compress(bytes(30 * 2**20)))
    return serving({"/": reply(200, bomb, Content_Encoding="gzip, gzip")})


def wrong_length(tmp_path: Path) -> AbstractContextManager[Server]:
    def break_off(connection: socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\n<rss><channel>")

    return talking(break_off)


def redirect_loop(tmp_path: Path) -> AbstractContextManager[Server]:
    return serving({"/": redirect("/again"), "/again": redirect("/")})


def six_redirects(tmp_path: Path) -> AbstractContextManager[Server]:
    first = {"/": redirect("/1")}
    return serving(first | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 7)})


def redirect_to_private(tmp_path: Path) -> AbstractContextManager[Server]:
    return serving({"/": redirect("http://169.254.169.254/latest/meta-data/")})


def self_signed(tmp_path: Path) -> AbstractContextManager[Server]:
    return _encrypted(tmp_path, days=(-1, 1))


def expired(tmp_path: Path) -> AbstractContextManager[Server]:
    return _encrypted(tmp_path, days=(-9, -1))


@contextmanager
def _encrypted(tmp_path: Path, days: tuple[int, int]) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path, days))
    with serving({"/": reply(200, rss("secret"))}, tls=context) as server:
        yield server


def _certificate(folder: Path, days: tuple[int, int]) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins, ends = (
        datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=day) for day in days
    )
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return pem
