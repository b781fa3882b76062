"""The overview: what the paper has and earns, from the books."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation

from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, ReadingCount
from broadsheet.subscriptions.reads.business.overview import income, month_names, overview
from broadsheet.subscriptions.reads.business.written import words
from broadsheet.subscriptions.tests.conftest import ONCE, terms
from broadsheet.subscriptions.tests.desk_cast import page, publisher, queries, subscriber
from tests.cast import ada


def test_a_paper_without_plans_is_invited_to_add_one(paper):
    text = page(publisher(), reverse("business"))
    assert "Nothing is on sale yet." in text
    assert reverse("business_plan_add") in text
    assert "No payment gateway is connected" in text


def test_income_is_what_was_sold_without_tax_by_month_and_currency(till, plan, travel):
    yen = Plan.objects.create(slug="yen", name="Yen")
    actions.set_terms(yen, terms(price=1000, currency="JPY", tax_rate=0))
    travel.move_to(datetime(2026, 1, 31, 18, 29, tzinfo=UTC))
    subscriber(till, plan, "january@lantern.example")
    travel.move_to(datetime(2026, 1, 31, 18, 31, tzinfo=UTC))
    subscriber(till, plan, "february@lantern.example")
    subscriber(till, yen, "yen@lantern.example")
    travel.move_to(datetime(2026, 3, 2, tzinfo=UTC))
    subscriber(till, plan, "march@lantern.example")
    actions.refund(till, Payment.objects.get(reader__email="march@lantern.example"), "No", ada())
    with translation.override("en-gb"):
        assert month_names(words())[:3] == ["March 2026", "February 2026", "January 2026"]
    rows = {row.currency: row.amounts for row in income(words())}
    assert rows["INR"] == ("₹0", "₹762.71", "₹762.71", "₹0", "₹0", "₹0")
    assert rows["JPY"][1].endswith("1,000")


def test_subscribers_are_counted_by_plan_and_state(till, plan, travel):
    subscriber(till, plan, "rosa@lantern.example")
    leaving = subscriber(till, plan, "sami@lantern.example")
    actions.tell_gateway(till, actions.set_renewal(leaving, renews=False))
    subscriber(till, plan, "tove@lantern.example", ONCE)
    travel.move_to(datetime(2026, 6, 30, 11, tzinfo=UTC))
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()
    now = overview(words())
    assert (now.live, now.began, now.ended, now.overdue) == (2, 0, 1, 1)
    figures = now.plans[0]
    assert (figures.name, figures.live, figures.overdue, figures.leaving) == ("Quarterly", 2, 1, 0)


def test_free_reading_is_counted_for_this_month_and_the_last(paper, travel):
    for period, article, anonymous, registered in (
        ("2026-03", 1, 4, 1), ("2026-03", 2, 3, 0), ("2026-02", 1, 9, 2), ("2026-01", 1, 99, 99),
    ):  # fmt: skip
        for kind, number in (("anonymous", anonymous), ("registered", registered)):
            ReadingCount.objects.create(
                month=period, article=article, kind=kind, outcome="read", rule="metered",
                number=number,
            )  # fmt: skip
    found = [(row.anonymous, row.registered) for row in overview(words()).free_reads]
    assert found == [(7, 1), (9, 2)]


@pytest.mark.parametrize("language", ["de", "hi"])
def test_it_needs_no_more_queries_for_many_plans(paper, till, plan, language):
    paper.language = language
    paper.save()
    client, counts = publisher(), []
    for upto in (3, 30):
        for n in range(Plan.objects.count(), upto):
            Plan.objects.create(slug=f"plan-{n}", name=f"Plan {n}")
        counts.append(queries(client, reverse("business")))
    assert counts[0] == counts[1]
