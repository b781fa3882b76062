"""A trial: nothing is charged for some days, once for each reader, and it is said exactly."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.periods import Interval, start_of
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Billing, Payment, Posting
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.actions.buying import _order
from broadsheet.subscriptions.models import (
    Checkout,
    Coupon,
    Grant,
    Mandate,
    MonthSum,
    PaidPeriod,
    Plan,
    PlanVersion,
    PredebitNotice,
    Reminder,
    Subscription,
)
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.pausing import refuse_pause
from broadsheet.subscriptions.reads.proposals import proposer
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.rules import GRACE, TRIAL
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, buy, terms, text
from broadsheet.subscriptions.tests.desk_cast import at_desk, page, publisher, said
from broadsheet.subscriptions.tests.group_cast import secret_for
from broadsheet.subscriptions.tests.test_desk_plans import FORM
from broadsheet.subscriptions.trials import (
    Trial,
    days_for,
    first_charge_at,
    trial_ahead,
    trial_doors,
)
from tests.cast import ada, ben

ALL = {"unlimited", "premium", "ad_free"}
BEGIN = datetime(2026, 3, 31, 10, tzinfo=UTC)
END = BEGIN + timedelta(days=14)


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [str(problem) for problem in checks.everything()] == []


@pytest.fixture
def monthly(plan):
    """₹300 a month, 14 days free."""
    made = Plan.objects.create(slug="monthly", name="Monthly")
    actions.set_terms(made, terms(price=30000, count=1, trial_days=14))
    return made


@pytest.fixture
def reader(till, monthly, travel):
    return ben()


@pytest.fixture
def browser(reader):
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def until(till, travel, at):
    travel.move_to(at)
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()


def opened(reader):
    return set(entitlements(reader, clock.now()))


def cancelled(till, subscription):
    changed = actions.set_renewal(subscription, renews=False)
    assert actions.tell_gateway(till, changed)
    return changed


def subjects():
    return list(Mail.objects.order_by("pk").values_list("subject", flat=True))


# The rules.


@given(st.integers(0, 90), st.booleans(), st.booleans())
def test_each_reader_has_one_trial_and_none_of_a_plan_had_before(days, tried, had):
    got = days_for(days, had_trial=tried, had_plan=had)
    assert got == (0 if tried or had else days)


@given(
    agreed=st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),
    days=st.integers(1, 90),
)
def test_what_a_trial_opens_has_no_gap_to_the_grace_and_ends_with_it(agreed, days):
    trial = Trial(agreed, first_charge_at(agreed, days))
    grace = timedelta(days=7)
    doors = trial_doors({"a"}, trial, ended=None, owed={"a"}, grace=grace)
    free, late = sorted(doors, key=lambda door: door.opens)
    assert (free.source, free.opens, free.closes) == (TRIAL, agreed, agreed + timedelta(days=days))
    assert (late.source, late.opens, late.closes) == (GRACE, free.closes, free.closes + grace)
    assert trial_doors({"a"}, trial, ended=trial.ends - timedelta(seconds=1)) == set()
    assert trial_doors({"a"}, trial, ended=trial.ends) == {free}


@given(st.integers(1, 90))
def test_a_reminder_comes_three_days_before_and_not_with_the_mail_of_the_begin(days):
    ahead = trial_ahead(Trial(BEGIN, BEGIN + timedelta(days=days)))
    assert ahead == (timedelta(days=3) if days > 3 else None)


@given(
    days=st.integers(1, 90), periods=st.integers(0, 60), hour=st.integers(0, 23),
    ends=st.sampled_from([
        datetime(2024, 2, 29), datetime(2028, 2, 29), datetime(2026, 1, 29), datetime(2026, 1, 30),
        datetime(2026, 3, 31),
    ]),
    every=st.sampled_from([Interval("month", 1), Interval("month", 3), Interval("year", 1)]),
)  # fmt: skip
def test_case_23_a_trial_ends_on_the_leap_day_and_each_period_comes_back_to_it(
    days, periods, hour, ends, every
):
    zone = ZoneInfo("Asia/Kolkata")
    local = ends.replace(hour=hour, tzinfo=zone)
    anchor = first_charge_at(local.astimezone(UTC) - timedelta(days=days), days)
    assert anchor == local
    begins = start_of(anchor, periods, every, "Asia/Kolkata").astimezone(zone)
    months = ends.month - 1 + every.months * periods
    year, month = ends.year + months // 12, months % 12 + 1
    assert (begins.year, begins.month, begins.hour) == (year, month, hour)
    last = (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    assert begins.day == min(ends.day, last)


def test_case_23_a_trial_ends_on_the_leap_day_at_the_gateway_and_in_the_books(
    till, monthly, travel
):
    travel.move_to(datetime(2028, 2, 15, 10, tzinfo=UTC))
    reader = ben()
    subscription = buy(till, reader, monthly).settled.subscription
    assert subscription.anchor == datetime(2028, 2, 29, 10, tzinfo=UTC)
    for month in (2, 3, 4):
        until(till, travel, datetime(2028, month, 29, 11, tzinfo=UTC))
    starts = PaidPeriod.objects.order_by("number").values_list("starts", flat=True)
    assert [(at.month, at.day) for at in starts] == [(2, 29), (3, 29), (4, 29)]


# From the page to the books.


def test_prices_offer_and_wall_say_how_long_it_is_free(till, monthly):
    told = text(Client().get("/subscribe/"))
    assert "<strong>14 days free</strong>" in told
    assert "then <strong>₹300</strong> every month" in told
    asked = Client().get("/subscribe/monthly/", follow=True)
    assert "You chose Monthly, 14 days free, then ₹300 every month." in text(asked)


def test_the_page_names_the_day_and_the_sum_of_the_first_charge(browser):
    told = text(browser.get("/subscribe/monthly/"))
    assert "First charge on 14 April 2026" in told
    assert "To pay today</dt><dd><strong>₹0" in told
    assert "18% GST included" in told
    assert "Cancel before 14 April 2026, and it costs nothing." in told
    assert "Try it free, pay ₹300 from 14 April 2026" in told


def test_a_trial_opens_everything_costs_nothing_and_then_it_is_charged(
    till, monthly, reader, travel
):
    subscription = buy(till, reader, monthly).settled.subscription
    assert (subscription.trial_starts, subscription.trial_ends) == (BEGIN, END)
    assert (subscription.anchor, opened(reader)) == (END, ALL)
    assert not (Payment.objects.exists() or Posting.objects.exists())
    assert set(
        Grant.objects.values_list("source", "valid_from", "valid_until")
    ) == {("trial", BEGIN, END), ("grace", END, END + timedelta(days=7))}  # fmt: skip
    until(till, travel, END + timedelta(minutes=1))
    assert list(Payment.objects.values_list("amount", "invoice__total")) == [(30000, 30000)]
    period = PaidPeriod.objects.get()
    assert (period.number, period.starts, period.ends) == (0, END, END.replace(month=5))
    assert opened(reader) == ALL
    assert subjects() == ["Your trial of Monthly, free until 14 April 2026",
                          "Your subscription: Monthly"]  # fmt: skip


def test_the_mail_of_the_begin_says_what_is_charged_when_and_how_to_stop_it(till, monthly, reader):
    buy(till, reader, monthly)
    mail = Mail.objects.get()
    for words in (
        "It ends on 14 April 2026. On that day ₹300 is charged for the first time.",
        "GST 18%: ₹45.76, included.", "Cancel before 14 April 2026, and it costs nothing:",
        "/account/cancel/",
    ):  # fmt: skip
        assert words in mail.text, words


def test_back_from_the_gateway_the_reader_is_told_until_when(till, monthly, reader, browser):
    checkout = buy(till, reader, monthly).checkout
    told = text(browser.get(f"/subscribe/return/{checkout.key}/"))
    assert "Your trial of <strong>Monthly</strong> lasts until <strong>14 April 2026" in told
    assert "₹300 on 14 April 2026" in told
    assert "Invoice" not in told
    account = text(browser.get("/account/"))
    assert "Your trial ends on <strong>14 April 2026</strong>; then <strong>₹300" in account
    assert "Change the plan" not in account
    assert ">Pause<" not in account
    assert "Since " not in account
    refused = text(browser.get("/account/plan/", follow=True))
    assert '<li class="warning">Your trial runs, and nothing is paid yet.' in refused


def test_who_cancels_in_the_trial_pays_nothing_and_reads_to_its_end(
    till, monthly, reader, browser, travel
):
    buy(till, reader, monthly)
    assert "nothing is charged" in text(browser.get("/account/cancel/"))
    browser.post("/account/cancel/")
    assert opened(reader) == ALL
    assert "Cancelled. You read on until <strong>14 April" in text(browser.get("/account/"))
    until(till, travel, END - timedelta(seconds=1))
    assert opened(reader) == ALL
    until(till, travel, END)
    assert (opened(reader), Payment.objects.count()) == (set(), 0)
    assert Subscription.objects.get().end_reason == Subscription.CANCELLED


def test_the_cancellation_can_be_taken_back_in_the_trial(till, monthly, reader, travel):
    subscription = buy(till, reader, monthly).settled.subscription
    cancelled(till, subscription)
    assert actions.tell_gateway(till, actions.set_renewal(subscription, renews=True))
    until(till, travel, END + timedelta(minutes=1))
    assert PaidPeriod.objects.count() == 1


def test_a_first_charge_that_fails_is_overdue_and_access_goes_on_for_the_grace(
    till, monthly, reader, travel
):
    subscription = buy(till, reader, monthly).settled.subscription
    till.gateway.set_card(subscription.ref, read_number(DECLINED))
    until(till, travel, END + timedelta(hours=1))
    subscription.refresh_from_db()
    assert (subscription.state, opened(reader)) == (Subscription.PAST_DUE, ALL)
    told = Mail.objects.order_by("pk").last()
    assert "The trial of Monthly is over, but ₹300 could not be charged." in told.text
    until(till, travel, END + timedelta(days=7, minutes=1))
    subscription.refresh_from_db()
    assert (subscription.end_reason, opened(reader)) == (Subscription.UNPAID, set())


def test_a_first_charge_paid_late_covers_the_period_from_the_trials_end(
    till, monthly, reader, travel
):
    subscription = buy(till, reader, monthly).settled.subscription
    till.gateway.set_card(subscription.ref, read_number(DECLINED))
    until(till, travel, END + timedelta(hours=1))
    till.pay(subscription.ref, GOOD)
    actions.settle(till, subscription.ref)
    period = PaidPeriod.objects.get()
    assert (period.starts, opened(reader)) == (END, ALL)


# One trial for each reader.


def test_who_had_a_trial_pays_from_the_start_and_is_told_so_before(till, monthly, reader, travel):
    other = Plan.objects.create(slug="other", name="Other")
    actions.set_terms(other, terms(price=50000, count=1, trial_days=30))
    cancelled(till, buy(till, reader, monthly).settled.subscription)
    until(till, travel, END)
    told = page(at_desk(reader), "/subscribe/other/")
    assert "Each reader has one trial" in told
    assert "Pay ₹500" in " ".join(told.split())
    assert buy(till, reader, other).settled.subscription.trial is None
    assert list(Payment.objects.values_list("amount", flat=True)) == [50000]


def test_who_had_the_plan_before_it_had_a_trial_has_none_of_it(till, plan, reader, travel):
    subscription = buy(till, reader, plan).settled.subscription
    cancelled(till, subscription)
    until(till, travel, subscription.paid_until())
    actions.set_terms(plan, terms(trial_days=30))
    assert proposer(reader)(plan.current).trial == 0
    assert proposer(ada())(plan.current).trial == 30


def test_two_windows_give_one_trial(till, monthly, reader, travel):
    first = actions.open_checkout(till, reader, monthly.current, "")
    assert actions.open_checkout(till, reader, monthly.current, "").ref == first.ref
    other = Plan.objects.create(slug="other", name="Other")
    actions.set_terms(other, terms(price=50000, count=1, trial_days=30))
    # A gateway that lost the first page's end lets both be agreed to.
    till.pay(first.ref, GOOD)
    second = Checkout.objects.create(
        reader=reader, version=other.current, provider=till.name, amount=50000, currency="INR",
        trial_days=30,
    )  # fmt: skip
    ref = till.open_checkout(_order(second)).ref
    till.pay(ref, GOOD)
    one, two = (actions.settle(till, name).subscription for name in (first.ref, ref))
    assert (one.trial_ends, two.trial_ends) == (END, None)
    assert two.end_reason == Subscription.DUPLICATE
    actions.ask_again()
    until(till, travel, BEGIN + timedelta(days=31))
    assert list(Payment.objects.values_list("amount", flat=True)) == [30000]


def test_with_a_coupon_there_is_no_trial_and_the_page_says_so(till, monthly, reader, browser):
    Coupon.objects.create(code="HALF", percent=50, periods=1)
    browser.post("/subscribe/coupon/", {"code": "HALF", "plan": "monthly"})
    told = text(browser.get("/subscribe/monthly/"))
    assert "With this code there is no trial" in told
    assert "To pay today</dt><dd><strong>₹150" in told


def test_a_first_price_begins_after_the_trial(till, plan, travel):
    reader, made = ben(), Plan.objects.create(slug="first", name="First")
    facts = {"intro_price": 9900, "intro_periods": 2, "trial_days": 14}
    actions.set_terms(made, terms(price=30000, count=1, **facts))
    buy(till, reader, made)
    for month in (4, 5, 6):
        until(till, travel, datetime(2026, month, 14, 11, tzinfo=UTC))
    paid = Payment.objects.order_by("pk").values_list("amount", flat=True)
    assert list(paid) == [9900, 9900, 30000]


# What cannot be, and what is told.


def test_in_a_trial_nothing_rests_and_no_plan_changes(till, plan, monthly, reader):
    subscription = buy(till, reader, monthly).settled.subscription
    with pytest.raises(Refusal, match="Your trial runs"):
        refuse_pause(subscription, clock.now())
    with pytest.raises(Refusal, match="Your trial runs"):
        quote_of(subscription, plan.current, clock.now())


def test_it_is_reminded_of_once_three_days_before_and_the_debit_is_announced(
    till, monthly, reader, travel
):
    buy(till, reader, monthly)
    assert Mandate.objects.get().state == Mandate.ACTIVE
    until(till, travel, END - timedelta(days=3, seconds=1))
    assert (actions.send_reminders(), actions.send_notices()) == (0, 0)
    until(till, travel, END - timedelta(days=3))
    assert (actions.send_reminders(), actions.send_notices()) == (1, 1)
    assert (actions.send_reminders(), actions.send_notices()) == (0, 0)
    reminder, notice = Reminder.objects.get(), PredebitNotice.objects.get()
    assert (reminder.kind, reminder.number, reminder.amount, reminder.due_at) == (
        "trial", 0, 30000, END,
    )  # fmt: skip
    assert (notice.number, notice.amount, notice.due_at) == (0, 30000, END)
    assert "Your trial of Monthly ends on 14 April 2026" in reminder.mail.subject
    assert "with the first charge of ₹300" in " ".join(reminder.mail.text.split())


def test_a_yearly_plan_in_its_trial_is_not_reminded_of_a_renewal(till, plan, travel):
    reader, made = ben(), Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(made, terms(price=300000, unit="year", count=1, trial_days=14))
    buy(till, reader, made)
    assert actions.send_reminders() == 0


def test_who_cancelled_is_reminded_of_nothing(till, monthly, reader, travel):
    cancelled(till, buy(till, reader, monthly).settled.subscription)
    until(till, travel, END - timedelta(days=2))
    assert (actions.send_reminders(), actions.send_notices()) == (0, 0)


def test_withdrawing_in_the_trial_ends_it_at_once_and_moves_no_money(till, monthly, reader, travel):
    travel.move_to(datetime(2026, 11, 2, 10, tzinfo=UTC))
    Billing.objects.create(reader=reader, country="DE")
    subscription = buy(till, reader, monthly).settled.subscription
    row = actions.withdraw(subscription, "Ben")
    assert (row.amount, opened(reader)) == (0, set())
    assert "Nothing was charged, and nothing will be." in Mail.objects.order_by("pk").last().text


def test_a_group_reads_in_the_trial_as_long_as_its_owner(till, plan, travel):
    owner, made = ben(), Plan.objects.create(slug="family", name="Family")
    actions.set_terms(made, terms(price=60000, count=1, seats=3, trial_days=14))
    subscription = buy(till, owner, made).settled.subscription
    member = ada()
    actions.invite(subscription, member.email)
    actions.take_seat(member, secret_for("ada"))
    assert opened(member) == ALL
    cancelled(till, subscription)
    until(till, travel, END)
    assert opened(member) == set()


# The desk.


@pytest.mark.parametrize("wrong", [
    {"trial_days": 91}, {"trial_days": 14, "renews": False}, {"trial_days": 1},
])  # fmt: skip
def test_a_trial_has_90_days_at_most_renews_and_leaves_time_for_the_notice(plan, wrong):
    with pytest.raises(ValidationError):
        actions.set_terms(Plan.objects.create(slug="x", name="X"), terms(**wrong))
    assert PlanVersion.objects.count() == 1


def test_the_publisher_offers_a_trial_in_the_form_of_a_plan(till, plan):
    staff = publisher()
    url = "/desk/business/plans/add/"
    fields = FORM | {"slug": "tried", "name": "Tried", "trial_days": "14"}
    assert "Each reader has one trial" in page(staff, url)
    answer = staff.post(url, fields)
    assert answer.status_code == 302, said(answer)
    assert Plan.objects.get(slug="tried").current.trial_days == 14


def test_the_desk_shows_who_is_in_a_trial_and_its_story(till, monthly, reader, travel):
    subscription = buy(till, reader, monthly).settled.subscription
    staff = publisher()
    listed = page(staff, "/desk/business/subscriptions/", state="trial")
    assert reader.email in listed
    assert "in the trial" in listed
    story = page(staff, f"/desk/business/subscriptions/{subscription.pk}/")
    assert "Trial begun" in story
    assert "14 days free" in story


def test_only_who_pays_counts_as_revenue(till, monthly, reader, travel):
    buy(till, reader, monthly)
    actions.sum_up()
    assert set(MonthSum.objects.values_list("kind", flat=True)) == {"checkout"}
    until(till, travel, END + timedelta(hours=1))
    travel.shift(timedelta(days=1))
    actions.sum_up()
    assert MonthSum.objects.filter(kind="new", month=2026 * 12 + 3).exists()


def test_the_check_finds_a_grant_without_a_trial_and_a_trial_without_grants(till, monthly, reader):
    subscription = buy(till, reader, monthly).settled.subscription
    grants = Grant.objects.filter(source="trial", entitlement="premium")
    grants.update(valid_until=END + timedelta(days=1))
    assert any("another end" in str(problem) for problem in checks.everything())
    grants.update(valid_until=END, revoked_at=clock.now())
    assert any("has no grant of premium" in str(problem) for problem in checks.everything())
    actions.settle(till, subscription.ref)
