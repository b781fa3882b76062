"""An introductory price: for newcomers, once, said before and charged as it was said."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import Mail, User
from broadsheet.kit.periods import Interval
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Invoice, Payment
from broadsheet.ledger.providers.base import Opening
from broadsheet.ledger.tests.cast import deferred, sold
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Checkout, Plan, PlanVersion
from broadsheet.subscriptions.reads.export import KINDS
from broadsheet.subscriptions.reads.offers import first_text
from broadsheet.subscriptions.reads.proposals import Proposal, first_time, ordinary, proposer
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import buy, terms, text
from broadsheet.subscriptions.tests.desk_cast import page, publisher, queries, said
from broadsheet.subscriptions.tests.test_desk_plans import FORM as QUARTERLY
from tests.cast import ben

FORM = QUARTERLY | {"slug": "monthly", "name": "Monthly"}

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


@pytest.fixture
def monthly(plan):
    """₹300 a month, ₹99 for each of the first three."""
    made = Plan.objects.create(slug="monthly", name="Monthly")
    facts = {"price": 30000, "count": 1, "intro_price": 9900, "intro_periods": 3}
    actions.set_terms(made, terms(**facts))
    return made


@pytest.fixture
def reader(till, monthly, travel):
    return ben()


@pytest.fixture
def browser(reader):
    client = Client()
    client.force_login(reader, backend=BACKEND)
    return client


def until(till, travel, at):
    travel.move_to(at)
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()


def paid():
    return list(Payment.objects.order_by("pk").values_list("amount", flat=True))


def left(till, travel, reader):
    """The reader cancels, and the paid period is over."""
    subscription = reader.subscriptions.live().get()
    actions.tell_gateway(till, actions.set_renewal(subscription, renews=False))
    until(till, travel, subscription.paid_until())


def test_the_first_periods_are_charged_and_booked_as_agreed(till, monthly, reader, travel):
    subscription = buy(till, reader, monthly).settled.subscription
    assert subscription.price.amount == 9900
    assert subscription.usual.amount == 30000
    for month in (4, 5, 6, 7):
        until(till, travel, datetime(2026, month, 30, 11, tzinfo=UTC))
    until(till, travel, datetime(2026, 8, 1, tzinfo=UTC))
    assert paid() == [9900, 9900, 9900, 30000, 30000]
    assert [i.total for i in Invoice.objects.order_by("number")] == paid()
    assert [i.net + i.tax for i in Invoice.objects.order_by("number")] == paid()
    mails = list(Mail.objects.order_by("pk"))
    assert "It renews automatically at ₹99 on 30 April 2026" in mails[0].text
    assert "₹99 charged" in mails[2].text
    assert "₹300 charged" in mails[3].text
    until(till, travel, datetime(2026, 8, 31, 11, tzinfo=UTC))
    actions.close_days()
    assert deferred() + sold() == sum(Invoice.objects.values_list("net", flat=True))


def test_both_prices_stand_on_every_page_before_the_payment(browser, monthly):
    listed = text(browser.get("/subscribe/"))
    assert "<strong>₹99</strong> every month for the first 3 months" in listed
    assert "then <strong>₹300</strong> every month" in listed
    assert "₹300/Month" in listed
    assert "The first price is for new subscribers." in listed
    chosen = text(browser.get("/subscribe/monthly/"))
    assert "To pay today</dt><dd><strong>₹99</strong>" in chosen
    assert "Pay ₹99" in chosen
    said = "₹99 every month for the first 3 months; then it renews automatically at ₹300 every"
    assert said in chosen


def test_who_had_the_plan_pays_the_ordinary_price_and_is_told_before(
    till, monthly, reader, browser, travel
):
    buy(till, reader, monthly)
    left(till, travel, reader)
    browser.force_login(reader, backend=BACKEND)
    assert "₹99" not in text(browser.get("/subscribe/"))
    chosen = text(browser.get("/subscribe/monthly/"))
    assert "You had this plan before, so it costs the ordinary price." in chosen
    assert "Pay ₹300" in chosen
    buy(till, reader, monthly)
    assert paid() == [9900, 30000]


def test_another_version_of_the_plan_is_the_same_plan(till, monthly, reader, travel):
    buy(till, reader, monthly)
    left(till, travel, reader)
    facts = {"price": 40000, "count": 1, "intro_price": 100, "intro_periods": 1}
    version = actions.set_terms(monthly, terms(**facts))
    assert proposer(reader)(version) == ordinary(version)
    assert proposer(User.objects.create_user("new@lantern.example"))(version) == first_time(version)


def test_who_changed_away_from_a_plan_had_it(till, plan, monthly, reader, travel):
    subscription = buy(till, reader, monthly).settled.subscription
    now = datetime(2026, 4, 2, tzinfo=UTC)
    travel.move_to(now)
    said = quote_of(subscription, plan.current, now)
    token = actions.sealed(subscription, plan.current, said, now)
    actions.change_plan(till, subscription, plan.current, token)
    assert proposer(reader)(monthly.current).opening is None


def test_the_credit_of_a_change_is_of_what_was_really_paid(till, plan, monthly, reader, travel):
    subscription = buy(till, reader, monthly).settled.subscription
    now = datetime(2026, 4, 15, 12, tzinfo=UTC)
    travel.move_to(now)
    said = quote_of(subscription, plan.current, now)
    assert (said.at_once, said.days) == (True, 15)
    assert said.credit == 9900 * 15 // 30
    actions.change_plan(
        till, subscription, plan.current, actions.sealed(subscription, plan.current, said, now)
    )
    assert paid() == [9900, 90000 - 4950]
    until(till, travel, datetime(2026, 7, 15, 13, tzinfo=UTC))
    assert paid()[2:] == [90000]


def test_who_changes_to_it_pays_the_ordinary_price(till, plan, monthly, reader, browser, travel):
    subscription = buy(till, reader, plan).settled.subscription
    travel.move_to(datetime(2026, 4, 15, 12, tzinfo=UTC))
    browser.force_login(reader, backend=BACKEND)
    assert "₹99" not in text(browser.get("/account/plan/"))
    quoted = text(browser.get("/account/plan/to/monthly/"))
    assert "₹99" not in quoted
    token = browser.get("/account/plan/to/monthly/").context["sealed"]
    actions.change_plan(till, subscription, monthly.current, token)
    until(till, travel, datetime(2026, 6, 30, 11, tzinfo=UTC))
    assert paid() == [90000, 30000]


def test_other_terms_than_those_seen_are_not_charged(till, monthly, reader, browser, travel):
    seen = browser.get("/subscribe/monthly/").context["version"]
    buy(till, reader, monthly)
    left(till, travel, reader)
    browser.force_login(reader, backend=BACKEND)
    answer = browser.post("/subscribe/monthly/", {"version": seen})
    assert answer.status_code == 409
    assert "has just changed" in text(answer)
    with pytest.raises(Refusal, match="changed"):
        actions.open_checkout(till, reader, monthly.current, "/", seen=seen)
    assert Checkout.objects.count() == 1


def test_case_34_an_open_checkout_keeps_the_first_price_it_was_made_with(
    till, monthly, reader, travel
):
    checkout = actions.open_checkout(till, reader, monthly.current, "/")
    facts = {"price": 50000, "count": 1}
    actions.set_terms(monthly, terms(**facts))
    till.pay(checkout.ref, "4242424242424242")
    assert actions.settle(till, checkout.ref).subscription.price.amount == 9900
    assert paid() == [9900]


def test_a_gateway_that_charges_another_first_price_is_refused(till, monthly, reader, travel):
    checkout = actions.open_checkout(till, reader, monthly.current, "/")
    till.pay(checkout.ref, "4242424242424242")
    till.gateway.book.run("UPDATE charge SET amount = 9901")
    with pytest.raises(Refusal, match="9901"):
        actions.settle(till, checkout.ref)
    assert not Payment.objects.exists()


def test_the_price_on_top_of_which_tax_comes_is_charged_with_it(plan):
    version = terms(tax_included=False, intro_price=10000, intro_periods=1)
    assert version.intro.amount == 11800


def test_the_export_tells_the_first_price(till, monthly, reader):
    buy(till, reader, monthly)
    kind = next(kind for kind in KINDS if kind.name == "checkouts")
    row = next(iter(kind.rows(reader)))
    assert (row["opening_amount"], row["opening_periods"]) == (9900, 3)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"intro_price": "99"}, "needs the number of its periods"),
        ({"intro_periods": "3"}, "needs the number of its periods"),
        ({"intro_price": "900", "intro_periods": "1"}, "must be below the price"),
        ({"intro_price": "0", "intro_periods": "1"}, "more than nothing"),
        ({"intro_price": "9", "intro_periods": "999"}, "ten years"),
        ({"intro_price": "9", "intro_periods": "1", "once": "on"}, "has one price"),
    ],
)
def test_the_desk_refuses_terms_that_cannot_be(monthly, change, problem):
    answer = publisher().post(f"/desk/business/plans/{monthly.pk}/", FORM | change)
    assert problem in text(answer)
    assert monthly.versions.count() == 1


def test_the_desk_makes_and_keeps_what_newcomers_pay(monthly):
    staff = publisher()
    facts = FORM | {"intro_price": "199.50", "intro_periods": "2"}
    address = f"/desk/business/plans/{monthly.pk}/"
    answer = staff.post(address, facts, follow=True)
    assert "The new terms are on sale" in said(answer)
    current = monthly.current
    assert (current.intro_price, current.intro_periods, current.renews) == (19950, 2, True)
    screen = " ".join(page(staff, address).split())
    assert 'value="199.50"' in screen
    assert "₹199.50 every 3 months for the first 6 months" in screen
    assert "The terms are as they were" in said(staff.post(address, facts, follow=True))
    staff.post(address, FORM | {"once": "on"})
    assert (monthly.current.renews, monthly.current.intro_price) == (False, None)
    assert "paid once" in page(staff, address)


def test_the_desk_says_what_the_gateway_lacks(till, monthly, monkeypatch):
    monkeypatch.setattr(till, "can", frozenset(), raising=False)
    staff, address = publisher(), f"/desk/business/plans/{monthly.pk}/"
    first = FORM | {"intro_price": "99", "intro_periods": "1"}
    for facts, why in (
        (first, "another price at first"),
        (FORM | {"once": "on"}, "without renewal"),
    ):
        assert why in text(staff.post(address, facts))
    assert PlanVersion.objects.filter(plan=monthly).count() == 1
    staff.post(address, {k: v for k, v in first.items() if k != "on_sale"})
    assert monthly.current.intro_periods == 1


def test_the_price_list_needs_no_query_for_each_plan(till, monthly, browser):
    before = queries(browser, "/subscribe/")
    for n in range(4):
        made = Plan.objects.create(slug=f"m{n}", name=f"M{n}")
        actions.set_terms(made, terms(intro_price=100 + n, intro_periods=1))
    assert queries(browser, "/subscribe/") == before


@given(st.integers(1, 10**9), st.integers(1, 50), st.booleans())
def test_other_first_prices_have_another_seal(amount, periods, first):
    version = PlanVersion(pk=7)
    opening = Opening(amount, periods) if first else None
    seal = Proposal(version, opening).seal
    assert (seal == "7") == (opening is None)
    assert seal != Proposal(version, Opening(amount + 1, periods)).seal


def test_how_long_a_first_price_holds_is_said_in_whole():
    assert first_text(Interval("month", 3), 1) == "for the first 3 months"
    assert first_text(Interval("month", 3), 2) == "every 3 months for the first 6 months"
    assert first_text(Interval("year", 1), 1) == "for the first year"
