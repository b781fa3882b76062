"""Stripe: Checkout takes the first payment, Billing charges every period after it."""

from broadsheet.ledger.providers.stripe.client import Stripe
from broadsheet.ledger.providers.stripe.connecting import connect, described

__all__ = ["Stripe", "connect", "described"]
