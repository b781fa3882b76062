"""The figures in the desk: from rows that exist, past months as they were, files and rights."""

import csv
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.ledger.models import Invoice, Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import (
    MonthSum,
    Plan,
    ReadingCount,
    ReadingDemand,
    Subscription,
    Summing,
)
from broadsheet.subscriptions.newsroom.figures import FIGURES
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import terms
from broadsheet.subscriptions.tests.desk_cast import clerk, page, publisher, queries, subscriber
from broadsheet.subscriptions.tests.gift_cast import bought, redeemed
from tests.cast import ada

NAMES = ("funnel", "mrr", "churn", "retention", "plans")
BASE = "/desk/business/figures/"


def summed():
    """The sums made now, however short ago they were made."""
    Summing.objects.update(began_at=None)
    assert actions.sum_up()


def lines(name, client=None):
    answer = (client or publisher()).get(f"{BASE}{name}.csv")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(answer.content.decode().splitlines()))


def mrr(month, currency="INR"):
    [row] = [r for r in lines("mrr") if (r["month"], r["currency"]) == (month, currency)]
    return row


@pytest.fixture
def rosa(till, plan, travel):
    """A quarter for 900.00, 18 % tax inside: 762.71 net, 254.24 a month. It is March."""
    return subscriber(till, plan, "rosa@lantern.example")


def to(travel, *day):
    travel.move_to(datetime(*day, 12, tzinfo=UTC))


def leave(till, subscription):
    actions.set_renewal(subscription, renews=False)
    actions.tell_gateway(till, Subscription.objects.get(pk=subscription.pk))


def test_without_subscriptions_each_screen_says_what_to_expect(paper):
    for figure in FIGURES:
        assert str(figure.empty)[:20] in page(publisher(), f"{BASE}{figure.slug}/")


def test_mrr_is_what_was_paid_by_the_month_without_tax(rosa):
    summed()
    row = mrr("2026-03")
    assert (row["new"], row["mrr"], row["subscribers"]) == ("254.24", "254.24", "1")
    text = page(publisher(), f"{BASE}mrr/")
    assert "₹254.24" in text
    assert "<svg" in text and "<desc" in text


def test_who_leaves_is_churn_when_the_paid_time_is_over(rosa, till, travel):
    leave(till, rosa)
    to(travel, 2026, 5, 2)
    summed()
    assert mrr("2026-05")["subscribers"] == "1"
    before = lines("mrr")[:2]
    to(travel, 2026, 7, 2)
    assert actions.end_due() == 1
    summed()
    assert lines("mrr")[:2] == before, "what was told of past months stays"
    row = mrr("2026-07")
    assert (row["churn"], row["mrr"], row["subscribers"]) == ("-254.24", "0.00", "0")
    [march] = lines("retention")
    assert march["cohort"] == "2026-03"
    assert march["percent_after_3_months"] == "100.0"
    assert march["percent_after_4_months"] == "0.0"


def test_a_plan_that_is_paid_once_is_not_recurring(rosa, till):
    ticket = Plan.objects.create(slug="ticket", name="Ticket")
    actions.set_terms(ticket, terms(renews=False))
    subscriber(till, ticket, "nora@lantern.example")
    summed()
    row = mrr("2026-03")
    assert (row["mrr"], row["subscribers"]) == ("254.24", "1")


def test_a_refund_counts_from_the_day_it_was_made(rosa, till, travel):
    to(travel, 2026, 5, 2)
    actions.refund(till, Payment.objects.get(), "Moved", ada())
    summed()
    assert [row["subscribers"] for row in lines("mrr")] == ["1", "1", "0"]


