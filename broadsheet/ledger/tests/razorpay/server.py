"""Razorpay over HTTP on a real socket, and its signed webhooks."""

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from broadsheet.ledger.tests.razorpay.account import Account
from broadsheet.ledger.tests.razorpay.api import Bad, answer

KEY_ID, KEY_SECRET, WEBHOOK = "rzp_test_1DP5mmOlF5G5ag", "thiskeyissecret", "webhook-secret"


class Server:
    """One account, its calls in the order they came, and what goes wrong with the next ones.

    `trouble` maps "METHOD path-part" to what happens to the next such call: "before" fails it with
    500, "after" fails it once it was done, "garbage" and a number as the status say themselves.
    """

    def __init__(self, now):
        self.account = Account(now)
        self.calls, self.trouble = [], {}
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self.http.daemon_threads = True

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    @property
    def settings(self):
        place = self.url.removeprefix("http://")
        return f"razorpay://{KEY_ID}:{KEY_SECRET}@{place}?webhook={WEBHOOK},older-secret"

    def webhook(self, number=-1, *, secret=WEBHOOK, event=None):
        """An event as it is delivered: raw body and headers, lower-case."""
        index = range(len(self.account.events))[number]
        body = json.dumps(self.account.events[index], separators=(",", ":")).encode()
        mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        name = event or f"evt_{index:014d}"
        return body, {"x-razorpay-signature": mac, "x-razorpay-event-id": name}

    def take(self, method, path):
        for place, what in list(self.trouble.items()):
            verb, _, part = place.partition(" ")
            if verb == method and part in path:
                del self.trouble[place]
                return what
        return None


@contextmanager
def running(now=None):
    server = Server(now if now is not None else time.time())
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def _answering(server):
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *args):
            pass

        def do_GET(self):
            self._answer("GET")

        def do_POST(self):
            self._answer("POST")

        def do_PATCH(self):
            self._answer("PATCH")

        def _answer(self, method):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = dict(parse_qsl(parts.query)) if method == "GET" else json.loads(body or b"{}")
            with server.lock:
                status, data = _said(server, method, parts.path, given, self.headers)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Answering


def _said(server, method, path, values, headers):
    server.calls.append((method, path))
    expected = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
    if headers.get("Authorization") != f"Basic {expected}":
        return _error(Bad("The api key provided is invalid", 401))
    what = server.take(method, path)
    if isinstance(what, int):
        return _error(Bad("Too many requests", what))
    if what == "before":
        return _error(Bad("We are facing some trouble", 500, "SERVER_ERROR"))
    try:
        data = answer(server.account, method, path, values, headers)
    except Bad as error:
        return _error(error)
    if what == "after":
        return _error(Bad("We are facing some trouble", 502, "GATEWAY_ERROR"))
    if what == "garbage":
        return 200, b"<html>soon back</html>"
    return 200, json.dumps(data).encode()


def _error(bad):
    return bad.status, json.dumps({"error": bad.error}).encode()
