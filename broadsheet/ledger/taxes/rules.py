"""What a sale owes: to which places, under which names, and how a price divides. Pure.

The price that readers see is what they pay, wherever they live; where they live decides what of it
is tax. Amounts are minor units, rates ten-thousandths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from broadsheet.kit.money import tax_on_top, tax_within
from broadsheet.ledger.rules import tax_share
from broadsheet.ledger.taxes.table import (
    EU_VAT,
    GST,
    is_union_territory,
    system_of,
    verified_at,
)

REVERSE, OUTSIDE = "reverse", "outside"
"""Why no tax is charged: the buyer accounts for it; the sale is taxed in no member state."""

CENTRAL, STATE, UNION, INTEGRATED = "CGST", "SGST", "UTGST", "IGST"


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer. `country` is "" when it is not known, `number` the tax number as checked."""

    country: str = ""
    region: str = ""
    number: str = ""
    name: str = ""
    address: str = ""


UNKNOWN = Party()
"""Somebody of whom nothing is known."""


class Levy(NamedTuple):
    """One tax at one rate."""

    name: str
    rate: int


@dataclass(frozen=True, slots=True)
class Taxation:
    """What is levied on a sale: `name` and `rate` as a whole, `levies` one by one.

    `country` and `region` are the place of supply, "" when the seller's law is not in the table;
    `ground` says why nothing is levied, if a rule says so.
    """

    name: str
    rate: int
    levies: tuple[Levy, ...]
    country: str = ""
    region: str = ""
    ground: str = ""


class Divided(NamedTuple):
    """A total in parts: `net` + `taxes` + `rounding` is the total, always."""

    net: int
    taxes: tuple[int, ...]
    rounding: int


def taxation(seller: Party, buyer: Party, own: Levy, day: date, *, oss: bool) -> Taxation:
    """What a sale of the seller to the buyer owes on a day. `own` is the tax of the plan.

    `oss`: the seller is registered for the one-stop shop of Directive 2006/112/EC, articles 359 on,
    and pays the tax of each reader's country, at its standard rate where no other one is verified.
    A buyer of unknown place is where the seller is.
    """
    system = system_of(seller.country)
    if system == GST:
        return _by_state(seller, buyer, own)
    if system == EU_VAT:
        return _by_country(seller, buyer, own, day, oss=oss)
    return _plain(own)


def _plain(own: Levy, country: str = "", region: str = "") -> Taxation:
    levies = (own,) if own.rate else ()
    return Taxation(own.name, own.rate, levies, country, region)


def _by_state(seller: Party, buyer: Party, own: Levy) -> Taxation:
    """CGST and SGST in the seller's state, IGST elsewhere (IGST Act 2017, sections 7 and 8)."""
    country = buyer.country or seller.country
    region = buyer.region if country == seller.country else ""
    if country == seller.country and not region:
        region = seller.region
    if not own.rate:
        return _plain(own, country, region)
    levies: tuple[Levy, ...] = (Levy(INTEGRATED, own.rate),)
    if country == seller.country and region == seller.region:
        second = UNION if is_union_territory(country, region) else STATE
        half = own.rate // 2
        levies = (Levy(CENTRAL, own.rate - half), Levy(second, half))
    return Taxation(own.name, own.rate, levies, country, region)


def _by_country(seller: Party, buyer: Party, own: Levy, day: date, *, oss: bool) -> Taxation:
    """Of the reader's country, or of the seller's (Directive 2006/112/EC, articles 44, 58, 196)."""
    country = buyer.country or seller.country
    if country == seller.country:
        return _plain(own, country)
    if system_of(country) != EU_VAT:
        return Taxation(own.name, 0, (), country, ground=OUTSIDE)
    if buyer.number and seller.number:
        return Taxation(own.name, 0, (), country, ground=REVERSE)
    there = verified_at(country, day)
    if oss and there is not None:
        return _plain(Levy(there.tax, there.rate), country)
    return _plain(own, seller.country)


def divided(total: int, levies: tuple[Levy, ...]) -> Divided:
    """A total that holds all its taxes, in parts.

    One tax is what is left of the total beside the net amount. Several are counted each on the net
    amount, halves upwards, and what that misses is the rounding: 900.00 with 9 % twice is 762.71
    and 68.64 twice, and 0.01.
    """
    net = total - tax_within(total, sum(levy.rate for levy in levies))
    if len(levies) < 2:
        return Divided(net, tuple(total - net for _levy in levies), 0)
    taxes = tuple(tax_on_top(net, levy.rate) for levy in levies)
    return Divided(net, taxes, total - net - sum(taxes))


def parts_back(
    parts: Mapping[str, int], given: Mapping[str, int], before: int, amount: int, whole: int
) -> dict[str, int]:
    """What of each part goes back with `amount` of a `whole`, when `before` of it went already.

    `given` is what went of each part with it; so all parts together go back to the last unit.
    """
    back = before + amount
    return {name: tax_share(part, back, whole) - given.get(name, 0) for name, part in parts.items()}
