"""A change of plan among refunds and banks: access, periods and books stay of one mind."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Credit, Dispute, Payment
from broadsheet.ledger.tests.cast import deferred, sold
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Plan, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import buy, terms
from tests.cast import ada, ben

MID = datetime(2026, 5, 15, 12, tzinfo=UTC)
END = datetime(2026, 6, 30, 10, tzinfo=UTC)
NET, REST, DUE_NET = 76271, 38555, 190259


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


@pytest.fixture
def changed(till, plan, travel):
    """Ben had the quarterly plan since 31 March, and took the yearly one on 15 May."""
    yearly = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(yearly, terms(price=270_000, unit="year", count=1))
    subscription = buy(till, ben(), plan).settled.subscription
    travel.move_to(MID)
    actions.close_days()
    quote = quote_of(subscription, yearly.current, MID)
    token = actions.sealed(subscription, yearly.current, quote, MID)
    actions.change_plan(till, subscription, yearly.current, token)
    return list(Payment.objects.order_by("id"))


def worked(till):
    actions.settle(till, Subscription.objects.get().ref)
    actions.ask_again()
    actions.close_days()
    assert [*checks.everything()] == []


def bank(till, payment, *outcomes):
    ref = till.gateway.open_dispute(payment.ref)
    worked(till)
    for outcome in outcomes:
        till.gateway.end_dispute(ref, outcome)
        worked(till)


def reads():
    return bool(entitlements(Subscription.objects.get().reader, clock.now()))


def ends():
    return [period.ends for period in Subscription.objects.get().periods.all()]


def test_what_was_credited_is_earned_with_the_new_plan(changed):
    assert (deferred(), sold()) == (REST + DUE_NET, NET - REST)
    assert Credit.objects.get().payment == changed[1]


def test_a_change_given_back_is_earned_over_the_old_period_again(till, changed, travel):
    actions.refund(till, changed[1], "Asked", ada())
    assert (deferred(), sold()) == (REST, NET - REST)
    assert (ends()[0], reads()) == (END, True)
    travel.move_to(END + timedelta(hours=12))
    worked(till)
    assert (deferred(), sold(), reads()) == (0, NET, False)


def test_a_change_that_a_bank_took_back_gives_the_old_period_back(till, changed):
    bank(till, changed[1])
    assert (ends()[0], reads()) == (END, True), "what the other payment paid for stays open"
    assert (deferred(), sold()) == (REST + DUE_NET, NET - REST), "the books wait"
    till.gateway.end_dispute(Dispute.objects.get().ref, "lost")
    worked(till)
    assert (ends()[0], reads()) == (END, True)
    assert (deferred(), sold()) == (REST, NET - REST)
    assert Subscription.objects.get().end_reason == "disputed"


def test_a_change_that_the_paper_keeps_goes_on_to_its_end(till, changed):
    bank(till, changed[1], "won")
    assert (ends()[0], reads()) == (MID, True)
    assert (deferred(), sold()) == (REST + DUE_NET, NET - REST)


def test_while_a_bank_holds_a_change_nothing_else_moves(till, changed, plan):
    bank(till, changed[1])
    subscription = Subscription.objects.get()
    assert (subscription.is_live, subscription.renews) == (True, False)
    assert [p.refunded_at is None for p in subscription.periods.all()] == [True, False]
    with pytest.raises(Refusal, match="credited"):
        actions.refund(till, changed[0], "Asked", ada())
    actions.set_renewal(subscription, renews=True)
    with pytest.raises(Refusal, match="bank holds"):
        quote_of(Subscription.objects.get(), plan.current, MID)


def test_while_a_bank_holds_a_change_access_ends_with_the_old_period(till, changed, travel):
    bank(till, changed[1])
    travel.move_to(END)
    actions.end_due()
    assert not reads()
    till.gateway.end_dispute(Dispute.objects.get().ref, "won")
    worked(till)
    assert (ends()[0], reads()) == (MID, True)


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_bank_may_take_back_a_period_that_was_credited(till, changed, outcome):
    bank(till, changed[0], outcome)
    assert (ends()[0], reads()) == (MID, True), "the new plan was paid for"
    gone = NET if outcome == "lost" else 0
    assert (deferred(), sold()) == (REST + DUE_NET, NET - REST - gone)
    assert not Subscription.objects.get().renews


def test_both_lost_leave_nothing_to_earn_and_nothing_to_read(till, changed):
    bank(till, changed[0], "lost")
    bank(till, changed[1], "lost")
    assert (deferred(), sold(), reads()) == (0, 0, False)
