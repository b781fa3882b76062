"""Invoices carry each tax and a rounding; the books post them apart; numbers have no gaps."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from broadsheet.ledger import checks
from broadsheet.ledger.actions import book_dispute, book_refund
from broadsheet.ledger.models import Billing, Invoice, Posting, Seller
from broadsheet.ledger.providers.base import Disputed, Refunded
from broadsheet.ledger.rules import ROUNDING
from broadsheet.ledger.taxes.rules import Party
from broadsheet.ledger.tests.cast import PAID, ZONE, balance, book, book_as_before
from tests.at_once import at_once
from tests.cast import ben

HALVES = {"tax:CGST:900": -6864, "tax:SGST:900": -6864, ROUNDING: -1}


@pytest.fixture
def reader(paper):
    return ben()


@pytest.fixture
def mumbai(paper):
    return Seller.objects.create(
        country="IN", region="27", tax_number="27AAPFU0939F1ZV", prefix="TL", year_begins=4
    )


def posted(*accounts):
    return {account: balance(account) for account in accounts}


def lines(paper):
    return [tuple(line) for line in paper.taxes]


def test_case_26_a_price_with_tax_inside_adds_up_to_the_paisa(reader, mumbai):
    paper = book(reader).invoice
    assert lines(paper) == [("CGST", 900, 6864), ("SGST", 900, 6864)]
    assert (paper.net, paper.tax, paper.rounding, paper.total) == (76271, 13728, 1, 90000)
    assert (paper.place, paper.code, paper.tax_name) == ("Maharashtra (27)", "998431", "GST")
    assert posted(*HALVES) == HALVES
    assert list(checks.problems()) == []


def test_case_27_the_place_of_supply_decides_between_two_halves_and_one_whole(reader, mumbai):
    firm = Party("IN", "29", "29AAGCB7383J1Z4", "Benares Books", "1 MG Road\nBengaluru")
    paper = book(reader, buyer=firm).invoice
    assert lines(paper) == [("IGST", 1800, 13729)]
    assert (paper.rounding, paper.place) == (0, "Karnataka (29)")
    assert paper.buyer == f"Benares Books, {reader.email}"
    assert (paper.buyer_number, paper.buyer_address) == (firm.number, firm.address)
    assert posted("tax:IGST:1800", *HALVES) == {"tax:IGST:1800": -13729} | dict.fromkeys(HALVES, 0)
    assert list(checks.problems()) == []


def test_a_firm_abroad_gets_an_invoice_without_tax_that_says_why(reader):
    Seller.objects.create(country="DE", tax_number="DE136695976")
    firm = Party("AT", "", "ATU13585627", "Wiener Blatt")
    paper = book(reader, buyer=firm).invoice
    assert (paper.net, paper.tax, paper.total) == (90000, 0, 90000)
    assert (paper.ground, paper.place) == ("reverse", "Austria")
    assert book_refund(
        book(reader, "ch_2", buyer=firm), Refunded("re_1", "ch_2", 500, PAID), ZONE
    ).invoice.ground == "reverse"  # fmt: skip
    assert list(checks.problems()) == []


def test_refunds_in_parts_take_each_tax_back_to_the_paisa(reader, mumbai):
    payment = book(reader)
    for n, amount in enumerate((1, 33333, 17, 56648, 1)):
        book_refund(payment, Refunded(f"re_{n}", "ch_1", amount, PAID), ZONE)
    notes = Invoice.objects.filter(credits=payment.invoice)
    assert sum(note.rounding for note in notes) == -1
    assert sum(note.taxes[0][2] for note in notes) == -6864
    assert all(note.total == note.net + note.tax + note.rounding for note in notes)
    assert posted(*HALVES) == dict.fromkeys(HALVES, 0)
    assert list(checks.problems()) == []


def test_a_lost_dispute_takes_its_taxes_back(reader, mumbai):
    payment = book(reader)
    lost = Disputed("dp_1", "ch_1", 90000, PAID, "lost", ended_at=PAID + timedelta(days=1))
    book_dispute(payment, lost, ZONE)
    assert posted(*HALVES) == dict.fromkeys(HALVES, 0)
    assert list(checks.problems()) == []


def test_a_paper_of_an_older_version_goes_back_as_it_was_written(reader):
    payment = book_as_before(reader)
    Seller.objects.create(country="IN", region="27", prefix="TL", year_begins=4)
    note = book_refund(payment, Refunded("re_1", "ch_1", 45000, PAID), ZONE).invoice
    book(reader, "ch_2")
    assert (note.net, note.tax, note.taxes, note.rounding) == (-38135, -6865, [], 0)
    assert posted(*HALVES) == HALVES
    assert list(checks.problems()) == []


TAMPERING = {
    "a line": """UPDATE ledger_invoice SET taxes='[["CGST",900,6865],["SGST",900,6863]]'""",
    "lines that do not add up": """UPDATE ledger_invoice SET taxes='[["CGST",900,13727]]'""",
    "the rounding": "UPDATE ledger_invoice SET rounding=0, net=net+1",
    "another tax": "UPDATE ledger_posting SET account='tax:IGST:900' WHERE account='tax:CGST:900'",
}


@pytest.mark.parametrize("case", TAMPERING)
def test_tampering_with_taxes_is_found(reader, mumbai, case):
    book(reader)
    with connection.cursor() as cursor:
        cursor.execute(TAMPERING[case])
    assert list(checks.problems())


def at(day):
    return datetime.fromisoformat(f"{day}T12:00+05:30").astimezone(UTC)


def test_numbers_begin_anew_with_the_fiscal_year(reader, mumbai):
    days = ["2026-03-31", "2026-04-01", "2026-12-31", "2027-03-31", "2027-04-01"]
    labels = [book(reader, f"ch_{day}", at=at(day)).invoice.label for day in days]
    assert labels == ["TL-25-26-1", "TL-26-27-1", "TL-26-27-2", "TL-26-27-3", "TL-27-28-1"]
    assert list(checks.problems()) == []


def test_another_beginning_of_the_year_leaves_no_gap_and_no_number_twice(reader):
    seller, labels = Seller.objects.create(prefix="TL"), []
    days = ["2026-05-10", "2026-05-11", "2026-05-12", "2026-05-13", "2027-01-02", "2026-06-30"]
    for month, day in zip((1, 4, 7, 4, 1, 7), days, strict=True):
        seller.year_begins = month
        seller.save()
        labels.append(book(reader, f"ch_{day}", at=at(day)).invoice.label)
    assert labels == [
        "TL-2026-000001", "TL-26-27-1", "TL-25-26-1", "TL-26-27-2", "TL-2027-000001", "TL-25-26-2",
    ]  # fmt: skip
    assert list(checks.problems()) == []


@pytest.mark.django_db(transaction=True)
def test_case_33_whoever_books_at_once_or_is_rolled_back_leaves_no_gap(reader, mumbai):
    """Half of eight charges fail after their number was taken."""

    def charge(n):
        try:
            with transaction.atomic():
                book(reader, f"ch_{n}")
                if n % 2:
                    raise RuntimeError
        except RuntimeError:
            pass

    at_once(*[partial(charge, n) for n in range(8)])
    labels = Invoice.objects.order_by("number").values_list("label", flat=True)
    assert list(labels) == [f"TL-25-26-{n}" for n in (1, 2, 3, 4)]
    assert list(checks.problems()) == []


def full(model, **facts):
    row = model(**facts)
    row.clean()
    return row


def test_a_seller_is_asked_for_what_its_taxes_need(paper):
    seller = full(Seller, country="IN", tax_number="27aapfu0939f1zv")
    assert (seller.region, seller.tax_number) == ("27", "27AAPFU0939F1ZV")
    assert full(Seller, country="DE", region="27").region == ""
    assert full(Seller, country="DE", oss=True).taxes_by_country
    assert full(Seller, tax_number="anything").tax_number == "anything"
    for wrong in (
        {"country": "IN"},
        {"country": "IN", "region": "29", "tax_number": "27AAPFU0939F1ZV"},
        {"country": "DE", "tax_number": "DE123"},
        {"country": "US", "year_begins": 4, "prefix": "LONG"},
        {"country": "US", "oss": True},
        {"country": "IN", "region": "27", "oss": True},
        {"oss": True},
    ):
        with pytest.raises(ValidationError):
            full(Seller, **wrong)


def test_where_a_reader_is_matters_only_to_some_sellers():
    asking = [Seller(country="IN"), Seller(country="DE", oss=True)]
    assert all(seller.asks_where for seller in asking)
    assert not any(s.asks_where for s in (Seller(), Seller(country="DE"), Seller(country="US")))


def test_a_reader_in_india_says_which_state(reader):
    with pytest.raises(ValidationError):
        full(Billing, reader=reader, name="Ben", country="IN")
    full(Billing, reader=reader, name="Ben", country="IN", region="29").save()
    assert Billing.of(reader) == Party("IN", "29", "", "Ben")


def test_nothing_is_posted_for_taxes_that_are_not_due(reader):
    book(reader, tax_name="", tax_rate=0)
    assert not Posting.objects.filter(account__startswith="tax").exists()
    assert not Posting.objects.filter(account=ROUNDING).exists()
    assert list(checks.problems()) == []
