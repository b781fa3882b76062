"""A server on loopback that speaks Stripe's HTTP: forms in, JSON out, keys, errors, a clock."""

import base64
import copy
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from broadsheet.ledger.tests.stripe import billing, calls, checkout
from broadsheet.ledger.tests.stripe.documented import Unknown, check
from broadsheet.ledger.tests.stripe.world import KEY, VERSION, Refusal, World


class Server:
    """`world` is what it holds; `fault` is what happens to the next call that makes something."""

    def __init__(self, at=None):
        self.world, self.fault, self.kept, self.seen = World(at), "", {}, []
        self._lock = threading.RLock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                server.take(self, urlsplit(self.path).query)

            def do_POST(self):
                server.take(
                    self, self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                )

            def do_DELETE(self):
                size = int(self.headers.get("Content-Length") or 0)
                server.take(self, self.rfile.read(size).decode() or urlsplit(self.path).query)

            def log_message(self, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()

    def take(self, request, form):
        path = urlsplit(request.path).path.removeprefix("/v1/")
        with self._lock:
            self.seen.append((request.command, path))
            fault, lost = "", False
            if request.command == "POST":
                fault, self.fault = self.fault, ""
            if fault in ("down", "slow down", "in use"):
                status, body = FAULTS[fault]
            else:
                status, body = self._answer(request, path, parsed(form))
                lost = fault == "lost"
        if lost:
            request.close_connection = True
            request.connection.close()
            return
        data = b"<html>" if fault == "garbage" else json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.send_header("Request-Id", "req_1")
        request.end_headers()
        request.wfile.write(data)

    def _answer(self, request, path, given):
        headers = request.headers
        try:
            _authorise(headers)
            name, run = calls.answer(self.world, request.command, path, given)
            try:
                check(request.command, name, given)
            except Unknown as unknown:
                raise Refusal(
                    f"Received unknown parameter: {unknown}", code="parameter_unknown"
                ) from None
        except Refusal as refusal:
            return refusal.status, refusal.body
        key = headers.get("Idempotency-Key") if request.command == "POST" else None
        return self._once(key, (path, given), run, given.get("expand", []))

    def _once(self, key, call, run, expand):
        """The same key is the same call: what came of it is told again, even an error."""
        if key in self.kept:
            known, answer = self.kept[key]
            if known == call:
                return answer
            text = "Keys for idempotent requests can only be used with the same parameters."
            return 400, Refusal(text, kind="idempotency_error").body
        try:
            answer = 200, shown(self.world, run(), expand)
        except Refusal as refusal:
            answer = refusal.status, refusal.body
        if key:
            self.kept[key] = copy.deepcopy(call), answer
        return answer

    def move_to(self, at):
        """Let Stripe's clock go on to a moment; what falls due on the way happens in order."""
        until, world = int(at.timestamp()), self.world
        with self._lock:
            while due := min(_due(world), key=lambda pair: pair[0], default=None):
                if due[0] > until:
                    break
                world.now = max(world.now, due[0])
                due[1]()
            world.now = max(world.now, until)

    def pay(self, ref, card="good"):
        """The hosted page of a customer's open session is filled in."""
        with self._lock:
            found = self.world.all("checkout.session", customer=ref)
            session = next(s for s in found if s["mode"] != "setup")
            return checkout.pay(self.world, session, card)

    def pay_invoice(self, url, card="good"):
        """The hosted page of an invoice is filled in."""
        with self._lock:
            made = next(i for i in self.world.all("invoice") if i["hosted_invoice_url"] == url)
            self.world.cards[made["customer"]] = card
            return billing.pay_open(self.world, made)

    def set_up(self, url, card="good"):
        """The hosted page on which another card is typed in is filled in."""
        with self._lock:
            session = next(s for s in self.world.all("checkout.session") if s["url"] == url)
            return checkout.set_up(self.world, session, card)


FAULTS = {
    "down": (503, {"error": {"type": "api_error", "message": "Try later."}}),
    "slow down": (429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}),
    "in use": (409, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}),
}


def _due(world):
    for sub in world.all("subscription"):
        at = billing.due_at(sub)
        if at is not None:
            yield at, lambda sub=sub: billing.step(world, sub)
    for session in world.all("checkout.session", status="open"):
        yield session["expires_at"], lambda s=session: checkout.expire(world, s)


def _authorise(headers):
    given = headers.get("Authorization", "")
    if given.startswith("Basic "):
        given = "Bearer " + base64.b64decode(given[6:]).decode().removesuffix(":")
    if given != f"Bearer {KEY}":
        raise Refusal("Invalid API Key provided: sk_test_***rong", status=401)
    if headers.get("Stripe-Version") != VERSION:
        raise Refusal(f"Invalid Stripe API version: {headers.get('Stripe-Version')}")


def shown(world, made, expand):
    """An object as it travels: what is only for the server stays, what is asked for is put in."""
    if made["object"] == "list":
        inner = [name.removeprefix("data.") for name in expand]
        return made | {"data": [shown(world, one, inner) for one in made["data"]]}
    told = copy.deepcopy({k: v for k, v in made.items() if not k.startswith("_")})
    if made["object"] == "charge":
        if "balance_transaction" in expand and told["balance_transaction"]:
            told["balance_transaction"] = world.objects[told["balance_transaction"]]
        if "refunds" in expand:
            told["refunds"] = {"object": "list", "has_more": False, "url": "/v1/…"}
            told["refunds"]["data"] = world.all("refund", charge=made["id"])
    for name in ("setup_intent", "default_payment_method"):
        if name in expand and told.get(name):
            told[name] = shown(world, world.objects[told[name]], [])
    if made["object"] == "subscription" and "discounts" in expand:
        told["discounts"] = [billing.discount(world, made, ref) for ref in made["_discounts"]]
    if made["object"] == "invoice" and "payments" not in expand:
        del told["payments"]
    return told


def parsed(form):
    """A form as Stripe reads it: a[b][0][c]=d is nested."""
    root = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        words = re.findall(r"[^\[\]]+", name)
        place = root
        for word in words[:-1]:
            place = place.setdefault(word, {})
        place[words[-1]] = value
    return _listed(root)


def _listed(value):
    if not isinstance(value, dict):
        return value
    inner = {k: _listed(v) for k, v in value.items()}
    return list(inner.values()) if inner and all(k.isdigit() for k in inner) else inner
