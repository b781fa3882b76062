"""The payment gateway that is in force, named by BROADSHEET_PAYMENTS_URL."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.conf import settings

from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import Ability, Provider
from broadsheet.ledger.providers.fakepay import Fakepay


def is_connected() -> bool:
    """Whether there is a gateway at all."""
    return bool(settings.ENV.payments_url)


def gateway() -> Provider:
    """The gateway in force. Raises Refusal when there is none."""
    if not is_connected():
        raise Refusal("No payment gateway is connected.", "Set BROADSHEET_PAYMENTS_URL.")
    return _made(settings.ENV.payments_url)


def named(name: str) -> Provider:
    """The gateway of that name. Raises Refusal when it is not the one in force."""
    provider = gateway()
    if provider.name != name:
        raise Refusal(f"The gateway {name!r} is not connected.", "Set BROADSHEET_PAYMENTS_URL.")
    return provider


def lacks(name: str, ability: Ability) -> bool:
    """Whether the gateway of that name is the one in force and cannot do this."""
    if not is_connected():
        return False
    provider = gateway()
    return provider.name == name and ability not in provider.can


@lru_cache(maxsize=4)
def _made(url: str) -> Provider:
    parts = urlsplit(url)
    return MAKERS[parts.scheme](parts)


def _fakepay(parts: SplitResult) -> Provider:
    place = f"http://{parts.hostname}:{parts.port or 80}"
    return Fakepay(place, unquote(parts.username or ""), unquote(parts.password or ""))


def _razorpay(parts: SplitResult) -> Provider:
    # Its SDK is loaded where it is used: it brings a second HTTP client with it.
    from broadsheet.ledger.providers.razorpay import Razorpay

    host = parts.hostname or ""
    place = f"{'http' if host in LOOPBACK else 'https'}://{parts.netloc.rpartition('@')[2]}"
    secrets = [secret for text in parse_qs(parts.query)["webhook"] for secret in text.split(",")]
    return Razorpay(place, unquote(parts.username or ""), unquote(parts.password or ""), secrets)


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are spoken to without TLS: nothing leaves the machine."""

MAKERS: Mapping[str, Callable[[SplitResult], Provider]] = {
    "fakepay": _fakepay,
    "razorpay": _razorpay,
}
"""How the provider of a scheme of BROADSHEET_PAYMENTS_URL is made."""
