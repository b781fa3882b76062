"""Signatures of webhooks: `Fakepay-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256>[,v1=…]`.

Signed is "<t>.<raw body>" (HMAC: RFC 2104), with the time in it, so that an old request cannot be
sent again. While a secret is being exchanged there is one v1 for each secret in use.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from broadsheet.ledger.providers.base import BadSignature, Told

HEADER = "Fakepay-Signature"
TOLERANCE = 300
"""Seconds a webhook may be old, or come from the future."""


def sign(secrets: Sequence[str], body: bytes, at: int) -> str:
    """The header's value for a body sent at `at`, Unix seconds of real time."""
    return ",".join([f"t={at}", *(f"v1={_mac(secret, at, body)}" for secret in secrets)])


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> Told:
    """Read a signed webhook. Raises BadSignature for all that the gateway did not sign lately."""
    at, given = _parts(headers.get(HEADER.lower(), ""))
    if not abs(now - at) <= TOLERANCE:
        raise BadSignature("The webhook was signed too long ago.", "Check both clocks.")
    expected = _mac(secret, at, body).encode()
    if not [mac for mac in given if hmac.compare_digest(mac, expected)]:
        raise BadSignature("The webhook's signature is wrong.", "Check the webhook secret.")
    return _told(body)


def _parts(value: str) -> tuple[int, list[bytes]]:
    pairs = [part.strip().partition("=") for part in value.split(",")]
    times = [text for name, _, text in pairs if name == "t"]
    macs = [text.encode("utf-8", "replace") for name, _, text in pairs if name == "v1"]
    if len(times) != 1 or not macs or not (times[0].isascii() and times[0].isdigit()):
        raise BadSignature("The webhook has no signature.", f"Expected is {HEADER}: t=…,v1=….")
    return int(times[0][:15]), macs


def _told(body: bytes) -> Told:
    try:
        data = json.loads(body)
        return Told(event=str(data["id"]), ref=str(data["ref"]), kind=str(data["type"]))
    except (ValueError, KeyError, TypeError):
        raise BadSignature("The webhook tells of no event.", "Compare the versions.") from None


def _mac(secret: str, at: int, body: bytes) -> str:
    return hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hex()
