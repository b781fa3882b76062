"""What the desk's screens say of trials, pauses and gifts is what happens."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.ledger.models import Invoice
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import (
    PartnerBenefit,
    Plan,
    ReadingCount,
    Subscription,
    Summing,
)
from broadsheet.subscriptions.reads.business.overview import income, overview
from broadsheet.subscriptions.reads.business.written import words
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.tests.conftest import ONCE, buy, terms
from broadsheet.subscriptions.tests.desk_cast import page, publisher, subscriber
from broadsheet.subscriptions.tests.gift_cast import bought, redeemed

FIGURES = "/desk/business/figures/"


def told(subscription):
    """One subscription's screen without the desk's menu, in one line."""
    address = reverse("business_subscription", args=[subscription.pk])
    return " ".join(page(publisher(), address).partition("<main")[2].split())


def listed():
    return " ".join(page(publisher(), reverse("business_subscriptions")).split())


@pytest.fixture
def tried(till, paper, travel):
    """In its trial until 14 April."""
    actions.make_entitlements()
    plan = Plan.objects.create(slug="tried", name="Tried")
    actions.set_terms(plan, terms(trial_days=14))
    return subscriber(till, plan, "tina@lantern.example")


@pytest.fixture
def resting(till, plan, travel):
    """Paid until 30 June, at rest until 31 July."""
    found = subscriber(till, plan, "paul@lantern.example")
    actions.pause(till, found, 1, ends_of(found, 1))
    travel.move_to(datetime(2026, 7, 2, tzinfo=UTC))
    actions.begin_pauses()
    return Subscription.objects.get(pk=found.pk)


def test_of_a_paid_one_cancelling_ends_it_with_what_is_paid(till, plan, travel):
    text = told(subscriber(till, plan, "rosa@lantern.example"))
    assert "Access goes on until 30 June 2026, and nothing more is charged." in text
    assert "paid until 30 June 2026" in text


def test_of_a_trial_nothing_is_paid_and_cancelling_ends_it_with_the_trial(tried):
    text = told(tried)
    assert "in the trial until 14 April 2026" in text
    assert "It ends with its trial on 14 April 2026, and nothing is charged." in text
    assert "paid until" not in text + listed()
    assert "in the trial until" in listed()


def test_of_a_paused_one_cancelling_ends_it_now(resting):
    assert resting.state == Subscription.PAUSED
    text = told(resting)
    assert "paused until 31 July 2026" in text
    assert "It is paused: it ends now, and nothing more is charged." in text
    assert "paid until" not in listed()
    actions.set_renewal(resting, renews=False)
    assert not Subscription.objects.get().is_live, "as the screen said"


def test_of_an_overdue_one_cancelling_ends_it_now(till, plan, travel):
    found = buy(till, User.objects.create_user("olga@lantern.example"), plan, ONCE)
    travel.move_to(datetime(2026, 6, 30, 11, tzinfo=UTC))
    till.gateway.run_due()
    actions.ask_again()
    subscription = Subscription.objects.get(pk=found.settled.subscription.pk)
    assert "The last period was not paid: access ends now" in told(subscription)
    actions.set_renewal(subscription, renews=False)
    assert not Subscription.objects.get().is_live, "as the screen said"


def test_the_overview_has_trials_and_pauses_in_columns_and_says_who_counts(tried, resting, till):
    now = overview(words())
    found = {row.name: (row.live, row.trial, row.paused) for row in now.plans}
    assert found["Quarterly"] == (1, 0, 1)
    text = page(publisher(), reverse("business"))
    assert "those in the trial and those that pause among them" in text
    assert "In the trial" in text


def test_a_trial_is_counted_as_one(tried):
    [row] = overview(words()).plans
    assert (row.live, row.trial, row.paused) == (1, 1, 0)
    Summing.objects.update(began_at=None)
    actions.sum_up()
    assert "MRR in" not in page(publisher(), f"{FIGURES}mrr/"), "nothing was paid"


def test_a_gift_is_income_in_the_month_in_which_it_is_redeemed(till, plan, travel):
    gift = bought(till, plan)
    assert not income(words())
    travel.move_to(datetime(2026, 4, 20, tzinfo=UTC))
    redeemed(gift, User.objects.create_user("rosa@lantern.example"))
    [row] = income(words())
    assert row.amounts[:2] == ("₹762.71", "₹0")
    text = page(publisher(), reverse("business"))
    assert "in the month in which it is redeemed, and not before" in text


def test_a_gifts_invoice_leads_to_the_gift(till, plan, travel):
    gift = bought(till, plan)
    text = page(publisher(), reverse("business_payments"))
    assert f'href="{reverse("business_gift", args=[gift.pk])}"' in text
    assert "Tax included" in text
    assert Invoice.objects.count() == 1


def test_no_share_is_above_the_whole(till, plan, travel):
    """Four checkouts of three stops, and one of them paid by two."""
    ReadingCount.objects.create(
        month="2026-03", article=7, kind="anonymous", outcome="stop", rule="metered", number=3
    )
    for n in range(4):
        actions.open_checkout(
            till, User.objects.create_user(f"r{n}@lantern.example"), plan.current, "/"
        )
    Summing.objects.update(began_at=None)
    actions.sum_up()
    text = page(publisher(), f"{FIGURES}funnel/")
    assert "133 %" not in text and "133.3 %" not in text
    assert "133.3" in text
    assert "Checkouts for 100 stopped" in text


def test_a_benefit_leads_to_its_codes_and_names_the_right(plan):
    benefit = PartnerBenefit.objects.create(
        partner="Film", title="A month of films", entitlement="premium", kind="codes"
    )
    codes = f'href="{reverse("business_benefit", args=[benefit.pk])}"'
    client = publisher()
    text = page(client, reverse("partner_benefits:index")).partition("<main")[2]
    assert codes in text
    assert "Premium" in text
    assert "True" not in text
    assert codes in page(client, reverse("partner_benefits:edit", args=[benefit.pk]))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("coupons", "a code that takes something off a price"),
        ("institutions", "opens the paper for its people"),
        ("partner_benefits", "codes from a pool"),
        ("grants", "Nobody reads for nothing yet."),
    ],
)
def test_an_empty_list_says_what_it_is_for(plan, name, said):
    client = publisher()
    assert said in page(client, reverse(f"{name}:index"))
    assert said not in page(client, reverse(f"{name}:index"), q="nothing like it")


def test_another_limit_says_when_the_first_figures_appear(paper, travel):
    assert "on 1 April 2026 at the earliest" in page(publisher(), f"{FIGURES}limit/")


def test_retention_shows_only_the_months_that_were_reached(till, plan, travel):
    subscriber(till, plan, "rosa@lantern.example")
    travel.move_to(clock.now() + timedelta(days=62))
    Summing.objects.update(began_at=None)
    actions.sum_up()
    text = " ".join(page(publisher(), f"{FIGURES}retention/").partition("<main")[2].split())
    assert text.count('scope="col">') == 5, "the month, its readers, one to three months later"
