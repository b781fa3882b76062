"""Signed push: the agency sends, nothing is asked for. How a delivery must be signed.

The signature is HMAC-SHA256 over the timestamp, a full stop and the raw body, so that neither
can be exchanged; the timestamp keeps an old delivery from being sent once more by a stranger.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta

from broadsheet.wire.transports.base import Collected, Credential, FeedState

LOCATION = "push:"
"""The location of a feed that is pushed to the paper."""

TOLERANCE = timedelta(minutes=5)
TIMESTAMP = "X-Broadsheet-Timestamp"
SIGNATURE = "X-Broadsheet-Signature"
_REST = timedelta(days=1)


class NotSigned(Exception):
    """A delivery that nobody may act on; the message says what is wrong with its signature."""


def collect(
    location: str,
    state: FeedState,
    *,
    allow_hosts: Collection[str],
    now: datetime,
    credential: Credential | None = None,
) -> Collected:
    """Nothing: deliveries come by themselves."""
    return Collected((), state.at(location), unchanged=True, again_at=now + _REST)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the header says: "sha256=" and 64 hexadecimal digits."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, "sha256")
    return f"sha256={digest.hexdigest()}"


def check(secret: str, timestamp: str, stated: str, body: bytes, now: datetime) -> None:
    """Raises NotSigned unless the body was signed with the secret within the last five minutes."""
    if not timestamp or not stated:
        raise NotSigned(f"This delivery is not signed. Send {TIMESTAMP} and {SIGNATURE} with it.")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise NotSigned(f"{TIMESTAMP} is no time. Send the seconds since 1970, as digits.")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise NotSigned(
            f"{TIMESTAMP} is more than five minutes from the paper's clock. Check your clock, then"
            " sign the delivery anew."
        )
    made = signature(secret, timestamp, body)
    if not hmac.compare_digest(made.encode(), stated.strip().lower().encode("utf-8", "replace")):
        raise NotSigned(
            f"{SIGNATURE} does not fit. Sign timestamp, full stop and the very bytes of the body"
            " with HMAC-SHA256 and the feed's present secret."
        )
