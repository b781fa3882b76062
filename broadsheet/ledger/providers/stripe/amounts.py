"""Amounts and intervals as Stripe counts them (docs.stripe.com/currencies, prices/create).

Stripe's smallest unit is not everywhere the minor unit of ISO 4217: króna and shilling are given
in hundredths though they have none, and the last of three decimals must be zero.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from broadsheet.kit.money import digits
from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused

WITHOUT_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
WITH_THREE = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
"""All others have two, ISK and UGX as well: there they are zero, as ours are none."""
LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}
"""Three years, the longest interval of a price."""


def places(currency: str) -> int:
    """Decimal places of the amounts that Stripe speaks of."""
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in WITH_THREE else 2


def to_stripe(amount: int, currency: str) -> int:
    """Minor units of ISO 4217 as Stripe wants them. Raises GatewayRefused when it takes no such."""
    try:
        more = places(currency) - digits(currency)
    except ValueError as error:
        raise GatewayRefused(str(error), "Give a code such as INR or EUR.") from None
    exact = Decimal(amount).scaleb(more)
    wanted = int(exact)
    if wanted != exact or (currency in WITH_THREE and wanted % 10):
        raise GatewayRefused(
            "Stripe does not take an amount as exact as that in this currency.",
            "Give the plan a price that ends in a zero.",
        )
    return wanted


def from_stripe(amount: int, currency: str) -> int:
    """Minor units of ISO 4217, of an amount in Stripe's; halves go up."""
    more = digits(currency) - places(currency)
    return int(Decimal(amount).scaleb(more).quantize(Decimal(1), ROUND_HALF_UP))


def recurring(interval: Interval) -> dict[str, Any]:
    """An interval as a price has it. Raises GatewayRefused for more than three years."""
    if interval.count > LONGEST[interval.unit]:
        raise GatewayRefused(
            "Stripe cannot renew more rarely than every three years.",
            "Sell a shorter plan, or one that does not renew.",
        )
    return {"interval": interval.unit, "interval_count": interval.count}
