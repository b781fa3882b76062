"""Checkouts at Razorpay: looked for by our key, made when there is none, closed."""

from collections.abc import Callable
from typing import Any

from broadsheet.kit import clock
from broadsheet.ledger.providers.base import GatewayRefused, Hosted, Order
from broadsheet.ledger.providers.razorpay.calling import Api, every
from broadsheet.ledger.providers.razorpay.orders import (
    KEY,
    TERMS,
    fingerprint,
    is_plan,
    link_body,
    notes_of,
    plan_body,
    subscription_body,
)
from broadsheet.ledger.providers.razorpay.reading import LINK, segment

LOOKED_BACK = 2 * 24 * 3600
"""Seconds. A key is offered again for hours, so older subscriptions need not be looked through."""


def made(api: Api, order: Order) -> Hosted:
    """The checkout with this key: the one there is, else a new one.

    Two calls at once, or one that was thought lost, may have made two: the oldest counts for
    everybody and the others are cancelled.
    """
    make, find = (_subscription, _subscriptions) if order.renews else (_payment_link, _links)
    if not find(api, order.key):
        make(api, order)
    first, *others = find(api, order.key) or [_lost()]
    if notes_of(first).get(TERMS) != fingerprint(order):
        raise GatewayRefused("This key belongs to another order.", "Begin a new checkout.")
    for other in others:
        if other["status"] == "created":
            _cancel(api, other["id"])
    return Hosted(first["id"], first["short_url"])


def _lost() -> dict[str, Any]:
    raise KeyError("what was made is not listed")


def _subscriptions(api: Api, key: str) -> list[dict[str, Any]]:
    since = int(clock.now().timestamp()) - LOOKED_BACK
    return _with_key(every(api.subscription.all, {"from": since}), key)


def _links(api: Api, key: str) -> list[dict[str, Any]]:
    listed = every(api.payment_link.all, {"reference_id": key[:40]}, "payment_links")
    return _with_key(listed, key)


def _with_key(listed: Any, key: str) -> list[dict[str, Any]]:
    mine = (entry for entry in listed if notes_of(entry).get(KEY) == key)
    return sorted(mine, key=lambda entry: (entry["created_at"], entry["id"]))


def _subscription(api: Api, order: Order) -> None:
    body = plan_body(order)
    plans = sorted(
        (plan for plan in every(api.plan.all, {}) if is_plan(plan, body)),
        key=lambda plan: (plan["created_at"], plan["id"]),
    )
    plan = plans[0] if plans else api.plan.create(body)
    api.subscription.create(subscription_body(order, plan["id"], clock.now().timestamp()))


def _payment_link(api: Api, order: Order) -> None:
    api.payment_link.create(link_body(order, clock.now().timestamp()))


def close(api: Api, ref: str) -> None:
    """Close a checkout that nobody paid. Raises GatewayRefused when it has been paid."""
    is_link = segment(ref).startswith(LINK)
    fetch: Callable[[str], Any] = api.payment_link.fetch if is_link else api.subscription.fetch
    found = fetch(ref)
    if found["status"] == "created":
        found = _cancel(api, ref)
    if found["status"] not in ("cancelled", "expired") or found.get("paid_count"):
        raise GatewayRefused(f"{ref} has been paid.", "Look at it before it is replaced.")


def _cancel(api: Api, ref: str) -> Any:
    if ref.startswith(LINK):
        return api.payment_link.cancel(ref)
    return api.subscription.cancel(ref, {"cancel_at_cycle_end": False})
