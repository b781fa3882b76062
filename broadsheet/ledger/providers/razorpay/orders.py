"""Orders as Razorpay's plans, subscriptions and payment links; what it cannot sell is refused.

Razorpay has no keys that make a call repeatable (only for refunds): ours is in the `notes`, and is
looked for before anything is made.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Ability, GatewayRefused, Order
from broadsheet.ledger.providers.razorpay.cycles import cadence, most_cycles

CAN: frozenset[Ability] = frozenset({"once", "trial"})
"""What Razorpay can do as the interface asks it. `change`: its updates are refused for UPI and
e-mandates and cannot charge an amount of ours. `opening`: its offers are made by hand. `pause`: it
pauses at once only, and its cycles run on. `resume`: a mandate that ended does not come back.
`card`: it has a page for another card only when a charge has failed."""

KEY, TERMS = "broadsheet_key", "broadsheet_terms"
ZONE, PAPER, TRIAL = "broadsheet_zone", "broadsheet_paper", "broadsheet_trial"
PLAN = "broadsheet_plan"
OPEN_FOR = 24 * 3600
"""Seconds a checkout waits for its reader."""

LEAST = 100
"""Minor units: Razorpay takes one rupee at least."""


def check_order(order: Order) -> None:
    """Raise GatewayRefused for what Razorpay cannot sell."""
    if order.opening is not None:
        raise GatewayRefused(
            "Razorpay cannot charge another price for the first periods.",
            "Sell the plan without it, or as a prepaid plan at that price.",
        )
    if order.trial_days and not order.renews:
        raise GatewayRefused("A prepaid plan has no trial.", "Sell it without the trial.")
    if order.amount < LEAST:
        raise GatewayRefused("This is too little for Razorpay.", "Ask for more.")
    if order.renews:
        cadence(order.interval)


def fingerprint(order: Order) -> str:
    """What the reader agrees to, in one line: the same key with another one is refused."""
    every, kind = order.interval, "renews" if order.renews else "once"
    facts = (order.amount, order.currency, every.count, every.unit, kind, order.trial_days)
    return " ".join(map(str, facts))


def order_notes(order: Order) -> dict[str, str]:
    """How our objects are known again."""
    parts = urlsplit(order.return_url)
    return {
        KEY: order.key,
        TERMS: fingerprint(order),
        ZONE: order.zone,
        PAPER: f"{parts.scheme}://{parts.netloc}",
        TRIAL: str(order.trial_days),
    }


def notes_of(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """The notes of an object; Razorpay writes an empty list for none."""
    notes = entity.get("notes")
    return notes if isinstance(notes, dict) else {}


def terms_of(entity: Mapping[str, Any]) -> tuple[int, str, Interval]:
    """Amount, currency and interval that our own notes give: of a link, which has no plan."""
    amount, currency, count, unit, *_rest = str(notes_of(entity)[TERMS]).split()
    return int(amount), currency, Interval(unit, int(count))  # type: ignore[arg-type]


def plan_body(order: Order) -> dict[str, Any]:
    """A plan of Razorpay's, which is never changed."""
    item = {
        "name": order.description[:100],
        "amount": order.amount,
        "currency": order.currency,
        "description": order.seller[:100],
    }
    return {**cadence(order.interval), "item": item, "notes": {PLAN: "1"}}


def is_plan(plan: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether a plan at Razorpay is the one that `body` would make."""
    items = all(plan["item"].get(name) == value for name, value in body["item"].items())
    cycle = (plan["period"], plan["interval"]) == (body["period"], body["interval"])
    return items and cycle and PLAN in notes_of(plan)


def subscription_body(order: Order, plan: str, now: float) -> dict[str, Any]:
    """A subscription; a trial is one that begins later.

    The trial counts from the last moment at which the reader can agree: nobody is charged before
    the days are over, and who agrees at once has some hours more.
    """
    until = int(now) + OPEN_FOR
    body: dict[str, Any] = {
        "plan_id": plan,
        "total_count": most_cycles(order.interval),
        "quantity": 1,
        "customer_notify": False,
        "expire_by": until,
        "notes": order_notes(order),
    }
    if order.trial_days:
        body["start_at"] = until + order.trial_days * 24 * 3600
    return body


def link_body(order: Order, now: float) -> dict[str, Any]:
    """A payment link: paid once, and nothing after it."""
    return {
        "amount": order.amount,
        "currency": order.currency,
        "accept_partial": False,
        "reference_id": order.key[:40],
        "description": f"{order.seller}: {order.description}"[:200],
        "customer": {"email": order.email},
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
        "expire_by": int(now) + OPEN_FOR,
        "callback_url": order.return_url,
        "callback_method": "get",
        "notes": order_notes(order),
    }
