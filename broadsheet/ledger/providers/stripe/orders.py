"""An order as Stripe's objects: a customer for it alone, and a Checkout Session.

Each order has a customer of its own, because everything that ever happens (sessions, subscription,
invoices, charges) can be listed by its customer and says whose it is: the customer is the `ref`.
"""

from typing import Any

from broadsheet.ledger.providers.base import Ability, GatewayRefused, Order
from broadsheet.ledger.providers.stripe.amounts import recurring, to_stripe
from broadsheet.ledger.providers.stripe.marks import TERMS, order_marks, order_terms

CAN: frozenset[Ability] = frozenset(
    {"change", "once", "trial", "opening", "pause", "resume", "card"}
)
"""What Stripe can do."""

LONGEST_TRIAL = 730
"""Days; Stripe allows no more."""

LOCALES = frozenset(
    [
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "en-GB",
        "es",
        "es-419",
        "et",
        "fi",
        "fil",
        "fr",
        "fr-CA",
        "hi-IN",
        "hr",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
        "lt",
        "lv",
        "ms",
        "mt",
        "nb",
        "nl",
        "pl",
        "pt",
        "pt-BR",
        "ro",
        "ru",
        "sk",
        "sl",
        "sv",
        "th",
        "tr",
        "vi",
        "zh",
        "zh-HK",
        "zh-TW",
    ]
)
"""Languages of the hosted page (checkout/sessions/create, `locale`)."""


def check_order(order: Order) -> None:
    """Raise GatewayRefused for what Stripe cannot sell as it is asked for."""
    if order.amount <= 0:
        raise GatewayRefused("Stripe takes more than zero.", "Ask for a price.")
    if not order.renews and (order.trial_days or order.opening):
        raise GatewayRefused(
            "What does not renew has neither a trial nor another first price.",
            "Sell it as it is.",
        )
    if order.trial_days and order.opening:
        raise GatewayRefused(
            "Stripe would count the first price from the begin of the trial.",
            "Offer one of both.",
        )
    if not 0 <= order.trial_days <= LONGEST_TRIAL:
        raise GatewayRefused("Stripe's longest trial is two years.", "Offer a shorter one.")
    session(order, "")
    coupon(order)


def customer(order: Order) -> dict[str, Any]:
    """What makes two orders the same, and nothing that may change between two tries."""
    return {"metadata": order_marks(order) | {TERMS: order_terms(order)}}


def session(order: Order, coupon: str) -> dict[str, Any]:
    """Parameters of the Checkout Session, but for its customer."""
    price: dict[str, Any] = {
        "currency": order.currency.lower(),
        "unit_amount": to_stripe(order.amount, order.currency),
        "product_data": {"name": f"{order.seller}: {order.description}"[:250]},
    }
    if order.renews:
        price["recurring"] = recurring(order.interval)
    common = {
        "client_reference_id": order.key,
        "metadata": order_marks(order),
        "line_items": [{"quantity": 1, "price_data": price}],
        "locale": locale(order.language),
        "success_url": order.return_url,
        "cancel_url": order.cancel_url,
    }
    if coupon:
        common["discounts"] = [{"coupon": coupon}]
    return common | (_billed(order) if order.renews else _once(order))


def _billed(order: Order) -> dict[str, Any]:
    data: dict[str, Any] = {
        "metadata": order_marks(order),
        "description": order.description[:500],
        "billing_mode": {"type": "classic"},
    }
    if order.trial_days:
        data["trial_period_days"] = order.trial_days
    # A card is asked for even where nothing is due today: it is charged afterwards.
    return {
        "mode": "subscription", "subscription_data": data, "payment_method_collection": "always",
    }  # fmt: skip


def _once(order: Order) -> dict[str, Any]:
    data = {"metadata": order_marks(order), "description": order.description[:500]}
    return {"mode": "payment", "payment_intent_data": data}


def coupon(order: Order) -> dict[str, Any] | None:
    """What takes the first periods to their price; None when they cost what all do.

    A coupon that repeats is counted in months (coupons/create), so several first periods must be.
    """
    if order.opening is None:
        return None
    off, periods = order.amount - order.opening.amount, order.opening.periods
    if off <= 0 or periods < 1:
        raise GatewayRefused("The first price is not below the usual one.", "Give a lower one.")
    params = {
        "amount_off": to_stripe(off, order.currency),
        "currency": order.currency.lower(),
        "max_redemptions": 1,
        "metadata": order_marks(order),
        "name": order.description[:40],
    }
    if periods == 1:
        return params | {"duration": "once"}
    if not order.interval.months:
        raise GatewayRefused(
            "Stripe counts first prices in months, not in days or weeks.",
            "Offer one first period.",
        )
    months = periods * order.interval.months
    return params | {"duration": "repeating", "duration_in_months": months}


def locale(language: str) -> str:
    """The language of a hosted page, "auto" where Stripe has none such."""
    short = language.partition("-")[0]
    return next((tag for tag in (language, short) if tag in LOCALES), "auto")
