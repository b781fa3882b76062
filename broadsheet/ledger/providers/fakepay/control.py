"""What only a fake has: its clock, its webhooks and its faults can be turned from outside."""

from datetime import datetime
from typing import Any

from broadsheet.ledger.providers.fakepay.agreements import moment
from broadsheet.ledger.providers.fakepay.api import FAULTS
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.providers.fakepay.events import mode, set_mode
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.providers.fakepay.http import Answer, Counter, Request, as_json
from broadsheet.ledger.providers.fakepay.mandates import revoke
from broadsheet.ledger.providers.fakepay.refusals import invalid
from broadsheet.ledger.providers.fakepay.webhooks import event_json

MOST_SECONDS = 40 * 366 * 24 * 3600


def show_clock(counter: Counter, _request: Request, _ref: str) -> Answer:
    """What the clock shows."""
    return as_json({"now": counter.gateway.now().isoformat()})


def turn_clock(counter: Counter, request: Request, _ref: str) -> Answer:
    """Move the clock, stop it or let it go; answered when all that fell due has been run."""
    data = request.json()
    if len(data) != 1:
        raise invalid("One thing at a time.", "Give advance, set, stop or start.")
    (word, value), gateway = next(iter(data.items())), counter.gateway
    match word:
        case "advance":
            gateway.advance(_seconds(value))
        case "set":
            gateway.set_clock(_moment(value, gateway))
        case "stop":
            gateway.stop_clock(_moment(value, gateway))
        case "start":
            gateway.start_clock()
        case _:
            raise invalid(f"{word!r} is unknown.", "Give advance, set, stop or start.")
    return show_clock(counter, request, "")


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= MOST_SECONDS:
        raise invalid("These are no seconds to come.", "Give a number, 0 or more.")
    return float(value)


def _moment(value: Any, gateway: Gateway) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        ahead = at.timestamp() - gateway.now().timestamp()
    except (TypeError, ValueError, OverflowError):
        raise invalid("This is no moment.", "Give ISO 8601 with an offset.") from None
    if at.tzinfo is None or ahead > MOST_SECONDS:
        raise invalid("This moment has no offset, or is too far.", "Give one such as +00:00.")
    return at


def turn_webhooks(counter: Counter, request: Request, _ref: str) -> Answer:
    """Change how webhooks behave; kept over a restart."""
    book = counter.gateway.book
    set_mode(book, str(request.json().get("mode")))
    return as_json({"mode": mode(book)})


def turn_fault(counter: Counter, request: Request, _ref: str) -> Answer:
    """Prepare a fault; kept over a restart."""
    wanted = str(request.json().get("mode"))
    if wanted not in FAULTS:
        raise invalid(f"{wanted!r} is no fault.", f"Known: {', '.join(FAULTS)}.")
    with counter.gateway.book.change():
        counter.gateway.book.keep("fault", wanted)
    return as_json({"mode": wanted})


def change_card(counter: Counter, request: Request, ref: str) -> Answer:
    """Put another card into an agreement, for its later charges."""
    card = read_number(str(request.json().get("number")))
    counter.gateway.set_card(ref, card)
    return as_json({"card": f"•••• {card.last_four}"})


def revoke_mandate(counter: Counter, _request: Request, ref: str) -> Answer:
    """Let the payer revoke the mandate of an agreement at the bank."""
    revoke(counter.gateway, ref)
    return as_json({"mandate": "revoked"})


def turn_fee(counter: Counter, request: Request, _ref: str) -> Answer:
    """Keep another share of every later charge, in ten-thousandths."""
    rate = request.json().get("rate")
    if type(rate) is not int:
        raise invalid("'rate' is no whole number.", "Give ten-thousandths.")
    counter.gateway.set_fee(rate)
    return as_json({"rate": rate})


def open_dispute(counter: Counter, request: Request, ref: str) -> Answer:
    """Let the payer's bank take a charge back."""
    fee = request.json().get("fee", 0)
    if type(fee) is not int or fee < 0:
        raise invalid("'fee' is no amount.", "Give minor units, 0 or more.")
    return as_json({"dispute": counter.gateway.open_dispute(ref, fee=fee)})


def end_dispute(counter: Counter, request: Request, ref: str) -> Answer:
    """Decide a dispute: "won" by the seller, or "lost"."""
    outcome = request.json().get("outcome")
    if outcome not in ("won", "lost"):
        raise invalid("'outcome' is neither won nor lost.", "Say which.")
    counter.gateway.end_dispute(ref, outcome)
    return as_json({"dispute": ref, "outcome": outcome})


def list_deliveries(counter: Counter, _request: Request, _ref: str) -> Answer:
    """Every event and how its delivery fares, the oldest first."""
    rows = counter.gateway.book.rows("SELECT * FROM event ORDER BY serial")
    return as_json({
        "deliveries": [
            event_json(row)
            | {"waiting": row["copies"], "tries": row["tries"], "outcome": row["outcome"]}
            | {"next_try": moment(row["next_try"]).isoformat()}
            for row in rows
        ]
    })  # fmt: skip


def list_agreements(counter: Counter, _request: Request, _ref: str) -> Answer:
    """Every agreement with the number of its paid and failed charges, the oldest first."""
    rows = counter.gateway.book.rows(
        "SELECT agreement.ref, key, state, email, renews, count(charge.ref) AS charges,"
        " coalesce(sum(paid), 0) AS paid FROM agreement LEFT JOIN charge"
        " ON charge.agreement = agreement.ref GROUP BY agreement.serial ORDER BY agreement.serial"
    )
    return as_json({
        "agreements": [
            {
                "ref": row["ref"],
                "key": row["key"],
                "state": row["state"],
                "email": row["email"],
                "renews": bool(row["renews"]),
                "paid": row["paid"],
                "failed": row["charges"] - row["paid"],
            }
            for row in rows
        ]
    })  # fmt: skip
