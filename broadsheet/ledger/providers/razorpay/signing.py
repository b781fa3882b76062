"""Webhooks: `X-Razorpay-Signature` is the hex HMAC-SHA256 of the raw body, checked by the SDK.

https://razorpay.com/docs/webhooks/validate-test and …/best-practices. While a secret is being
exchanged, what was written before comes with the old one.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from razorpay.errors import SignatureVerificationError
from razorpay.utility import Utility

from broadsheet.ledger.providers.base import BadSignature, Told

SIGNATURE, EVENT = "x-razorpay-signature", "x-razorpay-event-id"

OLDEST = 8 * 24 * 3600
"""Seconds. The signature has no time of its own: the body, with the time of the event in it, is
sent again for 24 hours, and for seven days by hand from the Dashboard. Refused, those would have
Razorpay switch the webhook off. One that somebody else sends again is the same event."""

AHEAD = 300
"""Seconds that a webhook may come from the future."""


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float) -> Told:
    """Read a signed webhook. Raises BadSignature for all that Razorpay did not sign lately."""
    given = headers.get(SIGNATURE, "")
    if not given:
        raise BadSignature("The webhook has no signature.", "Expected is X-Razorpay-Signature.")
    if not any(_is_signed(body, given, secret) for secret in secrets):
        raise BadSignature("The webhook's signature is wrong.", "Check the webhook secret.")
    try:
        data = json.loads(body)
        kind, created = str(data["event"]), float(data["created_at"])
        ref = _ref(data["payload"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSignature("The webhook tells of no event.", "Compare the versions.") from None
    if not -AHEAD <= now - created <= OLDEST:
        raise BadSignature("The webhook was signed too long ago.", "Check both clocks.")
    return Told(event=_event(headers, body), ref=ref[:120], kind=kind[:60])


def _is_signed(body: bytes, given: str, secret: str) -> bool:
    try:
        Utility().verify_webhook_signature(body.decode(), given, secret)
    except (SignatureVerificationError, UnicodeDecodeError, TypeError):
        return False
    return True


def _event(headers: Mapping[str, str], body: bytes) -> str:
    # The header is not signed: what is no plain word is not kept as one.
    name = headers.get(EVENT, "")
    plain = name.replace("_", "").replace("-", "").isalnum() and name.isascii()
    return name if plain and len(name) <= 100 else hashlib.sha256(body).hexdigest()


def _ref(payload: Mapping[str, Any]) -> str:
    """What to ask about: the nearest to the checkout that the payload names; "" for none."""
    entities = {name: part["entity"] for name, part in payload.items() if "entity" in part}
    for name, field in (
        ("subscription", "id"), ("payment_link", "id"), ("invoice", "subscription_id"),
        ("payment", "invoice_id"), ("payment", "id"), ("refund", "payment_id"),
        ("dispute", "payment_id"),
    ):  # fmt: skip
        if found := entities.get(name, {}).get(field):
            return str(found)
    return ""
