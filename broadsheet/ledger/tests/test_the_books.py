"""Postings balance, rows last, and whoever tampers is found out."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.say import Refusal
from broadsheet.ledger import checks
from broadsheet.ledger.actions import Purchase, book_payment, book_refund, order_refund
from broadsheet.ledger.models import Invoice, Journal, Payment, Posting, Seller
from broadsheet.ledger.providers.base import Charge, Refunded
from broadsheet.ledger.rules import tax_share
from tests.cast import ben

AT = datetime(2026, 3, 31, 10, tzinfo=UTC)
minor = st.integers(1, 10**12)


@given(minor, minor, st.data())
def test_tax_of_two_parts_is_the_tax_of_the_whole_to_one_unit(one, other, data):
    whole = one + other
    tax = data.draw(st.integers(0, whole))
    assert abs(tax_share(tax, one, whole) + tax_share(tax, other, whole) - tax) <= 1


@pytest.fixture
def reader(paper):
    return ben()


def charge(ref, amount=90000, at=AT, **more):
    return Charge(ref, 0, amount, "INR", at, paid=True, **more)


def book(reader, ref="ch_1", at=AT):
    purchase = Purchase(reader, "The Lantern", "Quarterly", AT, AT, "GST", 1800, "Asia/Kolkata")
    return book_payment("fakepay", charge(ref, at=at), purchase)


def test_a_charge_is_booked_once(reader):
    assert book(reader) is not None
    assert book(reader) is None
    assert Payment.objects.count() == Invoice.objects.count() == Journal.objects.count() == 1


def test_invoices_are_numbered_by_the_papers_year(reader):
    Seller.objects.create(prefix="TL", name="Lantern Press", tax_number="29ABC")
    labels = [
        book(reader, f"ch_{n}", at).invoice.label
        for n, at in enumerate([
            datetime(2026, 12, 31, 18, 29, tzinfo=UTC),
            datetime(2026, 12, 31, 18, 30, tzinfo=UTC),
            datetime(2027, 1, 1, tzinfo=UTC),
        ])
    ]  # fmt: skip
    assert labels == ["TL-2026-000001", "TL-2027-000001", "TL-2027-000002"]
    assert list(checks.problems()) == []


def test_a_booking_that_is_rolled_back_leaves_no_gap(reader):
    book(reader, "ch_1")
    with pytest.raises(RuntimeError), transaction.atomic():
        book(reader, "ch_2")
        raise RuntimeError
    assert book(reader, "ch_3").invoice.number == 2
    assert list(checks.problems()) == []


def test_books_are_written_once(reader):
    payment = book(reader)
    posting = Posting.objects.first()
    for change in (
        payment.save, payment.delete, posting.save, posting.delete, payment.invoice.save,
        lambda: Posting.objects.update(amount=1), Posting.objects.all().delete,
        lambda: Posting.objects.filter(pk=posting.pk).update(amount=1),
        lambda: Invoice.objects.update(total=1),
    ):  # fmt: skip
        with pytest.raises(Refusal, match="written once"):
            change()
    assert list(checks.problems()) == []


def test_erasing_the_reader_leaves_the_books(reader):
    book(reader)
    reader.delete()
    assert Payment.objects.get().reader is None
    assert "ben@lantern.example" in Invoice.objects.get().buyer
    assert list(checks.problems()) == []


def test_refunds_never_exceed_the_payment(reader):
    payment = book(reader)
    order_refund(payment, 60000, "Half a term", None)
    for amount in (30001, 0, -5):
        with pytest.raises(Refusal, match="30000 is left"):
            order_refund(payment, amount, "More", None)
    assert book_refund(payment, Refunded("re_1", "ch_1", 60000, AT), "UTC").invoice.tax == -9153
    assert book_refund(payment, Refunded("re_1", "ch_1", 60000, AT), "UTC") is None
    assert list(checks.problems()) == []


TAMPERING = {
    "a posting's amount": "UPDATE ledger_posting SET amount=amount+1 WHERE account='deferred'",
    "both sides of a journal": "UPDATE ledger_posting SET amount=amount*2",
    "an account": "UPDATE ledger_posting SET account='pocket' WHERE account='deferred'",
    "the currency": "UPDATE ledger_posting SET currency='USD'",
    "a moment": "UPDATE ledger_journal SET at='2020-01-01 00:00:00+00' WHERE number=2",
    "a seal": "UPDATE ledger_journal SET seal='' WHERE number=1",
    "a lost posting": "DELETE FROM ledger_posting WHERE account='tax:GST:1800'",
    "an invoice": "UPDATE ledger_invoice SET net=net+5, total=total+5",
    "the tax on an invoice": "UPDATE ledger_invoice SET net=net+5, tax=tax-5",
    "an invoice's label": "UPDATE ledger_invoice SET label='2026-000009' WHERE number=2",
    "an invoice's date": "UPDATE ledger_invoice SET issued_at='2026-01-01 00:00:00+00'",
    "the day of a payment": "UPDATE ledger_payment SET at='2026-01-01 00:00:00+00'",
    "an invoice's number": "UPDATE ledger_invoice SET number=9 WHERE number=2",
    "a payment": "UPDATE ledger_payment SET amount=amount-1",
    "a lost payment": "DELETE FROM ledger_deferral WHERE journal_id=2;"
    "DELETE FROM ledger_payment WHERE ref='ch_2'",
    "the last journal": "DELETE FROM ledger_deferral WHERE journal_id=2;"
    "DELETE FROM ledger_payment WHERE ref='ch_2';"
    "DELETE FROM ledger_posting WHERE journal_id=2; DELETE FROM ledger_journal WHERE number=2",
}


@pytest.mark.parametrize("case", TAMPERING)
def test_tampering_is_found(reader, case):
    book(reader, "ch_1")
    book(reader, "ch_2")
    assert list(checks.problems()) == []
    with connection.cursor() as cursor:
        for statement in TAMPERING[case].split(";"):
            cursor.execute(statement)
    assert list(checks.problems())


def test_another_secret_is_told_from_tampering(reader, settings):
    book(reader)
    settings.SECRET_KEY = "another one"
    assert "BROADSHEET_SECRET_KEY" in next(checks.problems()).text


def test_the_database_refuses_what_does_not_add_up(reader):
    payment = book(reader)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_invoice SET net=net+1 WHERE id={payment.invoice_id}")
