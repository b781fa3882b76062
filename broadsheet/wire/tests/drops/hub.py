"""A small WebSub hub on the loopback interface, and the feed that names it."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx


@dataclass
class Hub:
    """Publisher and hub in one: `/feed` is the feed, `/hub` takes subscriptions."""

    port: int
    body: bytes = b""
    lease: int = 3600
    status: int = 202
    in_header: bool = True
    verifies: bool = True
    moved: bool = False
    wishes: list[dict[str, str]] = field(default_factory=list)
    answers: list[httpx.Response] = field(default_factory=list)
    fetched: int = 0

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def topic(self) -> str:
        return f"http://{self.place}/feed"

    @property
    def address(self) -> str:
        return f"http://{self.place}/hub"

    @property
    def wish(self) -> dict[str, str]:
        """The last request."""
        return self.wishes[-1]

    def verify(self, **other: str) -> httpx.Response:
        """Ask the subscriber whether it meant the last wish (WebSub 5.3)."""
        wish = self.wish
        asked = {
            "hub.mode": wish["hub.mode"],
            "hub.topic": wish["hub.topic"],
            "hub.challenge": f"challenge-{len(self.wishes)}",
            "hub.lease_seconds": str(self.lease),
        } | {f"hub.{name}": value for name, value in other.items()}
        return httpx.get(wish["hub.callback"], params=asked)

    def send(self, body: bytes, secret: str | None = None, method: str = "sha256") -> int:
        """Distribute content (WebSub 7); another secret than was agreed makes it a forgery."""
        key = (secret or self.wish["hub.secret"]).encode()
        signature = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
        headers = {
            "X-Hub-Signature": f"{method}={signature}",
            "Content-Type": "application/atom+xml",
        }
        return httpx.post(self.wish["hub.callback"], content=body, headers=headers).status_code


@contextmanager
def hub_serving(body: bytes) -> Iterator[Hub]:
    """The hub while it runs. It verifies each subscription before it answers."""

    class Talk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.fetched += 1
            self.send_response(200)
            if hub.in_header:
                self.send_header("Link", f'<{hub.address}>; rel="hub", <{hub.topic}>; rel="self"')
            self.send_header("Content-Type", "application/atom+xml")
            self.end_headers()
            self.wfile.write(hub.body)

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/hub" and hub.moved:
                self.send_response(308)
                self.send_header("Location", "/new-hub")
                self.end_headers()
                return
            hub.wishes.append({name: values[0] for name, values in parse_qs(form).items()})
            if hub.status == 202 and hub.verifies:
                hub.answers.append(hub.verify())
            self.send_response(hub.status)
            self.end_headers()
            self.wfile.write(b"as you wish" if hub.status == 202 else b"not for you")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    hub = Hub(server.server_address[1], body)
    thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
