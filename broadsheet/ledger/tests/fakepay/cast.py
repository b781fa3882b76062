"""Who plays in these tests: an order of The Lantern, a running gateway, a receiver of webhooks."""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import BadSignature, Order
from broadsheet.ledger.providers.fakepay.calling import new_caller
from broadsheet.ledger.providers.fakepay.signing import verify

KEY = "key-of-the-lantern"
SECRET = "secret-of-the-lantern"
GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
POOR = "4000 0000 0000 9995"
PAYS_ONCE = "4000 0000 0000 0341"
DAY = 24 * 3600

HTTP = new_caller(20)


def order(key="o1", **changes):
    values = {
        "key": key,
        "email": "asha@reader.example",
        "amount": 90000,
        "currency": "INR",
        "interval": Interval("month", 3),
        "zone": "Asia/Kolkata",
        "seller": "The Lantern",
        "description": "Smart Quarterly",
        "language": "en",
        "return_url": "http://paper.example/back?checkout=1",
        "cancel_url": "http://paper.example/left",
    }
    return Order(**values | changes)


def fill_in(url, number=GOOD, expiry="12/49", cvc="123"):
    """Send the card form as a browser would, without following."""
    data = {"number": number, "expiry": expiry, "cvc": cvc}
    return HTTP.post(url, data=data)


def get(url):
    return HTTP.get(url)


class Receiver:
    """The paper's end of the webhooks: keeps what arrives and answers `status`."""

    def __init__(self):
        self.status = 200
        self.seen, self.refused = [], []
        self.on_event = lambda told: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.take(self.headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/fakepay"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, headers, body):
        lower = {name.lower(): value for name, value in headers.items()}
        try:
            told = verify(SECRET, lower, body, time.time())
        except BadSignature:
            self.refused.append(json.loads(body)["id"])
            return 400
        self.on_event(told)
        self.seen.append(told)
        return self.status

    def kinds(self, ref):
        return [told.kind for told in list(self.seen) if told.ref == ref]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Control:
    """The control calls of a running gateway."""

    def __init__(self, url):
        self.url = url
        self._headers = {"Authorization": f"Bearer {KEY}"}

    def post(self, path, **data):
        answer = HTTP.post(f"{self.url}/control/{path}", json=data, headers=self._headers)
        answer.raise_for_status()
        return answer.json()

    def get(self, path):
        answer = HTTP.get(f"{self.url}/control/{path}", headers=self._headers)
        return answer.raise_for_status().json()


class Process:
    """The gateway as a process of its own."""

    def __init__(self, database, webhook="", port=0):
        words = [sys.executable, "-m", "broadsheet.ledger.providers.fakepay.server"]
        words += ["--port", str(port), "--database", str(database), "--webhook", webhook]
        secrets = {"FAKEPAY_API_KEY": KEY, "FAKEPAY_WEBHOOK_SECRET": SECRET}
        self.process = subprocess.Popen(
            words, env=os.environ | secrets, stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().split()[-1]

    def end(self, how):
        """End it with "kill" or "terminate"; the exit code."""
        getattr(self.process, how)()
        code = self.process.wait(60)
        self.process.stdout.close()
        return code
