"""What we write on Stripe's objects, by which we know our own again on a shared account."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Change, Opening, Order

ORDER, PAPER, TERMS, KEY = (
    "broadsheet_order", "broadsheet_paper", "broadsheet_terms", "broadsheet_key",
)  # fmt: skip
CHANGE, CARD = "broadsheet_change", "broadsheet_card"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order was about, as its customer at Stripe has it."""

    key: str
    amount: int
    currency: str
    interval: Interval
    zone: str
    renews: bool
    trial_days: int
    opening: Opening | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What a price says of the change that brought it: from which period on, until when to pay."""

    key: str
    number: int
    at_once: bool
    expires_at: datetime
    price: str


def order_marks(order: Order) -> dict[str, str]:
    """Metadata that says: an object of ours, of this order."""
    return {ORDER: order.key, PAPER: urlsplit(order.return_url).netloc[:100]}


def order_terms(order: Order) -> str:
    """All that makes two orders the same, as metadata: below 500 characters."""
    opening = order.opening and [order.opening.amount, order.opening.periods]
    facts = [order.amount, order.currency, order.interval.unit, order.interval.count, order.zone]
    return json.dumps([*facts, order.renews, order.trial_days, opening])


def read_terms(metadata: Mapping[str, str]) -> Terms | None:
    """Of a customer's metadata; None when it is none of ours."""
    if not metadata.get(ORDER):
        return None
    amount, currency, unit, count, zone, renews, trial, opening = json.loads(metadata[TERMS])
    first = Opening(*opening) if opening else None
    interval = Interval(unit, count)
    return Terms(metadata[ORDER], amount, currency, interval, zone, renews, trial, first)


def change_marks(change: Change) -> dict[str, str]:
    """Metadata of the price that a change brings."""
    facts = [change.number, change.at_once, change.expires_at.isoformat()]
    return {KEY: change.key, CHANGE: json.dumps(facts)}


def read_turn(price: Mapping[str, Any]) -> Turn | None:
    """The change that brought a price; None for the price of the order."""
    metadata = price["metadata"]
    if not metadata.get(CHANGE):
        return None
    number, at_once, expires_at = json.loads(metadata[CHANGE])
    return Turn(
        metadata[KEY], number, at_once, datetime.fromisoformat(expires_at), str(price["id"])
    )
