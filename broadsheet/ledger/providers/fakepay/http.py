"""Requests and answers, free of sockets, and what every part of the server shares."""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.providers.fakepay.refusals import Refused
from broadsheet.ledger.providers.fakepay.webhooks import Deliveries


@dataclass(frozen=True, slots=True)
class Counter:
    """The engine, its deliveries, and the key the seller has to show."""

    gateway: Gateway
    deliveries: Deliveries
    api_key: str


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. `headers` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises Refused (400) when it is none."""
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise Refused("The body is no JSON object.", "Send one.", 400)
        return data

    def form(self) -> dict[str, str]:
        """The first value of each field of a form. Raises Refused (400) for too many fields."""
        text = self.body.decode("utf-8", "replace")
        try:
            fields = parse_qs(text, max_num_fields=50)
        except ValueError:
            raise Refused("The form has too many fields.", "Send less.", 400) from None
        return {name: values[0] for name, values in fields.items()}

    def shows(self, api_key: str) -> bool:
        """Whether it carries the API key (RFC 6750, 2.1), compared in constant time."""
        given = self.headers.get("authorization", "")
        expected = f"Bearer {api_key}".encode()
        return hmac.compare_digest(given.encode("utf-8", "replace"), expected)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Part = Callable[[Counter, Request, str], Answer]
"""Answers one kind of request; the text is the reference in the address, "" when it has none."""


def as_json(data: Any, status: int = 200) -> Answer:
    """An answer for the seller's program."""
    body = json.dumps(data).encode()
    return Answer(status, body, {"Content-Type": "application/json", "Cache-Control": "no-store"})


def refusal(refused: Refused) -> Answer:
    """A refusal for the seller's program."""
    said = {"problem": refused.problem, "remedy": refused.remedy}
    return as_json(said, refused.status)


def see_other(location: str) -> Answer:
    """Send the browser on with GET (RFC 9110, 15.4.4)."""
    return Answer(303, b"", {"Location": location, "Cache-Control": "no-store"})
