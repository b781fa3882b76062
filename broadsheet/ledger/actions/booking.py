"""Write payments, refunds and failures into the books, each once, with invoice and postings."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum

from broadsheet.accounts.models import User
from broadsheet.kit.money import tax_within
from broadsheet.ledger.actions.carrying import carry
from broadsheet.ledger.actions.deferring import defer, first_open, taken_back
from broadsheet.ledger.actions.entering import enter, lock_books
from broadsheet.ledger.models import FailedCharge, Invoice, Payment, Refund, Seller
from broadsheet.ledger.providers.base import Charge, Refunded
from broadsheet.ledger.rules import (
    Line,
    Stretch,
    days_of,
    payment_lines,
    refund_lines,
    starting,
    tax_account,
    tax_share,
    unearned,
)
from broadsheet.press_log.models import Counter


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a payment was for.

    `tax_rate` in ten-thousandths, inside the amount; `zone` is the IANA zone whose year numbers
    the invoice, and whose days earn it; `seller` is the name to use when none is set.
    """

    reader: User
    seller: str
    description: str
    period_from: datetime
    period_until: datetime
    tax_name: str
    tax_rate: int
    zone: str


def book_payment(provider: str, charge: Charge, purchase: Purchase) -> Payment | None:
    """Book a successful charge: journal, invoice, payment. None when it is booked already.

    Raises ValueError for a charge that was not paid. Writes all of it or nothing.
    """
    if not charge.paid:
        raise ValueError(f"{charge.ref} was not paid.")
    with transaction.atomic():
        lock_books()
        if Payment.objects.filter(provider=provider, ref=charge.ref).exists():
            return None
        tax = tax_within(charge.amount, purchase.tax_rate)
        stretch = _stretch(charge.amount - tax, purchase)
        owed = Line(tax_account(purchase.tax_name, purchase.tax_rate), tax)
        lines = payment_lines(provider, charge.amount, owed, unearned(stretch, stretch.since))
        journal = enter("payment", f"{provider}:{charge.ref}", charge.at, lines, charge.currency)
        payment = Payment.objects.create(
            provider=provider,
            ref=charge.ref,
            reader=purchase.reader,
            amount=charge.amount,
            currency=charge.currency,
            at=charge.at,
            card=charge.card,
            invoice=_invoice(purchase, charge, tax),
            journal=journal,
        )
        defer(payment, journal, purchase.zone, [stretch])
    return payment


def _stretch(net: int, purchase: Purchase) -> Stretch:
    days = days_of(purchase.period_from, purchase.period_until, purchase.zone)
    return starting(net, *days, first_open())


def _invoice(purchase: Purchase, charge: Charge, tax: int) -> Invoice:
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


def book_refund(payment: Payment, refunded: Refunded, zone: str) -> Refund | None:
    """Book money given back: journal, credit note, refund. None when it is booked already.

    What was not earned yet goes first, then sales.
    """
    with transaction.atomic():
        lock_books()
        if Refund.objects.filter(provider=payment.provider, ref=refunded.ref).exists():
            return None
        carry(payment, zone)
        invoice = payment.invoice
        tax = _tax_back(payment, refunded.amount)
        back = taken_back(payment, refunded.amount - tax)
        owed = Line(tax_account(invoice.tax_name, invoice.tax_rate), tax)
        lines = refund_lines(payment.provider, refunded.amount, owed, back.deferred)
        ref = f"{payment.provider}:{refunded.ref}"
        journal = enter("refund", ref, refunded.at, lines, payment.currency)
        defer(payment, journal, zone, back.stretches)
        return Refund.objects.create(
            provider=payment.provider,
            ref=refunded.ref,
            payment=payment,
            amount=refunded.amount,
            at=refunded.at,
            invoice=_credit_note(invoice, refunded, tax, zone),
            journal=journal,
        )


def _tax_back(payment: Payment, amount: int) -> int:
    """The tax in this part, such that all parts together give back exactly what was charged."""
    notes = Invoice.objects.filter(credits=payment.invoice).aggregate(
        total=Sum("total"), tax=Sum("tax")
    )
    before, given = -(notes["total"] or 0), -(notes["tax"] or 0)
    return tax_share(payment.invoice.tax, before + amount, payment.amount) - given


def _credit_note(invoice: Invoice, refunded: Refunded, tax: int, zone: str) -> Invoice:
    return _numbered(
        zone,
        refunded.at,
        credits=invoice,
        reader=invoice.reader,
        buyer=invoice.buyer,
        seller=invoice.seller,
        description=invoice.description,
        period_from=invoice.period_from,
        period_until=invoice.period_until,
        net=tax - refunded.amount,
        tax=-tax,
        tax_name=invoice.tax_name,
        tax_rate=invoice.tax_rate,
        total=-refunded.amount,
        currency=invoice.currency,
    )


def book_failure(provider: str, charge: Charge, reader: User) -> FailedCharge | None:
    """Note a charge that failed. None when it is noted already. Moves no money."""
    with transaction.atomic():
        row, is_new = FailedCharge.objects.get_or_create(
            provider=provider,
            ref=charge.ref,
            defaults={
                "reader": reader,
                "amount": charge.amount,
                "currency": charge.currency,
                "at": charge.at,
                "problem": charge.problem[:300],
            },
        )
    return row if is_new else None
