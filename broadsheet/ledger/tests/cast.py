"""Charges, and papers that an older version booked."""

from dataclasses import replace
from datetime import UTC, date, datetime

from broadsheet.ledger.actions import Purchase, book_payment
from broadsheet.ledger.actions.entering import enter
from broadsheet.ledger.models import Deferral, Invoice, Payment, Posting
from broadsheet.ledger.providers.base import Charge
from broadsheet.ledger.rules import DEFERRED, SALES, Line
from broadsheet.press_log.models import Counter

ZONE = "Asia/Kolkata"
PAID = datetime(2026, 3, 31, 10, tzinfo=UTC)
UNTIL = datetime(2026, 6, 30, 10, tzinfo=UTC)


def charge(ref, amount=90000, at=PAID, **more):
    return replace(Charge(ref, 0, amount, "INR", at, paid=True), **more)


def quarter(reader, **facts):
    """Three months of ninety-one days, 18 % tax inside."""
    bought = Purchase(reader, "The Lantern", "Quarterly", PAID, UNTIL, "GST", 1800, ZONE)
    return replace(bought, **facts)


def book(reader, ref="ch_1", amount=90000, *, at=PAID, currency="INR", **facts):
    paid = charge(ref, amount, at, currency=currency)
    return book_payment("fakepay", paid, quarter(reader, **facts))


def book_as_before(reader, ref="ch_1", amount=90000, tax=13729):
    """What a paper wrote before anything was deferred: the same rows, other postings."""
    lines = (Line("gateway:fakepay", amount), Line(SALES, tax - amount), Line("tax", -tax))
    journal = enter("payment", f"fakepay:{ref}", PAID, lines, "INR")
    number = Counter.take("invoice:2026")
    invoice = Invoice.objects.create(
        series="2026", number=number, label=f"2026-{number:06d}", issued_at=PAID, reader=reader,
        buyer=reader.email, seller="The Lantern", description="Quarterly", period_from=PAID,
        period_until=UNTIL, net=amount - tax, tax=tax, tax_name="GST", tax_rate=1800,
        total=amount, currency="INR",
    )  # fmt: skip
    return Payment.objects.create(
        provider="fakepay", ref=ref, reader=reader, amount=amount, currency="INR", at=PAID,
        invoice=invoice, journal=journal,
    )  # fmt: skip


def balance(account, currency="INR"):
    found = Posting.objects.filter(account=account, currency=currency)
    return sum(found.values_list("amount", flat=True))


def deferred(currency="INR"):
    return -balance(DEFERRED, currency)


def sold(currency="INR"):
    return -balance(SALES, currency)


def days(*rows):
    """The first and after-last day of stretches, as dates."""
    rows = rows or Deferral.objects.all()
    return [(date.fromordinal(row.first), date.fromordinal(row.until)) for row in rows]
