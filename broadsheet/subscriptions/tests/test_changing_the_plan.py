"""Another plan: what is shown is what is charged, once; nobody loses what is paid for."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import checks as ledger_checks
from broadsheet.ledger.models import Invoice, Payment, Refund
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Plan, PlanChange, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, ONCE, buy, terms
from tests.cast import ada, ben

ASKS = "4000002760003184"
ALL = {"unlimited", "premium", "ad_free"}
MID = datetime(2026, 5, 15, 12, tzinfo=UTC)
END = datetime(2026, 6, 30, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*ledger_checks.problems(), *checks.problems()] == []


def made(slug, **facts):
    plan = Plan.objects.create(slug=slug, name=slug.capitalize())
    actions.set_terms(plan, terms(**facts))
    return plan


@pytest.fixture
def yearly(plan):
    return made("yearly", price=270_000, unit="year", count=1)


@pytest.fixture
def small(plan):
    return made("small", price=20_000, unit="month", count=1, entitlements=["unlimited"])


@pytest.fixture
def subscriber(till, plan, travel):
    """Ben has the quarterly plan since 31 March, and it is 15 May: 46 of 91 days are left."""

    def begin(card=GOOD):
        reader = ben()
        buy(till, reader, plan, card)
        travel.move_to(MID)
        return reader

    return begin


def shown(plan):
    subscription = Subscription.objects.get()
    quote = quote_of(subscription, plan.current, clock.now())
    return quote, actions.sealed(subscription, plan.current, quote, clock.now())


def change(till, plan, token=None):
    token = token or shown(plan)[1]
    return actions.change_plan(till, Subscription.objects.get(), plan.current, token)


def renewed(till, travel, at):
    travel.move_to(at)
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()


def opened(reader):
    return set(entitlements(reader, clock.now()))


def newest():
    return Mail.objects.order_by("-id").first()


def test_a_dearer_plan_begins_at_once_for_its_price_less_the_unused_days(
    till, yearly, subscriber, travel
):
    reader = subscriber()
    quote, token = shown(yearly)
    assert quote == (True, 90_000 * 46 // 91, 46, 270_000 - 90_000 * 46 // 91)
    done = change(till, yearly, token)
    assert (done.state, done.taken_at) == (PlanChange.DONE, MID)
    payment = Payment.objects.order_by("-id").first()
    assert payment.amount == payment.invoice.total == quote.due == 224_506
    assert payment.invoice.tax == 34_247
    assert "less ₹454.94 for unused days of Quarterly" in payment.invoice.description
    subscription = Subscription.objects.get()
    assert (subscription.version, subscription.anchor) == (yearly.current, MID)
    assert subscription.paid_until() == datetime(2027, 5, 15, 12, tzinfo=UTC)
    assert opened(reader) == ALL
    assert newest().subject == "Your new plan: Yearly"
    for words in ("₹2,245.06", "₹454.94", "15 May 2027", "₹2,700", "2026-000002"):
        assert words in newest().text
    renewed(till, travel, datetime(2027, 5, 15, 12, 1, tzinfo=UTC))
    assert Payment.objects.order_by("-id").first().amount == 270_000
    assert newest().subject == "Your subscription was renewed: Yearly"


def test_two_clicks_and_late_webhooks_charge_once(till, yearly, subscriber):
    subscriber()
    token = shown(yearly)[1]
    for _ in range(2):
        assert change(till, yearly, token).state == PlanChange.DONE
    for _ in range(3):
        actions.settle(till, Subscription.objects.get().ref)
    assert Payment.objects.count() == Invoice.objects.count() == Mail.objects.count() == 2


def test_a_cheaper_plan_begins_with_the_next_charge_and_nothing_is_lost(
    till, small, subscriber, travel
):
    reader = subscriber()
    quote, token = shown(small)
    assert (quote.at_once, quote.due) == (False, 0)
    assert change(till, small, token).state == PlanChange.PLANNED
    assert newest().subject == "From 30 June 2026: Small"
    assert "₹200" in newest().text
    travel.move_to(END - timedelta(seconds=1))
    assert opened(reader) == ALL
    renewed(till, travel, END)
    assert opened(reader) == {"unlimited"}
    subscription = Subscription.objects.get()
    assert subscription.paid_until() == datetime(2026, 7, 30, 10, tzinfo=UTC)
    assert [p.amount for p in Payment.objects.order_by("id")] == [90_000, 20_000]
    renewed(till, travel, datetime(2026, 8, 31, 10, tzinfo=UTC))
    assert Payment.objects.count() == 4


def test_a_planned_change_is_taken_back_until_then(till, small, subscriber, travel):
    subscriber()
    change(till, small)
    with pytest.raises(Refusal, match="Take it back first"):
        shown(small)
    actions.keep_plan(till, Subscription.objects.get())
    actions.keep_plan(till, Subscription.objects.get())
    assert newest().subject == "You keep Quarterly"
    assert Mail.objects.count() == 3
    renewed(till, travel, END)
    assert Payment.objects.order_by("-id").first().amount == 90_000
    assert Subscription.objects.get().version.plan.slug == "quarterly"


def test_case_41_whoever_cancels_has_no_change_planned(till, small, subscriber, travel):
    reader = subscriber()
    change(till, small)
    actions.tell_gateway(till, actions.set_renewal(Subscription.objects.get(), renews=False))
    assert PlanChange.objects.get().state == PlanChange.LEFT
    with pytest.raises(Refusal, match="Keep it first"):
        shown(small)
    renewed(till, travel, END)
    assert opened(reader) == set()
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("card", [DECLINED, ASKS])
def test_a_card_that_does_not_pay_changes_nothing_and_another_one_pays(
    till, yearly, subscriber, card
):
    reader = subscriber()
    subscription = Subscription.objects.get()
    till.gateway.set_card(subscription.ref, read_number(card))
    waiting = change(till, yearly)
    assert (waiting.state, waiting.pay_url) == (PlanChange.OPEN, till.look_up(subscription.ref).url)
    assert waiting.problem
    subscription.refresh_from_db()
    assert (subscription.state, Mail.objects.count(), opened(reader)) == ("active", 1, ALL)
    till.pay(subscription.ref, card, confirmed=card == ASKS)
    till.pay(subscription.ref, GOOD)
    actions.settle(till, subscription.ref)
    waiting.refresh_from_db()
    assert waiting.state == PlanChange.DONE
    assert Payment.objects.count() == 2


def test_what_is_not_paid_in_time_is_left(till, yearly, subscriber, travel):
    reader = subscriber(ONCE)
    assert change(till, yearly).state == PlanChange.OPEN
    travel.shift(timedelta(minutes=66))
    actions.ask_again()
    assert PlanChange.objects.get().state == PlanChange.LEFT
    assert till.pay(Subscription.objects.get().ref, GOOD).kind == "settled"
    assert (Payment.objects.count(), opened(reader)) == (1, ALL)


def test_a_quote_ends_with_its_hour_its_day_its_price_and_its_period(
    till, yearly, small, subscriber, travel
):
    subscriber()
    token = shown(yearly)[1]
    travel.shift(timedelta(minutes=61))
    with pytest.raises(actions.QuoteIsOver, match="Nothing was charged"):
        change(till, yearly, token)
    travel.move_to(datetime(2026, 5, 15, 18, 20, tzinfo=UTC))  # 23:50 in Kolkata
    token = shown(yearly)[1]
    travel.shift(timedelta(minutes=11))
    with pytest.raises(actions.QuoteIsOver):
        change(till, yearly, token)
    token = shown(yearly)[1]
    for wrong in (token + "x", shown(small)[1], "x", "a:b:c"):
        with pytest.raises(actions.QuoteIsOver):
            change(till, yearly, wrong)
    actions.set_terms(yearly, terms(price=280_000, unit="year", count=1))
    with pytest.raises(actions.QuoteIsOver):
        change(till, yearly, token)
    assert Payment.objects.count() == 1
    assert not PlanChange.objects.exists()


def test_the_second_of_two_windows_is_shown_it_again(till, yearly, small, subscriber):
    subscriber()
    one, other = shown(yearly)[1], shown(small)[1]
    assert change(till, yearly, one).state == PlanChange.DONE
    with pytest.raises(actions.QuoteIsOver):
        change(till, small, other)
    assert Payment.objects.count() == 2
    assert Subscription.objects.get().version == yearly.current


def test_no_quote_meets_the_next_charge(till, yearly, subscriber, travel):
    subscriber()
    travel.move_to(END - timedelta(hours=2))
    with pytest.raises(Refusal, match="about to be charged"):
        shown(yearly)
    travel.move_to(END - timedelta(hours=3))
    token = shown(yearly)[1]
    travel.move_to(END + timedelta(minutes=1))
    till.gateway.run_due()
    with pytest.raises(actions.QuoteIsOver):
        change(till, yearly, token)


def test_whoever_is_overdue_pays_first(till, yearly, subscriber, travel):
    subscriber(ONCE)
    renewed(till, travel, END + timedelta(hours=1))
    with pytest.raises(Refusal, match="Pay it first"):
        shown(yearly)


def test_a_lost_answer_is_asked_for_and_nothing_is_charged_twice(
    till, yearly, subscriber, travel, monkeypatch
):
    subscriber()
    token = shown(yearly)[1]
    silent_after(monkeypatch, till, "change")
    with pytest.raises(GatewaySilent):
        change(till, yearly, token)
    assert PlanChange.objects.get().state == PlanChange.OPEN
    travel.shift(timedelta(minutes=2))
    actions.ask_again()
    assert PlanChange.objects.get().state == PlanChange.DONE
    monkeypatch.undo()
    assert Payment.objects.count() == 2
    assert till.look_up(Subscription.objects.get().ref).charges[-1].number == 1


def silent_after(monkeypatch, till, name):
    """The gateway does it, and its answer is lost."""
    done = getattr(till, name)

    def lost(*args, **options):
        done(*args, **options)
        raise GatewaySilent("The answer was lost.")

    monkeypatch.setattr(till, name, lost)


def test_a_gateway_that_is_down_charges_nothing_later(
    till, yearly, subscriber, travel, monkeypatch
):
    reader = subscriber()
    token = shown(yearly)[1]
    with monkeypatch.context() as down:
        down.setattr(till, "change", lambda *args: (_ for _ in ()).throw(GatewaySilent("down")))
        with pytest.raises(GatewaySilent):
            change(till, yearly, token)
    travel.shift(timedelta(minutes=10))
    actions.ask_again()
    assert Payment.objects.count() == 1
    assert change(till, yearly, token).state == PlanChange.DONE, "the same click again"
    assert (Payment.objects.count(), opened(reader)) == (2, ALL)


def test_a_payment_given_back_gives_the_old_period_back_too(till, yearly, subscriber, travel):
    reader = subscriber()
    change(till, yearly)
    first, second = Payment.objects.order_by("id")
    with pytest.raises(Refusal, match="credited"):
        actions.refund(till, first, "Asked", ada())
    actions.refund(till, second, "Asked", ada())
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.end_reason) == ("ended", "refunded")
    assert Refund.objects.get().amount == second.amount
    assert opened(reader) == ALL, "to the end of the period that was credited"
    renewed(till, travel, END)
    assert opened(reader) == set()
    assert not till.look_up(subscription.ref).renews


def test_from_change_to_change_the_credit_is_what_the_period_cost(till, yearly, subscriber, travel):
    reader = subscriber()
    change(till, yearly)
    two = made("two", price=390_000, unit="year", count=2)
    quote, token = shown(two)
    assert (quote.credit, quote.days) == (270_000, 365), "on its first day all comes back"
    change(till, two, token)
    assert sum(p.amount for p in Payment.objects.all()) == 90_000 - 45_494 + 390_000
    assert opened(reader) == ALL
    assert [p.ends for p in Subscription.objects.get().periods.all()][:2] == [MID, MID]


def test_case_29_plans_in_other_money_or_not_on_sale_are_not_offered(till, plan, subscriber):
    subscriber()
    euro, gone = made("euro", currency="EUR", price=900), made("gone", price=99_000)
    Plan.objects.filter(pk=gone.pk).update(on_sale=False)
    gone.refresh_from_db()
    for other in (euro, gone, plan):
        with pytest.raises(Refusal):
            shown(other)


def test_case_34_a_version_of_before_is_kept_by_whoever_has_it(till, plan, yearly, subscriber):
    subscriber()
    actions.set_terms(plan, terms(price=100_000))
    quote, _ = shown(yearly)
    assert quote.credit == 45_494
    actions.settle(till, Subscription.objects.get().ref)
    assert Subscription.objects.get().price.amount == 90_000


def test_an_answer_from_before_the_change_is_left_alone(till, yearly, subscriber, monkeypatch):
    subscriber()
    ref = Subscription.objects.get().ref
    old = till.look_up(ref)
    change(till, yearly)
    monkeypatch.setattr(till, "look_up", lambda ref: old)
    actions.settle(till, ref)
    assert Subscription.objects.get().version == yearly.current


def test_terms_that_somebody_changed_at_the_gateway_are_refused(till, yearly, subscriber):
    subscriber()
    ref, book = Subscription.objects.get().ref, till.gateway.book
    book.run("UPDATE agreement SET amount = 1")
    with pytest.raises(Refusal, match="Nothing was booked"):
        actions.settle(till, ref)
    book.run("UPDATE agreement SET amount = 90000, terms = 'foreign', base = 1")
    with pytest.raises(Refusal, match="Nothing was booked"):
        actions.settle(till, ref)
