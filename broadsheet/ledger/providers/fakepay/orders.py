"""Orders, changes, standings and moments as JSON, and what is wrong with an order or a change."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from broadsheet.kit.money import digits
from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import (
    Ability,
    Change,
    Charge,
    Disputed,
    KeptCard,
    Opening,
    Order,
    Pending,
    Refunded,
    Standing,
)
from broadsheet.ledger.providers.fakepay.refusals import invalid

MOST = 10**12
"""Minor units; above this somebody mistook the unit."""

LONGEST = 2000
"""Characters of any text in an order."""


CAN: frozenset[Ability] = frozenset(
    {"change", "once", "trial", "opening", "trial_opening", "pause", "resume", "card"}
)
"""What Fakepay can do."""

TERMS = frozenset({"interval", "renews", "trial_days", "opening"})
"""Fields of an order that are no text, but for its amount."""

MOST_PERIODS, MOST_DAYS = 1200, 730


def check_order(order: Order) -> None:
    """Raise Refused (422) for what nobody could pay."""
    if not 0 < order.amount <= MOST:
        raise invalid(f"{order.amount} is no amount to pay.", "Give minor units above zero.")
    try:
        digits(order.currency)
    except ValueError as error:
        raise invalid(str(error), "Give a code such as INR or EUR.") from None
    try:
        ZoneInfo(order.zone)
    except (KeyError, ValueError, OSError):
        raise invalid(f"{order.zone!r} is no time zone.", "Give an IANA name.") from None
    for name in ("key", "seller", "description"):
        if not getattr(order, name).strip():
            raise invalid(f"The order has no {name}.", "Give one.")
    for name in ("return_url", "cancel_url"):
        check_address(name, getattr(order, name))
    _check_terms(order)


def _check_terms(order: Order) -> None:
    if not 0 <= order.trial_days <= MOST_DAYS:
        raise invalid("These are no days of a trial.", f"Give 0 to {MOST_DAYS}.")
    if order.trial_days and not order.renews:
        raise invalid("What is paid once has no trial.", "Leave one of them out.")
    first = order.opening
    if first and not (0 <= first.amount <= MOST and 0 < first.periods <= MOST_PERIODS):
        raise invalid("This is no price of first periods.", "Give minor units and periods.")


def check_address(name: str, address: str) -> None:
    """Raise Refused (422) for what no browser can be sent to."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or not address.isprintable() or " " in address:
        raise invalid(f"The {name} is no address.", "Give one with http:// or https://.")


def order_json(order: Order) -> dict[str, Any]:
    """An order as it travels."""
    return asdict(order)


def read_order(data: Mapping[str, Any]) -> Order:
    """An order from its JSON. Raises Refused (422) for a field that is missing or no text."""
    values: dict[str, Any] = {"interval": _interval(data.get("interval"))} | _terms(data)
    for name in {field.name for field in fields(Order)} - TERMS:
        value = data.get(name, "" if name == "replaces" else None)
        wanted = int if name == "amount" else str
        if type(value) is not wanted or len(str(value)) > LONGEST:
            kind = "whole number" if wanted is int else "text"
            raise invalid(f"The order's {name} is no {kind}.", f"Give a {kind} for {name}.")
        values[name] = value
    return Order(**values)


def _terms(data: Mapping[str, Any]) -> dict[str, Any]:
    """How long and how often it is charged, and what the first periods cost."""
    renews, days = data.get("renews", True), data.get("trial_days", 0)
    first = data.get("opening")
    known = first is None or (isinstance(first, dict) and first.keys() == {"amount", "periods"})
    numbers = [days, *(first.values() if known and first else ())]
    if type(renews) is not bool or not known or any(type(n) is not int for n in numbers):
        remedy = "Give a boolean, days, and an amount with its periods."
        raise invalid("The order's renews, trial_days or opening is wrong.", remedy)
    opening = Opening(first["amount"], first["periods"]) if first else None
    return {"renews": renews, "trial_days": days, "opening": opening}


def _interval(data: Any) -> Interval:
    try:
        unit, count = data["unit"], data["count"]
        if type(count) is not int or count > 1200:
            raise ValueError
        return Interval(unit, count)
    except (TypeError, KeyError, ValueError):
        remedy = 'Give {"unit": "month", "count": 3}.'
        raise invalid("The order's interval is none.", remedy) from None


def check_change(change: Change) -> None:
    """Raise Refused (422) for a change that nobody could pay."""
    due = 0 < change.due <= MOST if change.at_once else change.due == 0
    if not 0 < change.amount <= MOST or not due:
        raise invalid("These are no amounts of a change.", "Give minor units above zero.")
    for name in ("key", "description"):
        if not getattr(change, name).strip():
            raise invalid(f"The change has no {name}.", "Give one.")


def change_json(change: Change) -> dict[str, Any]:
    """A change as it travels."""
    return asdict(change) | {"expires_at": change.expires_at.isoformat()}


def read_change(data: Mapping[str, Any]) -> Change:
    """A change from its JSON. Raises Refused (422) for a field that is missing or wrong."""
    values: dict[str, Any] = {"interval": _interval(data.get("interval"))}
    kinds = {"key": str, "number": int, "amount": int, "description": str, "due": int}
    for name, kind in (kinds | {"at_once": bool}).items():
        value = data.get(name)
        if type(value) is not kind or len(str(value)) > LONGEST:
            raise invalid(f"The change's {name} is wrong.", f"Give a {kind.__name__}.")
        values[name] = value
    try:
        values["expires_at"] = datetime.fromisoformat(str(data.get("expires_at")))
        values["expires_at"].timestamp()
    except (ValueError, OverflowError):
        raise invalid("The change never expires.", "Give a moment in ISO 8601.") from None
    return Change(**values)


def standing_json(standing: Standing) -> dict[str, Any]:
    """A standing as it travels: moments in ISO 8601."""
    data = asdict(standing)
    for name in ("started_at", "rests_until"):
        data[name] = data[name].isoformat() if data[name] else None
    for entry in (*data["charges"], *data["refunds"], *data["disputes"]):
        entry["at"] = entry["at"].isoformat()
        for name in ("ended_at", "due_at"):
            if entry.get(name):
                entry[name] = entry[name].isoformat()
    return data


def read_standing(data: Mapping[str, Any]) -> Standing:
    """A standing from its JSON. Raises KeyError, TypeError or ValueError when it is none."""
    values = {field.name: data[field.name] for field in fields(Standing)}
    values["interval"] = Interval(**data["interval"])
    for name in ("started_at", "rests_until"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["charges"] = tuple(Charge(**_dated(entry)) for entry in data["charges"])
    values["refunds"] = tuple(Refunded(**_dated(entry)) for entry in data["refunds"])
    values["disputes"] = tuple(Disputed(**_dated(entry)) for entry in data["disputes"])
    values["pending"] = Pending(**data["pending"]) if data["pending"] else None
    values["card"] = KeptCard(**data["card"]) if data["card"] else None
    return Standing(**values)


def _dated(entry: Mapping[str, Any]) -> dict[str, Any]:
    moments = {name: entry[name] for name in ("at", "ended_at", "due_at") if entry.get(name)}
    return {**entry, **{name: datetime.fromisoformat(at) for name, at in moments.items()}}
