"""The HTTP side: sockets, the table of addresses, and who may ask what."""

import logging
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from broadsheet.ledger.providers.fakepay import api, card_pages, control, hosted
from broadsheet.ledger.providers.fakepay.http import (
    Answer,
    Counter,
    Part,
    Request,
    as_json,
    refusal,
)
from broadsheet.ledger.providers.fakepay.refusals import Refused

MOST_BYTES = 64 * 1024
IDLE_SECONDS = 30

REF = r"([\w-]{1,80})"
ADDRESSES: dict[str, dict[str, Part]] = {
    "/v1/agreements": {"POST": api.open_agreement},
    "/v1/agreements/list": {"POST": api.list_agreements},
    f"/v1/agreements/{REF}": {"GET": api.show_agreement},
    f"/v1/agreements/{REF}/renewal": {"POST": api.turn_renewal},
    f"/v1/agreements/{REF}/changes": {"POST": api.change_terms},
    f"/v1/agreements/{REF}/changes/drop": {"POST": api.drop_change},
    f"/v1/agreements/{REF}/pause": {"POST": api.pause},
    f"/v1/agreements/{REF}/pause/end": {"POST": api.end_pause},
    f"/v1/agreements/{REF}/card-pages": {"POST": api.open_card_page},
    f"/v1/charges/{REF}/refunds": {"POST": api.refund},
    f"/pay/{REF}": {"GET": hosted.show, "POST": hosted.pay},
    f"/pay/{REF}/cancel": {"POST": hosted.cancel},
    f"/card/{REF}": {"GET": card_pages.show, "POST": card_pages.change},
    "/control/clock": {"GET": control.show_clock, "POST": control.turn_clock},
    "/control/webhooks": {"POST": control.turn_webhooks},
    "/control/fault": {"POST": control.turn_fault},
    "/control/deliveries": {"GET": control.list_deliveries},
    "/control/agreements": {"GET": control.list_agreements},
    f"/control/agreements/{REF}/card": {"POST": control.change_card},
    f"/control/agreements/{REF}/revoke": {"POST": control.revoke_mandate},
    "/control/fee": {"POST": control.turn_fee},
    f"/control/charges/{REF}/dispute": {"POST": control.open_dispute},
    f"/control/disputes/{REF}": {"POST": control.end_dispute},
    "/healthz": {"GET": lambda _counter, _request, _ref: as_json({"status": "ok"})},
}
_TABLE = [(re.compile(pattern, re.ASCII), parts) for pattern, parts in ADDRESSES.items()]

log = logging.getLogger("fakepay")


def answer(counter: Counter, request: Request) -> Answer:
    """Answer a request; a page for people, JSON for the rest, also when it is refused."""
    for_people = not request.path.startswith(("/v1/", "/control/", "/healthz"))
    try:
        return _answer(counter, request)
    except Refused as refused:
        return hosted.absent(refused) if for_people else refusal(refused)
    except Exception:
        log.exception("%s %s", request.method, request.path)
        return as_json({"problem": "Something went wrong.", "remedy": "Ask again."}, 500)


def _answer(counter: Counter, request: Request) -> Answer:
    if request.path.startswith(("/v1/", "/control/")) and not request.shows(counter.api_key):
        raise Refused("The API key is missing or wrong.", "Send Authorization: Bearer KEY.", 401)
    for pattern, parts in _TABLE:
        if found := pattern.fullmatch(request.path):
            part = parts.get(request.method)
            if part is None:
                raise Refused("This is asked with another method.", "See the address.", 405)
            return part(counter, request, found[1] if pattern.groups else "")
    raise Refused("There is no such address.", "Check it.", 404)


class Listener(ThreadingHTTPServer):
    """A thread for each connection; none of them holds up the end of the process."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    counter: Counter

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        log.debug("%s went away", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Fakepay"
    sys_version = ""
    timeout = IDLE_SECONDS
    server: Listener

    def do_GET(self) -> None:
        """Answer."""
        self._serve()

    def do_POST(self) -> None:
        """Answer."""
        self._serve()

    def do_HEAD(self) -> None:
        """Answer as GET, without the body."""
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: addresses hold references."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            refused = Refused("The body is too long, or of unknown length.", "Send less.", 413)
            self._send(refusal(refused))
            return
        method = "GET" if self.command == "HEAD" else self.command
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(method, self.path.partition("?")[0], headers, body)
        self._send(answer(self.server.counter, request))

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        chunked = "Transfer-Encoding" in self.headers
        if chunked or not (length.isascii() and length.isdigit()) or int(length) > MOST_BYTES:
            return None
        return self.rfile.read(int(length))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
