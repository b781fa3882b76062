"""Payments in the desk: every invoice and credit note, by month, and as a file."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db.models import QuerySet
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import User
from broadsheet.ledger.models import Billing, Invoice, Payment, Seller
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.reads.business.payments import RISKY, guarded
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import page, publisher, queries, subscriber
from tests.cast import ada


@pytest.fixture
def client(till, plan, travel):
    return publisher()


def lines(client, **query):
    answer = client.get(reverse("business_export"), query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(answer.content.decode().splitlines()))


def test_invoices_and_credit_notes_are_listed_with_their_tax(client, till, plan):
    subscriber(till, plan, "rosa@lantern.example")
    actions.refund(till, Payment.objects.get(), "Moved", ada())
    text = page(client, reverse("business_payments"))
    assert "2026-000001" in text
    assert "credit note for 2026-000001" in text
    assert "₹137.29" in text
    assert "−₹900" in text


def test_they_are_found_by_number_and_address(client, till, plan):
    for name in ("rosa", "sami"):
        subscriber(till, plan, f"{name}@lantern.example")
    assert "sami@" not in page(client, reverse("business_payments"), q="rosa@lantern")
    assert "rosa@" not in page(client, reverse("business_payments"), q="2026-000002")


def test_a_month_begins_at_midnight_in_the_papers_zone(client, till, plan, travel):
    travel.move_to(datetime(2026, 3, 31, 18, 29, 59, tzinfo=UTC))
    subscriber(till, plan, "march@lantern.example")
    travel.move_to(datetime(2026, 3, 31, 18, 30, tzinfo=UTC))
    subscriber(till, plan, "april@lantern.example")
    address = reverse("business_payments")
    march, april = (page(client, address, month=m) for m in ("2026-03", "2026-04"))
    assert ("march@" in march, "april@" in march) == (True, False)
    assert ("march@" in april, "april@" in april) == (False, True)
    assert "March 2026</option>" in april


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "9999-12", "٢٠٢٦-٠٣", "'; --"])
def test_a_month_that_is_none_is_no_filter(client, till, plan, month):
    subscriber(till, plan, "rosa@lantern.example")
    assert "rosa@" in page(client, reverse("business_payments"), month=month)


def test_the_file_adds_up_and_knows_the_filter(till, plan, travel):
    subscriber(till, plan, "rosa@lantern.example")
    actions.refund(till, Payment.objects.get(), "Moved", ada())
    travel.move_to(datetime(2026, 5, 1, tzinfo=UTC))
    subscriber(till, plan, "sami@lantern.example")
    client = publisher()
    rows = lines(client)
    assert [row["total"] for row in rows] == ["900.00", "-900.00", "900.00"]
    assert (rows[2]["date"], rows[2]["net"], rows[2]["tax"]) == ("2026-03-31", "762.71", "137.29")
    assert rows[1]["credits"] == rows[2]["number"]
    assert [row["reader"] for row in lines(client, month="2026-05")] == ["sami@lantern.example"]


def test_the_file_adds_up_where_two_taxes_leave_a_rounding(client, till, plan):
    Seller.objects.create(name="Merrow Press", country="IN", region="27")
    subscriber(till, plan, "rosa@lantern.example")
    actions.refund(till, Payment.objects.get(), "Moved", ada())
    back, paid = lines(client)
    assert (paid["taxes"], paid["rounding"]) == ("CGST 9 68.64; SGST 9 68.64", "0.01")
    assert (paid["place"], paid["code"]) == ("Maharashtra (27)", "998431")
    for row in (back, paid):
        parts = [Decimal(row[name]) for name in ("net", "tax", "rounding")]
        assert sum(parts) == Decimal(row["total"])


def test_the_file_says_why_a_business_abroad_pays_no_tax(client, till, plan):
    Seller.objects.create(country="DE", tax_number="DE136695976", oss=True)
    firm = User.objects.create_user("rosa@lantern.example")
    Billing.objects.create(reader=firm, name="Blatt", country="AT", tax_number="ATU13585627")
    buy(till, firm, plan)
    row = lines(client)[0]
    assert (row["taxes"], row["ground"]) == ("", "reverse")
    assert (row["place"], row["buyer_number"]) == ("Austria", "ATU13585627")


def test_an_address_that_a_spreadsheet_would_run_is_quoted(client, till, plan):
    subscriber(till, plan, "=cmd@lantern.example")
    assert lines(client)[0]["reader"] == "'=cmd@lantern.example"


@given(st.text(max_size=20))
def test_no_cell_begins_like_a_formula(text):
    assert not guarded(text).startswith(RISKY)
    assert guarded(text).removeprefix("'") == text.removeprefix("'")


def test_the_books_outlive_the_reader(client, till, plan):
    subscriber(till, plan, "rosa@lantern.example")
    QuerySet(Invoice).update(reader=None)
    assert "rosa@" in page(client, reverse("business_payments"))
    assert lines(client)[0]["reader"] == "rosa@lantern.example"


def test_the_list_needs_as_many_queries_for_many_invoices_as_for_few(client, till, plan):
    counts = []
    for upto in (3, 30):
        for n in range(Invoice.objects.count(), upto):
            subscriber(till, plan, f"reader{n}@lantern.example")
        counts.append(queries(client, reverse("business_payments"), reverse("business_export")))
    assert counts[0] == counts[1]
