"""Money: whole minor units of an ISO 4217 currency, never a fraction of a float."""

import re
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from moneyed import CurrencyDoesNotExist, get_currency

TEN_THOUSAND = 10_000
"""A rate of 18 % is 1,800 of so many parts."""

TYPED = re.compile(r"(-?[0-9]{1,12})(?:\.([0-9]*))?")
"""Plain figures only, and no more of them than a 64-bit column holds in any currency."""


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in minor units (paise, cents, yen) of `currency`, an ISO 4217 code."""

    amount: int
    currency: str

    @property
    def major(self) -> Decimal:
        """The amount as people write it: 90000 of INR is 900.00."""
        return Decimal(self.amount).scaleb(-digits(self.currency))

    @property
    def is_whole(self) -> bool:
        """Whether no minor units are left over."""
        return self.major == self.major.to_integral_value()


def digits(currency: str) -> int:
    """Decimal places of the currency's minor unit (ISO 4217): 2 for INR, 0 for JPY, 3 for KWD.

    Raises ValueError for an unknown currency, and for one whose unit is not decimal.
    """
    try:
        parts = get_currency(code=currency).sub_unit
    except (CurrencyDoesNotExist, KeyError):
        raise ValueError(f"{currency!r} is no currency of ISO 4217.") from None
    places = len(str(parts)) - 1
    if 10**places != parts:
        raise ValueError(f"{currency} has no decimal minor unit.")
    return places


def parse(text: str, currency: str) -> Money:
    """Money from what was typed: "900", "900.00". Raises ValueError, also for too many decimals."""
    places = digits(currency)
    typed = TYPED.fullmatch(text.strip())
    if typed is None:
        raise ValueError(f"{text!r} is no amount.")
    decimals = (typed[2] or "").rstrip("0")
    if len(decimals) > places:
        raise ValueError(f"{text!r} is more exact than {currency} can be paid.")
    return Money(int(typed[1] + decimals.ljust(places, "0")), currency)


def show(money: Money, language: str) -> str:
    """As readers of a language expect it, without decimals when there is nothing behind them."""
    locale = Locale.parse(language, sep="-")
    # CLDR leaves the minor unit out where it is seldom in use, and would round the price.
    decimals = "" if money.is_whole else "." + "0" * digits(money.currency)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", decimals)
    written = format_currency(
        money.major, money.currency, format=pattern, locale=locale, currency_digits=False
    )
    # A hyphen would break off at the end of a line.
    return written.replace("-", "\N{MINUS SIGN}")


def tax_within(total: int, rate: int) -> int:
    """The tax inside a total (both minor units) at a rate in ten-thousandths, halves upwards.

    What is left of the total is the net amount, so that the two always add up.
    """
    return _half_up(total * rate, TEN_THOUSAND + rate)


def tax_on_top(net: int, rate: int) -> int:
    """The tax on a net amount (both minor units) at a rate in ten-thousandths, halves upwards."""
    return _half_up(net * rate, TEN_THOUSAND)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
