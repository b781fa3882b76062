"""What a reader was told is kept, whatever got lost between us and the gateway."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from broadsheet.accounts.actions import make_reader
from broadsheet.kit import clock
from broadsheet.ledger import checks as ledger_checks
from broadsheet.ledger.models import Event, Invoice, Payment, Posting
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy
from broadsheet.subscriptions.tests.test_webhooks import body, deliver
from tests.cast import PASSWORD, ada, ben

RENEWAL = datetime(2026, 6, 30, 10, 0, 5, tzinfo=UTC)


def wish(till, *, renews):
    changed = actions.set_renewal(Subscription.objects.get(), renews=renews)
    return actions.tell_gateway(till, changed)


def losing(till, name):
    """The next call does its work, and its answer is lost."""
    real = getattr(till, name)

    def call(*given, **named):
        setattr(till, name, real)
        real(*given, **named)
        raise GatewaySilent("the answer was lost")

    setattr(till, name, call)


def test_a_lost_answer_never_charges_somebody_who_cancelled(till, plan, travel):
    buy(till, ben(), plan)
    assert wish(till, renews=False)
    losing(till, "set_renewal")
    assert not wish(till, renews=True)
    assert wish(till, renews=False)
    travel.move_to(RENEWAL)
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()
    assert Payment.objects.count() == 1
    assert Subscription.objects.get().end_reason == "cancelled"


def test_an_answer_from_before_the_cancellation_does_not_undo_it(till, plan, travel):
    bought = buy(till, ben(), plan)
    before, real = till.look_up(bought.checkout.ref), till.look_up
    assert wish(till, renews=False)
    till.look_up = lambda ref: before
    actions.settle(till, bought.checkout.ref)
    till.look_up = real
    assert not Subscription.objects.get().renews
    actions.ask_again()
    assert not till.look_up(bought.checkout.ref).renews


def test_an_answer_from_before_the_payment_takes_nothing_back(till, plan, travel):
    reader = ben()
    checkout = actions.open_checkout(till, reader, plan.current, "")
    before, real = till.look_up(checkout.ref), till.look_up
    till.pay(checkout.ref, GOOD)
    actions.settle(till, checkout.ref)
    till.look_up = lambda ref: before
    actions.settle(till, checkout.ref)
    till.look_up = real
    assert Subscription.objects.get().state == "active"
    assert entitlements(reader, clock.now())


def test_a_refund_whose_answer_is_lost_is_booked_all_the_same(till, plan, travel):
    reader, staff = ben(), ada()
    buy(till, reader, plan)
    losing(till, "look_up")
    actions.refund(till, Payment.objects.get(), "Moved abroad", staff)
    actions.ask_again()
    assert Payment.objects.get().refunds.count() == 1
    assert not entitlements(reader, clock.now())


def test_a_checkout_closed_at_the_gateway_is_not_offered_again(till, plan, travel):
    reader = ben()
    first = actions.open_checkout(till, reader, plan.current, "/a")
    till.gateway.cancel(first.ref)
    second = actions.open_checkout(till, reader, plan.current, "/a")
    assert second.ref != first.ref
    assert till.look_up(second.ref).state == "open"


def test_a_payment_long_ago_is_asked_about_when_everything_was_down(till, plan, travel):
    checkout = actions.open_checkout(till, ben(), plan.current, "")
    till.pay(checkout.ref, GOOD)
    travel.shift(timedelta(days=3))
    actions.ask_again()
    assert Subscription.objects.get().checkout == Checkout.objects.get()


def test_one_bad_row_does_not_stop_the_others(till, plan, travel, monkeypatch, caplog):
    readers = [make_reader(f"r{n}@lantern.example", PASSWORD) for n in range(2)]
    refs = [actions.open_checkout(till, reader, plan.current, "").ref for reader in readers]
    for number, ref in enumerate(refs):
        till.pay(ref, GOOD)
        deliver(body(ref, f"evt_{number}"), at=clock.now().timestamp())
    real = till.look_up

    def broken(ref):
        if ref == refs[0]:
            raise KeyError("nonsense")
        return real(ref)

    monkeypatch.setattr(till, "look_up", broken)
    assert actions.take_events() == 1
    assert Event.objects.filter(taken_at=None).count() == 1
    assert Payment.objects.get().reader == readers[1]


def test_three_thirds_give_back_exactly_the_tax(till, plan, travel):
    bought = buy(till, ben(), plan)
    charge = Payment.objects.get().ref
    for number in range(3):
        till.refund(charge, 30000, key=f"third-{number}")
        actions.settle(till, bought.checkout.ref)
    assert sum(Posting.objects.filter(account="tax").values_list("amount", flat=True)) == 0
    assert sum(Invoice.objects.values_list("tax", flat=True)) == 0
    assert list(ledger_checks.problems()) == []


@pytest.mark.parametrize("path", ["/account/", "/accounts/email/", "/account/devices/", "/none/"])
def test_what_one_reader_is_told_is_kept_by_nobody_else(till, plan, path):
    client = Client()
    client.force_login(ben())
    kept = client.get(path).headers["Cache-Control"]
    assert "no-store" in kept
    assert "private" in kept


def test_what_was_paid_just_before_the_end_is_heard_of_though_the_answer_was_lost(
    till, plan, travel
):
    bought = buy(till, ben(), plan, card=ONCE)
    travel.move_to(RENEWAL)
    till.gateway.run_due()
    actions.ask_again()
    till.pay(bought.checkout.ref, GOOD)
    actions.set_renewal(Subscription.objects.get(), renews=False)
    losing(till, "look_up")
    actions.ask_again()
    assert Payment.objects.count() == 1
    travel.shift(timedelta(minutes=20))
    actions.ask_again()
    assert Payment.objects.count() == 2
    travel.shift(timedelta(days=1))
    assert actions.ask_again() == 0
