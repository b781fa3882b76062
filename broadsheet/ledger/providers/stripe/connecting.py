"""`stripe://SECRET_KEY:WEBHOOK_SECRET[,OLDER_SECRET]@[host]`: what it connects to."""

from ipaddress import ip_address
from urllib.parse import SplitResult, unquote

from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.stripe.client import Stripe

HOST = "api.stripe.com"


def connect(parts: SplitResult) -> Stripe:
    """The provider for an address. Raises Refusal for a key that is no secret key of Stripe's."""
    key, secrets = unquote(parts.username or ""), unquote(parts.password or "").split(",")
    _mode(key)
    return Stripe(_base(parts), key, tuple(part.strip() for part in secrets if part.strip()))


def described(parts: SplitResult) -> str:
    """Which gateway, in which mode, and where when it is not Stripe's own address; no secrets."""
    place = "" if (parts.hostname or HOST) == HOST else f" at {parts.hostname}"
    return f"Stripe, {_mode(unquote(parts.username or ''))} mode{place}"


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


def _base(parts: SplitResult) -> str:
    host = parts.hostname or HOST
    place = f"[{host}]" if ":" in host else host
    place += f":{parts.port}" if parts.port else ""
    # Without TLS the key would be read on the way: only where there is no way.
    return f"http://{place}" if _is_loopback(host) else f"https://{place}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
