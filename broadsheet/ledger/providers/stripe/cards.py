"""Another card: a Checkout Session in mode `setup`, then the subscription's default payment method.

Stripe keeps the card that was typed in and leaves the subscription as it is
(docs.stripe.com/payments/checkout/subscriptions/update-payment-details): putting it in force is
ours. That happens whenever the order is looked up, so a webhook that was lost costs nothing; the
subscription's metadata says of which session that was done.
"""

from typing import Any
from uuid import uuid4

from broadsheet.ledger.providers.base import GatewayRefused, KeptCard
from broadsheet.ledger.providers.stripe.calling import Caller, Json, StripeRefused, segment
from broadsheet.ledger.providers.stripe.marks import CARD, ORDER
from broadsheet.ledger.providers.stripe.objects import Objects, stops
from broadsheet.ledger.providers.stripe.orders import locale

RENEWING = frozenset({"trialing", "active", "past_due", "unpaid"})


def open_page(caller: Caller, found: Objects, return_url: str, language: str) -> str:
    """The hosted page; see `Provider.open_card_page`."""
    sub = found.subscription
    if found.terms is None or sub is None or not _renews(sub):
        raise GatewayRefused("Nothing renews, so no card is charged.", "Look it up.")
    marks = {ORDER: found.terms.key}
    made = caller.post(
        "/v1/checkout/sessions",
        # Each page is one of its own: a second one takes the place of one that was left.
        uuid4().hex,
        mode="setup",
        customer=found.customer,
        allowed_payment_method_types=["card"],
        setup_intent_data={"metadata": marks | {"subscription": sub["id"]}},
        metadata=marks,
        locale=locale(language),
        success_url=return_url,
        cancel_url=return_url,
    )
    return str(made["url"])


def _renews(sub: Json) -> bool:
    return sub["status"] in RENEWING and not stops(sub)


def put_in_force(caller: Caller, found: Objects) -> bool:
    """Charge the card that was typed in last from now on; whether that was to be done.

    A card that Stripe does not take any more (deleted there meanwhile) leaves all as it was.
    """
    sub, session = found.subscription, found.setup
    if sub is None or session is None or sub["status"] not in RENEWING:
        return False
    method = (session["setup_intent"] or {}).get("payment_method")
    if not method or sub["metadata"].get(CARD) == session["id"]:
        return False
    try:
        _put(caller, sub, method, session["id"])
    except StripeRefused:
        return False
    return True


def _put(caller: Caller, sub: Json, method: str, session: str) -> None:
    kept: dict[str, Any] = {"default_payment_method": method}
    if sub["schedule"]:
        # A planned change brings the card of its schedule with it when its phase begins.
        path = f"/v1/subscription_schedules/{segment(sub['schedule'])}"
        caller.post(path, uuid4().hex, default_settings=kept)
    # Asked again, it sees that it is so: each time is a call of its own.
    path = f"/v1/subscriptions/{segment(sub['id'])}"
    caller.post(path, uuid4().hex, metadata={CARD: session}, **kept)


def kept_card(sub: Json) -> KeptCard | None:
    """The card of later charges; None for another kind of payment method, or when there is none."""
    method = sub["default_payment_method"] or {}
    card = method.get("card")
    if not card:
        return None
    expires = f"{card['exp_year']}-{card['exp_month']:02}"
    return KeptCard(method["id"], f"•••• {card['last4']}", expires)
