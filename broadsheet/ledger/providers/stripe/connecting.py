"""`stripe://SECRET_KEY:WEBHOOK_SECRET[,OLDER_SECRET]@[host]`: what it connects to."""

from urllib.parse import SplitResult, unquote

from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.places import base_of, told
from broadsheet.ledger.providers.stripe.client import Stripe

HOST = "api.stripe.com"


def connect(parts: SplitResult) -> Stripe:
    """The provider for an address. Raises Refusal for a key that is no secret key of Stripe's."""
    key, secrets = unquote(parts.username or ""), unquote(parts.password or "").split(",")
    _mode(key)
    return Stripe(
        base_of(parts, HOST), key, tuple(part.strip() for part in secrets if part.strip())
    )


def described(parts: SplitResult) -> str:
    """Which gateway, in which mode, and where when it is not Stripe's own address; no secrets."""
    return told("Stripe", _mode(unquote(parts.username or "")), parts, HOST)


def _mode(key: str) -> str:
    """Keys say for themselves whether they move money: sk_live_…, rk_test_…"""
    kind, _, rest = key.partition("_")
    mode = rest.partition("_")[0]
    if kind not in ("sk", "rk") or mode not in ("live", "test"):
        raise Refusal(
            "The key of Stripe is no secret or restricted key.",
            "Give one that begins with sk_live_, rk_live_, sk_test_ or rk_test_.",
        )
    return mode
