"""The payment gateway that is in force, named by BROADSHEET_PAYMENTS_URL."""

from functools import lru_cache
from urllib.parse import unquote, urlsplit

from django.conf import settings

from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import Provider
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


@lru_cache(maxsize=4)
def _made(url: str) -> Provider:
    parts = urlsplit(url)
    place = f"http://{parts.hostname}:{parts.port or 80}"
    return Fakepay(place, unquote(parts.username or ""), unquote(parts.password or ""))
