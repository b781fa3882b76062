"""Other terms: at once by a pending update, at the end of the period by a schedule.

The new price is made first and carries the key of the change, so that what is in force and what
waits can be read off the subscription itself. An update that is not paid stays pending and changes
nothing (docs.stripe.com/billing/subscriptions/pending-updates); voiding its invoice lets it go.
"""

from datetime import datetime
from typing import Any

from broadsheet.ledger.providers.base import Change, GatewayRefused, Pending
from broadsheet.ledger.providers.stripe.amounts import recurring, to_stripe
from broadsheet.ledger.providers.stripe.calling import Caller, Json, StripeRefused, segment
from broadsheet.ledger.providers.stripe.marks import Terms, Turn, change_marks, read_turn
from broadsheet.ledger.providers.stripe.objects import Objects, going_on, stops
from broadsheet.ledger.providers.stripe.standings import problem_of

ASKS = "The bank wants its card holder to confirm the payment."


def waiting(caller: Caller, sub: Json) -> Turn | None:
    """The change that is pending, by the price it would bring."""
    if sub["pending_update"]:
        items = sub["pending_update"]["subscription_items"] or []
        return _turn(caller, items[0]["price"]) if items else None
    if not sub["schedule"]:
        return None
    schedule = caller.get(f"/v1/subscription_schedules/{segment(sub['schedule'])}")
    last = schedule["phases"][-1]
    turn = _turn(caller, last["items"][0]["price"])
    now = schedule["current_phase"] or {}
    return turn if now.get("start_date") != last["start_date"] else None


def _turn(caller: Caller, price: Any) -> Turn | None:
    found = price if isinstance(price, dict) else caller.get(f"/v1/prices/{segment(price)}")
    return read_turn(found)


def pending(found: Objects, turn: Turn | None) -> Pending | None:
    """The change that waits, as a Standing says it."""
    if turn is None or not turn.at_once or found.subscription is None:
        return Pending(turn.key, at_once=False) if turn else None
    newest = found.subscription["latest_invoice"]
    invoice = next((i for i in found.invoices if i["id"] == newest), None)
    if invoice is None:
        return None
    intents = {paid["payment"].get("payment_intent") for paid in invoice["payments"]["data"]}
    failed = [c for c in found.charges if c["payment_intent"] in intents and c["failure_code"]]
    problem = problem_of(failed[-1]) if failed else ASKS
    return Pending(turn.key, True, invoice["hosted_invoice_url"] or "", problem)


def change(caller: Caller, found: Objects, terms: Terms, wanted: Change, now: datetime) -> None:
    """Charge what is due and change the terms, or plan that; see `Provider.change`."""
    sub = found.subscription
    if sub is None:
        raise GatewayRefused("Nothing was paid yet.", "Finish the checkout first.")
    turn = waiting(caller, sub)
    if (turn and turn.key == wanted.key) or _is_in_force(sub, wanted.key):
        return
    _check(found, sub, wanted, now)
    # The same key is the same price, as it was when it was made; asked, it says what it is now.
    made = caller.post("/v1/prices", wanted.key, **_price(terms, wanted))
    price = caller.get(f"/v1/prices/{segment(made['id'])}")
    if not price["active"]:
        raise GatewayRefused("This change was dropped.", "Use a new key.")
    let_go(caller, sub)
    if wanted.at_once:
        _turn_now(caller, sub, terms, wanted, price)
    else:
        _plan(caller, sub, wanted, price)


def _is_in_force(sub: Json, key: str) -> bool:
    turn = read_turn(sub["items"]["data"][0]["price"])
    return turn is not None and turn.key == key


def _check(found: Objects, sub: Json, wanted: Change, now: datetime) -> None:
    fits = sub["status"] == "active" and len(found.periods()) == wanted.number
    if not fits or wanted.expires_at <= now:
        raise GatewayRefused(
            "The subscription is not what this change was made for.", "Look it up."
        )
    if sub["discounts"]:
        raise GatewayRefused("The first price still holds.", "Change the plan after it.")
    if stops(sub) and not wanted.at_once:
        raise GatewayRefused("Nothing renews.", "Resume renewal first.")
    if not (wanted.due > 0 if wanted.at_once else wanted.due == 0) or wanted.amount <= 0:
        raise GatewayRefused("These are no amounts of a change.", "Give minor units above zero.")