def test_a_dearer_plan_is_an_expansion_at_its_whole_price(rosa, till, travel):
    big = Plan.objects.create(slug="big", name="Big")
    actions.set_terms(big, terms(price=270000, count=1, unit="month"))
    to(travel, 2026, 4, 15)
    expected = 270000 / 1.18 / 100
    rosa = Subscription.objects.get()
    token = actions.sealed(rosa, big.current, quote_of(rosa, big.current, clock.now()), clock.now())
    actions.change_plan(till, rosa, big.current, token)
    summed()
    row = mrr("2026-04")
    assert abs(float(row["mrr"]) - expected) < 0.03, "the credit of the old plan counts as paid"
    assert abs(float(row["expansion"]) - (expected - 254.24)) < 0.03


def test_an_erased_account_changes_no_month(rosa, till, travel):
    leave(till, rosa)
    to(travel, 2026, 7, 2)
    assert actions.end_due() == 1
    summed()
    before = {name: lines(name) for name in NAMES}
    actions.ask_to_erase(rosa.reader)
    actions.erase_due()
    assert not User.objects.filter(email="rosa@lantern.example").exists()
    assert {name: lines(name) for name in before} == before, "at once"
    summed()
    assert {name: lines(name) for name in before} == before, "and when all is counted anew"
    assert not MonthSum.objects.filter(kept=False).exclude(number=0, net=0).exists()


def test_counting_twice_changes_nothing_and_it_rests_in_between(rosa, travel):
    summed()
    before = list(MonthSum.objects.order_by("pk").values("month", "kind", "number", "net"))
    assert not actions.sum_up(), "it was made a moment ago"
    travel.shift(timedelta(minutes=2))
    assert actions.sum_up()
    assert before == list(MonthSum.objects.order_by("pk").values("month", "kind", "number", "net"))


def test_currencies_are_never_added_up(rosa, till):
    yen = Plan.objects.create(slug="yen", name="Yen")
    actions.set_terms(yen, terms(price=1000, currency="JPY", tax_rate=0, tax_name="", count=1))
    subscriber(till, yen, "sami@lantern.example")
    summed()
    assert mrr("2026-03")["mrr"] == "254.24"
    assert mrr("2026-03", "JPY")["mrr"] == "1000"
    text = page(publisher(), f"{BASE}mrr/")
    assert "MRR in INR" in text
    assert "MRR in JPY" in text


def test_a_screen_costs_the_same_for_many_subscriptions(rosa, till, plan):
    summed()
    client, addresses = publisher(), [f"{BASE}{figure.slug}/" for figure in FIGURES]
    few = queries(client, *addresses)
    for number in range(6):
        subscriber(till, plan, f"reader{number}@lantern.example")
    summed()
    assert queries(client, *addresses) == few


def test_money_is_for_those_who_see_the_books(rosa):
    carl = clerk("subscriptions.view_subscription")
    answer = carl.get(reverse("business_figures"))
    assert answer.status_code == 302
    assert answer["Location"] == f"{BASE}funnel/"
    assert carl.get(f"{BASE}retention/").status_code == 200
    for name in ("mrr", "churn", "plans"):
        assert carl.get(f"{BASE}{name}/").status_code in (302, 403)
        assert carl.get(f"{BASE}{name}.csv").status_code in (302, 403)
    assert f"{BASE}mrr/" not in page(carl, f"{BASE}retention/")


def test_each_plan_earns_what_the_books_earned(rosa, till, plan, travel):
    to(travel, 2026, 4, 10)
    small = Plan.objects.create(slug="small", name="Small")
    actions.set_terms(small, terms(price=10000, count=1))
    subscriber(till, small, "sami@lantern.example")
    kept, given = bought(till, small), bought(till, small)
    big = Plan.objects.create(slug="big", name="Big")
    actions.set_terms(big, terms(price=270000, count=1))
    to(travel, 2026, 4, 15)
    actions.close_days()
    found = Subscription.objects.get(pk=rosa.pk)
    quote = quote_of(found, big.current, clock.now())
    token = actions.sealed(found, big.current, quote, clock.now())
    actions.change_plan(till, found, big.current, token)
    to(travel, 2026, 5, 2)
    actions.refund(till, Payment.objects.get(amount=10000, gift=None), "Moved", ada())
    redeemed(given, ada())
    assert_books_agree()
    actions.refund(till, kept.payment, "Not wanted", ada())
    to(travel, 2026, 6, 2)
    actions.close_days()
    assert_books_agree()
    leave(till, Subscription.objects.get(pk=rosa.pk))
    to(travel, 2026, 8, 2)
    actions.end_due()
    actions.close_days()
    actions.ask_to_erase(rosa.reader)
    actions.erase_due()
    assert_books_agree()


