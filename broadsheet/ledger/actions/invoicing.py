"""Invoices and credit notes: numbered without gaps, and never changed once they are issued."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from broadsheet.accounts.models import User
from broadsheet.ledger.models import Invoice, Payment, Seller
from broadsheet.ledger.models.parties import country_names
from broadsheet.ledger.providers.base import Charge
from broadsheet.ledger.rules import (
    ROUNDING,
    Line,
    Owed,
    amount_of,
    days_of,
    fiscal_year,
    number_text,
    tax_account,
)
from broadsheet.ledger.taxes.rules import (
    UNKNOWN,
    Levy,
    Party,
    Taxation,
    divided,
    parts_back,
    taxation,
)
from broadsheet.ledger.taxes.table import regions_of
from broadsheet.press_log.models import Counter


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a payment was for.

    `tax_rate` in ten-thousandths, inside the amount: that of the plan, which the places of seller
    and `buyer` may change; `zone` is the IANA zone whose year numbers the invoice, and whose days
    earn it; `seller` is the name to use when none is set. `credited` is the payment that a change
    of plan ended early: what it has not earned is earned with this one. A gift has no period until
    it is redeemed; who buys one without an account is known by `address` alone.
    """

    reader: User | None
    seller: str
    description: str
    period_from: datetime | None
    period_until: datetime | None
    tax_name: str
    tax_rate: int
    zone: str
    credited: Payment | None = None
    buyer: Party = UNKNOWN
    address: str = ""

    def days(self) -> tuple[int, int]:
        """The days that earn it. Raises ValueError without a period."""
        if self.period_from is None or self.period_until is None:
            raise ValueError(f"{self.description} has no period.")
        return days_of(self.period_from, self.period_until, self.zone)


class Levied(NamedTuple):
    """The taxes of one charge: by which rule, and how the amount divides."""

    taxation: Taxation
    net: int
    owed: Owed


def levied(purchase: Purchase, amount: int, at: datetime) -> Levied:
    """What a charge of so much at a moment owes."""
    day, own = at.astimezone(ZoneInfo(purchase.zone)).date(), _own(purchase)
    seller = Seller.current()
    due = taxation(seller.party(), purchase.buyer, own, day, oss=seller.oss)
    parts = divided(amount, due.levies)
    pairs = zip(due.levies, parts.taxes, strict=True)
    owed = [Line(tax_account(levy.name, levy.rate), tax) for levy, tax in pairs]
    return Levied(due, parts.net, (*owed, Line(ROUNDING, parts.rounding)))


def _own(purchase: Purchase) -> Levy:
    return Levy(purchase.tax_name, purchase.tax_rate)


def invoice_of(purchase: Purchase, charge: Charge, taxes: Levied) -> Invoice:
    """The invoice of a charge with its taxes."""
    due, seller = taxes.taxation, Seller.current()
    return _numbered(
        purchase.zone,
        charge.at,
        reader=purchase.reader,
        buyer=_buyer(purchase),
        buyer_address=purchase.buyer.address,
        buyer_number=purchase.buyer.number,
        seller=_seller(purchase.seller),
        description=purchase.description,
        period_from=purchase.period_from,
        period_until=purchase.period_until,
        tax_name=due.name,
        tax_rate=due.rate,
        place=_place(due),
        ground=due.ground,
        code=seller.service_code,
        currency=charge.currency,
        **_sums(charge.amount, due.levies, taxes.owed),
    )


def _sums(total: int, levies: tuple[Levy, ...], owed: Owed) -> dict[str, object]:
    """The amounts of an invoice: what is owed last is the rounding."""
    amounts = [line.amount for line in owed]
    *taxes, rounding = amounts
    return {
        "net": total - sum(amounts),
        "tax": sum(taxes),
        "taxes": [[*levy, tax] for levy, tax in zip(levies, taxes, strict=True)],
        "rounding": rounding,
        "total": total,
    }


def _place(due: Taxation) -> str:
    region = regions_of(due.country).get(due.region)
    if region:
        return f"{region} ({due.region})"
    return country_names().get(due.country, due.country)


def _numbered(zone: str, at: datetime, **facts: object) -> Invoice:
    """The next number of the fiscal year. The counter stays locked until the commit: no gaps."""
    seller = Seller.current()
    series = fiscal_year(at.astimezone(ZoneInfo(zone)).date(), seller.year_begins)
    number = Counter.take(f"invoice:{series}")
    label = "-".join(part for part in (seller.prefix, number_text(series, number)) if part)
    return Invoice.objects.create(series=series, number=number, label=label, issued_at=at, **facts)


def _buyer(purchase: Purchase) -> str:
    reader = purchase.reader
    name = purchase.buyer.name or (reader.get_full_name() if reader else "")
    address = reader.email if reader else purchase.address
    return (f"{name}, {address}" if name else address)[-320:]


def _seller(name: str) -> str:
    seller = Seller.current()
    parts = (seller.name or name, seller.address, seller.tax_number)
    return "\n".join(part.strip() for part in parts if part.strip())


def owed_back(payment: Payment, amount: int) -> Owed:
    """What is owed of this part, such that all parts give back what was charged."""
    notes = Invoice.objects.filter(credits=payment.invoice)
    before, given = 0, dict.fromkeys((line.account for line in payment.invoice.owed), 0)
    for note in notes:
        before -= note.total
        for account, part in note.owed:
            given[account] = given.get(account, 0) - part
    parts = dict(payment.invoice.owed)
    back = parts_back(parts, given, before, amount, payment.amount)
    return tuple(Line(account, part) for account, part in back.items())


def credit_note(invoice: Invoice, amount: int, owed: Owed, at: datetime, zone: str) -> Invoice:
    """The invoice below zero that takes `amount` of one back, with what is `owed` of it."""
    return _numbered(
        zone,
        at,
        credits=invoice,
        reader=invoice.reader,
        buyer=invoice.buyer,
        buyer_address=invoice.buyer_address,
        buyer_number=invoice.buyer_number,
        seller=invoice.seller,
        description=invoice.description,
        period_from=invoice.period_from,
        period_until=invoice.period_until,
        tax_name=invoice.tax_name,
        tax_rate=invoice.tax_rate,
        place=invoice.place,
        ground=invoice.ground,
        code=invoice.code,
        currency=invoice.currency,
        **_mirrored(invoice, amount, owed),
    )


def _mirrored(invoice: Invoice, amount: int, owed: Owed) -> dict[str, object]:
    back = tuple(Line(account, -part) for account, part in owed)
    if not invoice.taxes:
        return {"net": amount_of(owed) - amount, "tax": amount_of(back), "total": -amount}
    levies = tuple(Levy(name, rate) for name, rate, _tax in invoice.taxes)
    return _sums(-amount, levies, back)
