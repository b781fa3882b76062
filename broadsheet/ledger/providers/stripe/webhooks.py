"""Webhooks: signed as Stripe signs (docs.stripe.com/webhooks), checked by its own SDK.

`Stripe-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, one v1 for each secret
while one is being exchanged. Events come in the shape of whatever version the endpoint was made
for, so nothing is read but whose they are: the customer, which stands where it always stood.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import stripe

from broadsheet.ledger.providers.base import BadSignature, Told
from broadsheet.ledger.providers.stripe.marks import ORDER

HEADER = "Stripe-Signature"
TOLERANCE = 300
"""Seconds a webhook may be old, or come from the future."""


def verify(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float, *, live: bool
) -> Told:
    """Read a signed webhook; `ref` is "" for what is none of ours.

    Raises BadSignature for all that Stripe did not sign lately, and for an event of the test mode
    where real money is taken, or the other way round.
    """
    _check(secrets, headers.get(HEADER.lower(), ""), body, now)
    try:
        event = json.loads(body)
        told = Told(str(event["id"]), _ref(event["data"]["object"]), str(event["type"]))
        is_live = event["livemode"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSignature("The webhook tells of no event.", "Compare the versions.") from None
    if is_live is not live:
        raise BadSignature(
            f"The webhook is of Stripe's {'live' if is_live else 'test'} mode, the key is not.",
            "Give the webhook secret of the same mode as the key.",
        )
    return told


def _check(secrets: Sequence[str], given: str, body: bytes, now: float) -> None:
    at = dict(part.strip().partition("=")[::2] for part in given.split(",")).get("t", "")
    if not (at.isascii() and at.isdigit() and len(at) < 16):
        raise BadSignature("The webhook has no signature.", f"Expected is {HEADER}: t=…,v1=….")
    # The SDK would compare with a clock of its own, and lets any moment of the future pass.
    if not abs(now - int(at)) <= TOLERANCE:
        raise BadSignature("The webhook was signed too long ago.", "Check both clocks.")
    if not [secret for secret in secrets if _is_signed(secret, given, body)]:
        raise BadSignature("The webhook's signature is wrong.", "Check the webhook secret.")


def _is_signed(secret: str, given: str, body: bytes) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, given, secret)
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def _ref(about: Mapping[str, Any]) -> str:
    """Whom an object is about: a customer, else a charge whose customer can be asked for."""
    kind = about["object"]
    if kind in ("checkout.session", "subscription", "setup_intent"):
        return str(about["customer"] or "") if (about["metadata"] or {}).get(ORDER) else ""
    if kind == "invoice":
        return str(about["customer"] or "") if _marked(about) else ""
    if kind in ("dispute", "refund"):
        return str(about.get("charge") or "")
    return str(about.get("customer") or "") if kind in ("charge", "payment_intent") else ""


def _marked(invoice: Mapping[str, Any]) -> bool:
    """Whether an invoice is of a subscription of ours, in the new shape or the one before it."""
    parent = invoice.get("parent") or {}
    details = parent.get("subscription_details") or invoice.get("subscription_details") or {}
    return bool((details.get("metadata") or {}).get(ORDER))
