"""A reader's bank takes a payment back: access, books and what is charged, at every step."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.actions import order_refund
from broadsheet.ledger.models import Dispute, Fee, Invoice, Payment
from broadsheet.ledger.tests.cast import balance, deferred, sold
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import page, publisher
from tests.cast import ben

NET, TAX = 76271, 13729


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


@pytest.fixture
def bought(till, plan, travel):
    till.gateway.set_fee(200)
    return buy(till, ben(), plan)


def reads():
    return bool(entitlements(Subscription.objects.get().reader, clock.now()))


def worked(till):
    """Webhooks may come or not: the worker takes up what the gateway says."""
    for ref in Subscription.objects.values_list("ref", flat=True):
        actions.settle(till, ref)
    actions.ask_again()
    actions.close_days()


def disputed(till, travel, days=45):
    travel.shift(timedelta(days=days))
    worked(till)
    ref = till.gateway.open_dispute(Payment.objects.get().ref, fee=1500)
    worked(till)
    return ref


def test_the_fee_of_a_charge_is_booked_once(till, bought):
    for _ in range(3):
        worked(till)
    assert Fee.objects.get().amount == balance("fees") == 1800
    assert balance("gateway:fakepay") == 90000 - 1800


def test_case_32_what_the_bank_holds_opens_nothing_and_is_charged_no_more(till, bought, travel):
    disputed(till, travel)
    assert not reads()
    assert balance("disputed") == 90000
    assert balance("gateway:fakepay") == -1800 - 1500
    assert balance("fees") == 3300
    subscription = Subscription.objects.get()
    assert (subscription.end_reason, subscription.renews_told) == ("disputed", False)
    travel.move_to(datetime(2026, 12, 1, tzinfo=UTC))
    till.gateway.run_due()
    worked(till)
    assert Payment.objects.count() == 1


def test_case_32_a_dispute_that_is_won_opens_what_was_paid_for_again(till, bought, travel):
    ref = disputed(till, travel)
    till.gateway.end_dispute(ref, "won")
    worked(till)
    assert reads()
    assert balance("disputed") == 0
    assert balance("gateway:fakepay") == 90000 - 3300
    travel.move_to(datetime(2026, 6, 30, 10, tzinfo=UTC))
    worked(till)
    assert not reads(), "to the end of the period, and no longer"
    assert (deferred(), sold()) == (0, NET)


def test_case_32_a_dispute_that_is_lost_is_taken_back_with_a_credit_note(till, bought, travel):
    ref = disputed(till, travel)
    earned = sold()
    assert earned == NET * 45 // 91
    till.gateway.end_dispute(ref, "lost")
    worked(till)
    assert not reads()
    accounts = ("disputed", "deferred", "sales", "tax:GST:1800")
    assert [balance(account) for account in accounts] == [0] * 4
    assert balance("fees") == -balance("gateway:fakepay") == 3300
    note = Invoice.objects.exclude(credits=None).get()
    assert (note.net, note.tax, note.total) == (-NET, -TAX, -90000)
    travel.shift(timedelta(days=90))
    worked(till)
    assert sold() == 0


def test_steps_are_booked_once_however_often_we_ask(till, bought, travel):
    ref = disputed(till, travel)
    till.gateway.end_dispute(ref, "lost")
    for _ in range(3):
        worked(till)
    assert list(Dispute.objects.values_list("step", flat=True)) == ["open", "lost"]


def test_one_that_is_decided_before_we_hear_of_it_is_booked_whole(till, bought, travel):
    travel.shift(timedelta(days=3))
    ref = till.gateway.open_dispute(Payment.objects.get().ref)
    till.gateway.end_dispute(ref, "won")
    worked(till)
    assert Dispute.objects.count() == 2
    assert reads()


def test_an_answer_of_before_the_dispute_changes_nothing(till, bought, travel, monkeypatch):
    before = till.look_up(bought.checkout.ref)
    disputed(till, travel)
    with monkeypatch.context() as patch:
        patch.setattr(till, "look_up", lambda ref: before)
        actions.settle(till, bought.checkout.ref)
    assert not reads()


def test_what_a_bank_holds_cannot_be_refunded(till, bought, travel):
    disputed(till, travel)
    with pytest.raises(Refusal, match="0 is left"):
        order_refund(Payment.objects.get(), 1, "Asked", None)


def test_part_refunded_and_the_rest_lost_leaves_nothing(till, bought, travel):
    payment = Payment.objects.get()
    order_refund(payment, 30001, "Half a term", None)
    worked(till)
    assert reads()
    ref = disputed(till, travel, 20)
    till.gateway.end_dispute(ref, "lost")
    worked(till)
    assert [balance(account) for account in ("deferred", "sales", "tax:GST:1800")] == [0] * 3


def test_a_dispute_about_an_old_period_ends_with_the_paid_one(till, bought, travel):
    travel.move_to(datetime(2026, 6, 30, 11, tzinfo=UTC))
    till.gateway.run_due()
    worked(till)
    first = Payment.objects.order_by("pk").first()
    till.gateway.open_dispute(first.ref)
    worked(till)
    assert reads(), "the present period is paid"
    subscription = Subscription.objects.get()
    assert (subscription.is_live, subscription.renews, subscription.renews_told) == (
        True, False, False,
    )  # fmt: skip


def test_the_desk_says_why_it_ended(till, bought, travel):
    disputed(till, travel)
    text = page(publisher(), "/desk/business/subscriptions/")
    assert "payment disputed at the bank" in text
    assert "Held by readers&#x27; banks" in page(publisher(), "/desk/business/books/")
