"""The API for the seller: agreements, renewal, changes of terms, refunds."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from broadsheet.ledger.providers.fakepay import changing_cards
from broadsheet.ledger.providers.fakepay.http import Answer, Counter, Request, as_json
from broadsheet.ledger.providers.fakepay.orders import (
    LONGEST,
    read_change,
    read_order,
    standing_json,
)
from broadsheet.ledger.providers.fakepay.refusals import invalid

FAULTS = ("none", "silent_after_charge")
"""`silent_after_charge`: the next call that changes something does it and answers 500, once."""


def open_agreement(counter: Counter, request: Request, _ref: str) -> Answer:
    """Make an agreement; the same key again gives the same one."""
    order = read_order(request.json())
    hosted = counter.gateway.open_checkout(order)
    return _done(counter, hosted.ref)


def show_agreement(counter: Counter, _request: Request, ref: str) -> Answer:
    """Everything about one agreement."""
    return as_json(standing_json(counter.gateway.look_up(ref)))


def list_agreements(counter: Counter, request: Request, _ref: str) -> Answer:
    """A page of the agreements at which something happened since a moment."""
    data = request.json()
    since = _moment(data.get("since"), "since")
    return as_json(asdict(counter.gateway.list_since(since, str(data.get("cursor", "")))))


def turn_renewal(counter: Counter, request: Request, ref: str) -> Answer:
    """Stop or resume renewal."""
    renews = request.json().get("renews")
    if not isinstance(renews, bool):
        raise invalid("'renews' is neither true nor false.", "Say which.")
    counter.gateway.set_renewal(ref, renews=renews)
    return _done(counter, ref)


def change_terms(counter: Counter, request: Request, ref: str) -> Answer:
    """Change what an agreement costs, at once or with the next period."""
    counter.gateway.change(ref, read_change(request.json()))
    return _done(counter, ref)


def drop_change(counter: Counter, request: Request, ref: str) -> Answer:
    """Let go of a pending change."""
    counter.gateway.drop_change(ref, str(request.json().get("key")))
    return _done(counter, ref)


def pause(counter: Counter, request: Request, ref: str) -> Answer:
    """Let an agreement rest until a moment."""
    data = request.json()
    until = _moment(data.get("until"), "until")
    counter.gateway.pause(ref, number=_number(data.get("number")), until=until)
    return _done(counter, ref)


def end_pause(counter: Counter, request: Request, ref: str) -> Answer:
    """Rest no longer."""
    counter.gateway.resume(ref, number=_number(request.json().get("number")))
    return _done(counter, ref)


def open_card_page(counter: Counter, request: Request, ref: str) -> Answer:
    """Make a page where the payer changes the card."""
    data = request.json()
    return_url, language = data.get("return_url"), data.get("language")
    if not isinstance(return_url, str) or not isinstance(language, str):
        raise invalid("'return_url' or 'language' is no text.", "Give both.")
    url = changing_cards.open_card_page(
        counter.gateway, ref, return_url=return_url[:LONGEST], language=language[:20]
    )
    return _after_fault(counter, {"url": url})


def _number(value: Any) -> int:
    if type(value) is not int:
        raise invalid("'number' is no whole number.", "Give that of the next period.")
    return value


def _moment(value: Any, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
        found.timestamp()
    except (ValueError, OverflowError):
        raise invalid(f"'{name}' is no moment.", "Give ISO 8601 with an offset.") from None
    return found


def refund(counter: Counter, request: Request, ref: str) -> Answer:
    """Give back part of a charge."""
    amount = request.json().get("amount")
    if type(amount) is not int:
        raise invalid("'amount' is no whole number.", "Give minor units.")
    key = request.headers.get("idempotency-key", "")
    counter.gateway.refund(ref, amount, key=key)
    return _after_fault(counter, {"charge": ref, "amount": amount})


def _done(counter: Counter, ref: str) -> Answer:
    return _after_fault(counter, standing_json(counter.gateway.look_up(ref)))


def _after_fault(counter: Counter, data: Any) -> Answer:
    book = counter.gateway.book
    with book.change():
        fault = book.fact("fault", "none")
        if fault == "none":
            return as_json(data)
        book.keep("fault", "none")
    return as_json({"problem": "Something went wrong.", "remedy": "Ask again."}, 500)
