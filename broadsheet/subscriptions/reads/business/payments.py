"""Invoices and credit notes: what came in, what went back, month by month."""

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.ledger.models import Dispute, Invoice, Payment, Refund
from broadsheet.subscriptions.reads.business.written import (
    Words,
    month_name,
    month_range,
    reader_name,
)

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for a formula when a cell begins with it."""

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
HEAD = (
    "date", "number", "credits", "reader", "description", "net", "tax_name", "tax_percent", "tax",
    "total", "currency", "gateway", "reference", "rounding", "taxes", "place", "buyer_number",
    "code", "ground",
)  # fmt: skip


class Sink(Protocol):
    """Something that text is written to."""

    def write(self, text: str, /) -> object:
        """Take the text."""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A line of the list; `credits` is the label of the invoice that a credit note takes back.

    `subscription`, `gift` and `reader_pk` are keys, 0 for none.
    """

    at: datetime
    label: str
    credits: str
    reader: str
    reader_pk: int
    subscription: int
    gift: int
    total: str
    tax: str


def invoices(words: Words, month: str = "", query: str = "") -> QuerySet[Invoice]:
    """The newest first, of a month ("2026-03", in the paper's zone), by label or e-mail address."""
    found: QuerySet[Invoice] = Invoice.objects.select_related(
        "reader",
        "credits__payment__period",
        "credits__payment__gift",
        "payment__period",
        "payment__gift",
        "refund",
        "dispute",
    )
    typed = MONTH.fullmatch(month)
    if typed and "1900" <= typed[1] < "9999":
        first = datetime(int(typed[1]), int(typed[2]), 1, tzinfo=words.zone)
        start, end = month_range(first)
        found = found.filter(issued_at__gte=start, issued_at__lt=end)
    if query:
        found = found.filter(Q(label__icontains=query) | Q(buyer__icontains=query))
    return found


def months(words: Words) -> list[tuple[str, str]]:
    """The filter's months: from the first invoice to now, the newest first."""
    first = Invoice.objects.aggregate(first=Min("issued_at"))["first"]
    choices = [("", _("All"))]
    back, at = 0, words.first_of_month(clock.now())
    while first is not None and (back == 0 or at >= words.first_of_month(first)):
        choices.append((at.strftime("%Y-%m"), month_name(at)))
        back += 1
        at = words.first_of_month(clock.now(), back)
    return choices


def payment_row(invoice: Invoice, words: Words) -> PaymentRow:
    """A line for an invoice of `invoices()`."""
    paid = _payment(invoice.credits or invoice)
    period, gift = getattr(paid, "period", None), getattr(paid, "gift", None)
    return PaymentRow(
        at=invoice.issued_at,
        label=invoice.label,
        credits=invoice.credits.label if invoice.credits else "",
        reader=reader_name(invoice.reader, invoice.buyer),
        reader_pk=invoice.reader_id or 0,
        subscription=period.subscription_id if period else 0,
        gift=gift.pk if gift else 0,
        total=words.amount(invoice.total, invoice.currency),
        tax=words.amount(invoice.tax, invoice.currency) if invoice.tax else "",
    )


def _payment(invoice: Invoice) -> Payment | Refund | Dispute | None:
    """The money behind an invoice or a credit note."""
    found = (getattr(invoice, name, None) for name in ("payment", "refund", "dispute"))
    return next((row for row in found if row is not None), None)


def write_csv(sink: Sink, found: QuerySet[Invoice], words: Words) -> None:
    """Write invoices as RFC 4180 lines: dates in the paper's zone, amounts in major units."""
    lines = csv.writer(sink)
    lines.writerow(HEAD)
    for invoice in found.iterator(chunk_size=500):
        lines.writerow(_line(invoice, words.zone))


def _line(invoice: Invoice, zone: ZoneInfo) -> list[str]:
    money, currency = _payment(invoice), invoice.currency
    return [
        invoice.issued_at.astimezone(zone).date().isoformat(),
        guarded(invoice.label),
        guarded(invoice.credits.label if invoice.credits else ""),
        guarded(reader_name(invoice.reader, invoice.buyer)),
        guarded(invoice.description),
        f"{Money(invoice.net, currency).major:f}",
        guarded(invoice.tax_name),
        f"{invoice.tax_rate / 100:g}",
        f"{Money(invoice.tax, currency).major:f}",
        f"{Money(invoice.total, currency).major:f}",
        currency,
        guarded(money.provider if money else ""),
        guarded(money.ref if money else ""),
        f"{Money(invoice.rounding, currency).major:f}",
        guarded(_taxes(invoice)),
        guarded(invoice.place),
        guarded(invoice.buyer_number),
        guarded(invoice.code),
        invoice.ground,
    ]


def _taxes(invoice: Invoice) -> str:
    """Each tax with its percentage and amount: "CGST 9 68.64; SGST 9 68.64"."""
    lines = invoice.taxes or [(invoice.tax_name, invoice.tax_rate, invoice.tax)]
    owed = [(name, rate, Money(tax, invoice.currency).major) for name, rate, tax in lines if tax]
    return "; ".join(f"{name} {rate / 100:g} {tax:f}".strip() for name, rate, tax in owed)


def guarded(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe before what would begin a formula (OWASP)."""
    return f"'{text}" if text.startswith(RISKY) else text
