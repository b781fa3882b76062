"""Invoices and credit notes: numbered without gaps, and never changed once they are issued."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Sum

from broadsheet.accounts.models import User
from broadsheet.ledger.models import Invoice, Payment, Seller
from broadsheet.ledger.providers.base import Charge
from broadsheet.ledger.rules import tax_share
from broadsheet.press_log.models import Counter


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a payment was for.

    `tax_rate` in ten-thousandths, inside the amount; `zone` is the IANA zone whose year numbers
    the invoice, and whose days earn it; `seller` is the name to use when none is set. `credited` is
    the payment that a change of plan ended early: what it has not earned is earned with this one.
    """

    reader: User
    seller: str
    description: str
    period_from: datetime
    period_until: datetime
    tax_name: str
    tax_rate: int
    zone: str
    credited: Payment | None = None


def invoice_of(purchase: Purchase, charge: Charge, tax: int) -> Invoice:
    """The invoice of a charge, `tax` of it tax."""
    return _numbered(
        purchase.zone,
        charge.at,
        reader=purchase.reader,
        buyer=_buyer(purchase.reader),
        seller=_seller(purchase.seller),
        description=purchase.description,
        period_from=purchase.period_from,
        period_until=purchase.period_until,
        net=charge.amount - tax,
        tax=tax,
        tax_name=purchase.tax_name,
        tax_rate=purchase.tax_rate,
        total=charge.amount,
        currency=charge.currency,
    )


def _numbered(zone: str, at: datetime, **facts: object) -> Invoice:
    """The next number of the year. The counter stays locked until the commit: no gaps."""
    series = str(at.astimezone(ZoneInfo(zone)).year)
    number = Counter.take(f"invoice:{series}")
    prefix = Seller.current().prefix
    label = "-".join(part for part in (prefix, series, f"{number:06d}") if part)
    return Invoice.objects.create(series=series, number=number, label=label, issued_at=at, **facts)


def _buyer(reader: User) -> str:
    name = reader.get_full_name()
    return (f"{name}, {reader.email}" if name else reader.email)[-320:]


def _seller(name: str) -> str:
    seller = Seller.current()
    parts = (seller.name or name, seller.address, seller.tax_number)
    return "\n".join(part.strip() for part in parts if part.strip())


def tax_back(payment: Payment, amount: int) -> int:
    """The tax in this part, such that all parts together give back exactly what was charged."""
    notes = Invoice.objects.filter(credits=payment.invoice).aggregate(
        total=Sum("total"), tax=Sum("tax")
    )
    before, given = -(notes["total"] or 0), -(notes["tax"] or 0)
    return tax_share(payment.invoice.tax, before + amount, payment.amount) - given


def credit_note(invoice: Invoice, amount: int, tax: int, at: datetime, zone: str) -> Invoice:
    """The invoice below zero for `amount`, with its `tax`, that takes (part of) one back."""
    return _numbered(
        zone,
        at,
        credits=invoice,
        reader=invoice.reader,
        buyer=invoice.buyer,
        seller=invoice.seller,
        description=invoice.description,
        period_from=invoice.period_from,
        period_until=invoice.period_until,
        net=tax - amount,
        tax=-tax,
        tax_name=invoice.tax_name,
        tax_rate=invoice.tax_rate,
        total=-amount,
        currency=invoice.currency,
    )