def assert_books_agree():
    """All that the books earned, to the minor unit, and every line has its plan."""
    summed()
    rows = lines("plans")
    assert {row["plan"] for row in rows} == {"Quarterly", "Small", "Big"}
    for month in {row["month"] for row in rows}:
        earned = sum(Decimal(row["earned"]) for row in rows if row["month"] == month)
        booked = books_rows(month)
        assert earned == booked, month
    charged = sum(Decimal(row["charged"]) + Decimal(row["refunded"]) for row in rows)
    assert charged == sum(Decimal(i.net) / 100 for i in Invoice.objects.all())


def books_rows(month):
    answer = publisher().get(reverse("business_books_export"))
    rows = csv.DictReader(answer.content.decode().splitlines())
    found = [r for r in rows if (r["month"], r["account"]) == (month, "sales")]
    return sum(Decimal(row["credit"]) - Decimal(row["debit"]) for row in found)


def test_from_read_to_paid(rosa, travel):
    for month, outcome, number in (("2026-03", "read", 600), ("2026-03", "stop", 200)):
        ReadingCount.objects.create(
            month=month, article=7, kind="anonymous", outcome=outcome, rule="metered", number=number
        )
    summed()
    [row] = lines("funnel")
    assert (row["opened"], row["stopped"], row["checkouts"], row["paid"]) == (
        "600",
        "200",
        "1",
        "1",
    )
    assert row["stopped_percent"] == "25.0"
    assert row["checkouts_for_100_stopped"] == "0.5"
    assert row["paid_percent"] == "100.0"


def test_each_figure_is_drawn(rosa, till, plan, travel):
    """The charts of every screen: what they show, that it is drawn, and that it is said."""
    for outcome, number in (("read", 600), ("stop", 200)):
        ReadingCount.objects.create(
            month="2026-03", article=7, kind="anonymous", outcome=outcome, rule="metered",
            number=number,
        )  # fmt: skip
    ReadingDemand.objects.create(
        month="2026-04", kind="anonymous", limit=3, reads=3, behind=2, number=40
    )
    to(travel, 2026, 5, 2)
    actions.close_days()
    summed()
    for name, drawn in DRAWN.items():
        charts = page(publisher(), f"{BASE}{name}/").split('<figure class="desk-chart">')[1:]
        assert len(charts) == len(drawn), name
        for chart, (title, shape) in zip(charts, drawn, strict=True):
            figure = chart.partition("</figure>")[0]
            assert f">{title}</title>" in figure, name
            assert "<desc" in figure and "<figcaption>" in figure
            assert len(re.findall(shape, figure.partition("</svg>")[0])) >= 1, (name, title)


BAR, LINE = r'<rect class="desk-ink-\d', r'<polyline class="desk-ink-\d[^>]* points="\d'
DRAWN = {
    "funnel": [("Checkouts", BAR), ("In per cent", LINE)],
    "mrr": [("MRR at the end of each month", LINE), ("What moved it", BAR)],
    "churn": [("Churn in INR", LINE)],
    "retention": [("Retention in INR", LINE)],
    "plans": [("Earned by plan", BAR)],
    "limit": [("Readers at the wall, by the number of free articles", BAR)],
}
"""By figure, what each of its charts is called and drawn with."""