def _price(terms: Terms, wanted: Change) -> dict[str, Any]:
    return {
        "currency": terms.currency.lower(),
        "unit_amount": to_stripe(wanted.amount, terms.currency),
        "recurring": recurring(wanted.interval),
        "product_data": {"name": wanted.description[:250]},
        "metadata": change_marks(wanted),
    }


def _turn_now(caller: Caller, sub: Json, terms: Terms, wanted: Change, price: Json) -> None:
    params: dict[str, Any] = {
        "items": [{"id": sub["items"]["data"][0]["id"], "price": price["id"]}],
        "billing_cycle_anchor": {"type": "now"},
        "proration_behavior": "none",
        "payment_behavior": "pending_if_incomplete",
    }
    less = wanted.due - wanted.amount
    if less:
        params["add_invoice_items"] = [_credit(terms, less, price)]
    caller.post(f"/v1/subscriptions/{sub['id']}", f"{wanted.key}-turn", **params)
    if stops(sub):
        _go_on(caller, sub["id"], wanted.key)


def _credit(terms: Terms, less: int, price: Json) -> dict[str, Any]:
    """What is taken off the first period, or put on it: a line of its own on its invoice."""
    return {
        "price_data": {
            "currency": terms.currency.lower(),
            "product": price["product"],
            "unit_amount": to_stripe(less, terms.currency),
        }
    }


def _go_on(caller: Caller, ref: str, key: str) -> None:
    """Who pays for a change wants what comes after it; not before it is paid, though."""
    now = caller.get(f"/v1/subscriptions/{ref}")
    if not now["pending_update"]:
        caller.post(f"/v1/subscriptions/{ref}", f"{key}-go-on", **going_on(now))


def _plan(caller: Caller, sub: Json, wanted: Change, price: Json) -> None:
    """A schedule of two phases: the period that is paid, then the first on the new terms."""
    schedule = caller.post(
        "/v1/subscription_schedules", f"{wanted.key}-plan", from_subscription=sub["id"]
    )
    item = sub["items"]["data"][0]
    today = {
        "items": [{"price": item["price"]["id"], "quantity": 1}],
        "start_date": schedule["phases"][0]["start_date"],
        "end_date": item["current_period_end"],
        "proration_behavior": "none",
    }
    every = price["recurring"]
    then = {
        "items": [{"price": price["id"], "quantity": 1}],
        "duration": {"interval": every["interval"], "interval_count": every["interval_count"]},
        "billing_cycle_anchor": "phase_start",
        "proration_behavior": "none",
    }
    caller.post(
        f"/v1/subscription_schedules/{schedule['id']}",
        f"{wanted.key}-phases",
        phases=[today, then],
        end_behavior="release",
        proration_behavior="none",
    )


def let_go(caller: Caller, sub: Json) -> None:
    """Nothing comes of what waits. Raises StripeRefused when it was paid this moment."""
    turn = waiting(caller, sub)
    if sub["pending_update"]:
        _void(caller, sub["latest_invoice"])
    if sub["schedule"]:
        path = f"/v1/subscription_schedules/{segment(sub['schedule'])}/release"
        caller.post(path, f"{sub['schedule']}-release")
    if turn is not None:
        caller.post(f"/v1/prices/{segment(turn.price)}", f"{turn.key}-drop", active=False)


def _void(caller: Caller, invoice: str) -> None:
    path = f"/v1/invoices/{segment(invoice)}"
    try:
        caller.post(f"{path}/void", f"{invoice}-void")
    except StripeRefused:
        if caller.get(path)["status"] != "void":
            raise


def drop(caller: Caller, sub: Json, key: str) -> None:
    """Let go of a change that is pending; see `Provider.drop_change`."""
    if _is_in_force(sub, key):
        raise GatewayRefused("This change is in force already.", "Look the subscription up.")
    turn = waiting(caller, sub)
    if turn is not None and turn.key == key:
        let_go(caller, sub)
