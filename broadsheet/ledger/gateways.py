"""The payment gateway that is in force, named by BROADSHEET_PAYMENTS_URL."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.conf import settings

from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import Ability, Provider
from broadsheet.ledger.providers.fakepay import Fakepay
from broadsheet.ledger.providers.places import base_of, told

RAZORPAY = "api.razorpay.com"


def is_connected() -> bool:
    """Whether there is a gateway at all."""
    return bool(settings.ENV.payments_url)


def gateway() -> Provider:
    """The gateway in force. Raises Refusal when there is none."""
    if not is_connected():
        raise Refusal("No payment gateway is connected.", "Set BROADSHEET_PAYMENTS_URL.")
    return _made(settings.ENV.payments_url)


def in_force() -> Provider | None:
    """The same, but None when there is none or its address is wrong, which the doctor says."""
    try:
        return gateway()
    except Refusal:
        return None


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


def described() -> str:
    """Which gateway is in force and in which mode, without its keys; "" when there is none.

    Raises Refusal when its address is wrong.
    """
    parts = urlsplit(settings.ENV.payments_url)
    return KINDS[parts.scheme].describe(parts) if parts.scheme else ""


@lru_cache(maxsize=4)
def _made(url: str) -> Provider:
    parts = urlsplit(url)
    return KINDS[parts.scheme].connect(parts)


def _fakepay(parts: SplitResult) -> Provider:
    place = f"http://{parts.hostname}:{parts.port or 80}"
    return Fakepay(place, unquote(parts.username or ""), unquote(parts.password or ""))


def _razorpay(parts: SplitResult) -> Provider:
    # Its SDK is loaded where it is used: it brings a second HTTP client with it.
    from broadsheet.ledger.providers.razorpay import Razorpay

    place = base_of(parts, RAZORPAY)
    secrets = [secret for text in parse_qs(parts.query)["webhook"] for secret in text.split(",")]
    return Razorpay(place, unquote(parts.username or ""), unquote(parts.password or ""), secrets)


def _stripe(parts: SplitResult) -> Provider:
    # Its SDK is loaded only where it is in force.
    from broadsheet.ledger.providers.stripe import connect

    return connect(parts)


def _stripe_is(parts: SplitResult) -> str:
    from broadsheet.ledger.providers.stripe import described

    return described(parts)


def _razorpay_is(parts: SplitResult) -> str:
    mode = "test" if (parts.username or "").startswith("rzp_test_") else "live"
    return told("Razorpay", mode, parts, RAZORPAY)


class Kind(NamedTuple):
    """How a kind of gateway is made of its address, and said in a line without secrets."""

    connect: Callable[[SplitResult], Provider]
    describe: Callable[[SplitResult], str]


KINDS = {
    "fakepay": Kind(_fakepay, lambda parts: "Fakepay"),
    "razorpay": Kind(_razorpay, _razorpay_is),
    "stripe": Kind(_stripe, _stripe_is),
}
"""By the scheme of BROADSHEET_PAYMENTS_URL (`kit/env.py: GATEWAYS` says how each is written)."""
