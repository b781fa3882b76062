"""The books in the desk: by month, in words, and as a file that adds up."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from broadsheet.ledger.models import Audit, Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan
from broadsheet.subscriptions.tests.conftest import terms
from broadsheet.subscriptions.tests.desk_cast import (
    at_desk,
    clerk,
    page,
    publisher,
    queries,
    subscriber,
)
from tests.cast import ada

BOOKS = "/desk/business/books/"


def lines(client):
    answer = client.get(reverse("business_books_export"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(answer.content.decode().splitlines()))


@pytest.fixture
def april(till, plan, travel):
    """Bought on the last of March; all of April is closed."""
    subscriber(till, plan, "rosa@lantern.example")
    travel.move_to(datetime(2026, 4, 30, 18, 30, tzinfo=UTC))
    assert actions.close_days() == 31


def test_a_month_shows_what_was_earned_and_what_is_not_yet(april):
    text = page(publisher(), BOOKS, month="2026-04")
    assert "Held by Fakepay" in text
    assert "GST 18%" in text
    assert "<dd>₹251.44</dd>" in text, "thirty of ninety-one days"
    assert "<dd>₹502.89</dd>" in text, "sixty days are to come"
    march = page(publisher(), BOOKS, month="2026-03")
    assert "<dd>₹8.38</dd>" in march
    assert "₹900" in march


def test_without_a_month_or_with_nonsense_it_is_the_newest(april):
    for query in ({}, {"month": "1999-01"}, {"month": "'--"}):
        assert "<dd>₹251.44</dd>" in page(publisher(), BOOKS, **query)


def test_a_paper_that_sold_nothing_says_so(paper):
    assert "Nothing was paid yet." in page(publisher(), BOOKS)


def test_every_currency_has_its_own_table_and_the_file_adds_up(till, plan, travel):
    yen = Plan.objects.create(slug="yen", name="Yen")
    actions.set_terms(yen, terms(price=1000, currency="JPY", tax_rate=0, tax_name=""))
    subscriber(till, plan, "rosa@lantern.example")
    subscriber(till, yen, "sami@lantern.example")
    actions.refund(till, Payment.objects.first(), "Moved", ada())
    travel.shift(timedelta(days=70))
    actions.close_days()
    text = page(publisher(), BOOKS)
    assert '<h2 class="w-h3">INR</h2>' in text
    assert '<h2 class="w-h3">JPY</h2>' in text
    rows = lines(publisher())
    assert {row["month"] for row in rows} == {"2026-03", "2026-04", "2026-05", "2026-06"}
    for key in {(row["month"], row["currency"]) for row in rows}:
        mine = [row for row in rows if (row["month"], row["currency"]) == key]
        for column in ("debit", "credit"):
            assert all(Decimal(row[column]) >= 0 for row in mine)
        assert sum(Decimal(row["debit"]) - Decimal(row["credit"]) for row in mine) == 0
        assert sum(Decimal(row["balance"]) for row in mine) == 0


def test_it_says_when_they_were_checked_and_what_was_found(april):
    row = Audit(day="2026-04-30", ended_at=datetime(2026, 4, 30, tzinfo=UTC))
    row.save()
    assert "Checked on 30 April 2026: all is well." in page(publisher(), BOOKS)
    row.problems, row.words = 2, "Journal 7 does not balance."
    row.save()
    text = page(publisher(), BOOKS)
    assert "found 2 problems" in text
    assert "Journal 7 does not balance." in text


def test_only_who_may_see_payments_sees_the_books(april):
    assert at_desk(ada()).get(BOOKS).status_code == 302
    assert clerk("subscriptions.view_subscription").get(BOOKS).status_code == 302


def test_it_needs_as_many_queries_for_many_months_as_for_few(till, plan, travel):
    counts, addresses = [], (BOOKS, reverse("business_books_export"))
    for n in range(3):
        subscriber(till, plan, f"reader{n}@lantern.example")
        travel.shift(timedelta(days=31))
        actions.close_days()
        counts.append(queries(publisher(), *addresses))
    assert counts[0] == counts[1] == counts[2]
