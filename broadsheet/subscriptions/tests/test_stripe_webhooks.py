"""Stripe's webhooks at the paper's own address: the cases by their numbers, in Stripe's shapes."""

import copy
import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe

from broadsheet.ledger import gateways
from broadsheet.ledger.models import Delivery, Event, Payment, Refund
from broadsheet.ledger.tests.stripe import paying
from broadsheet.ledger.tests.stripe.world import OLDER, SECRET, body_of, sign
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Subscription
from broadsheet.subscriptions.tests.stripe_cast import shop
from tests.cast import ada, ben

__all__ = ["shop"]


@pytest.fixture
def paid(shop, plan):
    """A checkout that is paid at Stripe, and whose webhooks are all on their way."""
    checkout = actions.open_checkout(shop.provider, ben(), plan.current, "")
    assert shop.server.pay(checkout.ref)
    return checkout


def told(shop, kind):
    return next(event for event in shop.world.events[::-1] if event["type"] == kind)


def booked():
    return Payment.objects.count(), Subscription.objects.count()


def test_case_01_the_same_event_twice_is_one(shop, paid):
    event = told(shop, "invoice.paid")
    answers = [shop.post(event) for _ in range(3)]
    assert [a.status_code for a in answers] == [200] * 3
    assert Event.objects.count() == 1
    actions.take_events()
    assert shop.post(event).status_code == 200
    actions.take_events()
    assert booked() == (1, 1)


def test_case_02_two_events_about_one_payment_book_it_once(shop, paid):
    shop.deliver()
    assert Event.objects.filter(ref=paid.ref).count() > 2
    actions.take_events()
    assert booked() == (1, 1)


@pytest.mark.parametrize("turned", [False, True])
def test_case_03_and_04_events_in_any_order_come_to_the_same(shop, paid, turned):
    for event in shop.world.events[:: -1 if turned else 1]:
        assert shop.post(event).status_code == 200
        actions.take_events()
    assert booked() == (1, 1)
    assert Checkout.objects.get().state == Checkout.PAID


def test_case_05_deleted_and_then_a_late_update_that_says_active(shop, paid):
    shop.deliver()
    actions.take_events()
    late = copy.deepcopy(told(shop, "customer.subscription.updated"))
    shop.provider.set_renewal(paid.ref, renews=False)
    shop.move_to(shop.world.at() + timedelta(days=100))
    assert Subscription.objects.get().state == Subscription.ENDED
    assert late["data"]["object"]["status"] == "active"
    shop.post(late | {"id": "evt_late"})
    actions.take_events()
    assert Subscription.objects.get().state == Subscription.ENDED


def test_case_06_an_event_that_comes_three_days_late_still_tells(shop, paid):
    event = told(shop, "checkout.session.completed")
    shop._traveller.shift(timedelta(days=3))
    shop.server.move_to(shop.world.at() + timedelta(days=3))
    assert shop.post(event).status_code == 200, "signed when it is sent, not when it happened"
    actions.take_events()
    assert booked() == (1, 1)


@pytest.mark.parametrize("case", ["bad", "missing", "empty", "garbage", "old", "future", "other"])
def test_case_07_what_stripe_did_not_sign_is_refused(shop, paid, case):
    event, now = told(shop, "invoice.paid"), shop.world.now
    good = sign(body_of(event), SECRET, at=now)
    header = {
        "bad": good[:-1] + "10"[good[-1] == "1"],
        "empty": "",
        "garbage": "t=zwölf,v1=ü",
        "old": sign(body_of(event), SECRET, at=now - 301),
        "future": sign(body_of(event), SECRET, at=now + 301),
        "other": sign(body_of(event), "whsec_guess", at=now),
    }
    sent = {"HTTP_STRIPE_SIGNATURE": header[case]} if case in header else {"HTTP_X_NOTHING": "1"}
    assert shop.post(event, **sent).status_code == 400
    assert Delivery.objects.get().problem
    assert not Event.objects.exists()
    actions.take_events()
    assert booked() == (0, 0)


def test_case_08_an_event_of_the_other_mode_is_refused(shop, paid, settings):
    event = told(shop, "invoice.paid")
    assert shop.post(event | {"livemode": True}).status_code == 400
    live = settings.ENV.payments_url.replace("sk_test_", "sk_live_")
    settings.ENV = replace(settings.ENV, payments_url=live)
    assert shop.post(event).status_code == 400
    assert not Event.objects.exists()
    assert shop.post(event | {"livemode": True}).status_code == 200
    gateways.gateway().close()
    settings.ENV = replace(settings.ENV, payments_url=live.replace("sk_live_", "sk_test_"))


def test_case_09_while_the_secret_is_exchanged_both_are_good(shop, paid):
    event = told(shop, "invoice.paid")
    for number, secrets in enumerate([(SECRET,), (OLDER,), (SECRET, OLDER), ("x", OLDER)]):
        assert shop.post(event | {"id": f"evt_{number}"}, *secrets).status_code == 200
    assert shop.post(event | {"id": "evt_9"}, "whsec_third").status_code == 400
    assert Event.objects.count() == 4


def test_case_10_the_signature_is_of_the_raw_bytes(shop, paid):
    event = told(shop, "invoice.paid")
    header = {"HTTP_STRIPE_SIGNATURE": sign(body_of(event), SECRET, at=shop.world.now)}
    written_anew = json.dumps(event).encode()
    assert shop.post(event, body=written_anew, **header).status_code == 400
    assert shop.post(event, **header).status_code == 200
    assert bytes(Delivery.objects.latest("pk").body) == body_of(event)


def test_case_11_unknown_types_are_noted_and_nothing_more(shop, paid, caplog):
    event = told(shop, "invoice.paid")
    for number, about in enumerate([{"object": "brand_new", "id": "x_1"}, {"object": "payout"}]):
        odd = event | {"id": f"evt_{number}", "type": "brand.new", "data": {"object": about}}
        assert shop.post(odd).status_code == 200
    actions.take_events()
    assert [(e.ref, e.problem, e.taken_at is None) for e in Event.objects.all()] == [
        ("", "", False)
    ] * 2
    assert booked() == (0, 0)
    assert not caplog.records


def test_case_12_an_invoice_tells_in_the_old_shape_and_in_the_new(shop, paid):
    event = told(shop, "invoice.paid")
    old = copy.deepcopy(event) | {"id": "evt_old", "api_version": "2024-06-20"}
    invoice = old["data"]["object"]
    details = invoice.pop("parent")["subscription_details"]
    invoice |= {
        "subscription": details["subscription"], "charge": "ch_1", "payment_intent": "pi_1",
        "subscription_details": {"metadata": details["metadata"]},
    }  # fmt: skip
    del invoice["payments"], invoice["confirmation_secret"]
    for shape in (event, old):
        assert shop.post(shape).status_code == 200
    assert {e.ref for e in Event.objects.all()} == {paid.ref}
    actions.take_events()
    assert booked() == (1, 1)


def _strangers(shop):
    """Another shop on the same account: its customer, subscription, invoice, charge, dispute."""
    world = shop.world
    customer = world.add(stripe.Customer, "cus", email="somebody@shoes.example")
    world.cards[customer["id"]] = "good"
    sub = world.add(
        stripe.Subscription, "sub", customer=customer["id"], currency="eur", status="trialing"
    )
    sub["items"] = {"object": "list", "data": [{"current_period_end": 2**40}]}
    world.announce("customer.subscription.created", sub)
    made = paying.invoice(world, sub, "subscription_create", [(5000, 0, 0, 0, "price_shoes")])
    assert paying.pay(world, made, present=True)
    charge = world.all("charge")[0]
    dispute = paying.open_dispute(world, charge)
    paying.end_dispute(world, dispute, "lost")
    unowned = world.add(stripe.Charge, "ch", amount=5, currency="eur", customer=None)
    paying.open_dispute(world, unowned)
    world.announce("charge.succeeded", unowned)


def test_case_13_what_belongs_to_another_shop_is_answered_and_left_alone(shop, plan, caplog):
    caplog.set_level(logging.WARNING)
    _strangers(shop)
    answers = shop.deliver()
    assert len(answers) > 7
    assert set(answers) == {200}
    actions.take_events()
    assert not Event.objects.filter(taken_at=None).exists(), "none is asked about again"
    assert not Event.objects.exclude(problem="").exists()
    assert booked() == (0, 0)
    assert not [r for r in caplog.records if r.name.startswith("broadsheet")]


def test_case_14_a_second_item_put_there_by_hand_is_told_and_books_nothing(shop, paid):
    shop.deliver()
    actions.take_events()
    (sub,) = shop.world.all("subscription")
    sub["items"]["data"].append(copy.deepcopy(sub["items"]["data"][0]))
    event = told(shop, "customer.subscription.updated") | {"id": "evt_two"}
    assert shop.post(event).status_code == 200, "or Stripe would send it for days"
    actions.take_events()
    problem = Event.objects.get(event_id="evt_two").problem
    assert "Nothing was booked" in problem
    assert Checkout.objects.get().problem == problem
    assert booked() == (1, 1)
    sub["items"]["data"].pop()
    shop.post(event | {"id": "evt_one"})
    actions.take_events()
    assert Checkout.objects.get().problem == "", "mended there, it is settled again"


def test_a_refund_and_a_dispute_are_told_by_their_charge(shop, paid):
    shop.deliver()
    actions.take_events()
    paying.refund(shop.world, shop.world.all("charge")[0], 10000, {})
    event = told(shop, "refund.created")
    assert shop.post(event).status_code == 200
    assert Event.objects.latest("pk").ref.startswith("ch_")
    actions.take_events()
    assert Refund.objects.get().amount == 10000


def test_a_key_that_we_do_not_know_is_noted_for_the_publisher(shop, paid):
    """A paper that lost its database, or another paper on the same account."""
    shop.world.get(paid.ref, "customer")["metadata"]["broadsheet_order"] = "another"
    for session in shop.world.all("checkout.session"):
        session["metadata"]["broadsheet_order"] = "another"
    assert shop.post(told(shop, "invoice.paid")).status_code == 200
    actions.take_events()
    assert "no checkout of this paper" in Event.objects.get().problem
    assert booked() == (0, 0)


def test_a_customer_deleted_at_stripe_is_noted(shop, paid):
    shop.world.objects[paid.ref] = {"id": paid.ref, "object": "customer", "deleted": True}
    shop.post(told(shop, "invoice.paid"))
    actions.take_events()
    assert "was deleted at Stripe" in Event.objects.get().problem


def test_a_card_taken_off_fails_at_renewal_and_can_be_paid_with_another(shop, paid):
    shop.deliver()
    actions.take_events()
    shop.world.cards[paid.ref] = "gone"
    shop.move_to(shop.world.at() + timedelta(days=92))
    subscription = Subscription.objects.get()
    assert (subscription.state, bool(subscription.pay_url)) == (Subscription.PAST_DUE, True)
    assert shop.server.pay_invoice(subscription.pay_url, "good")
    shop.work()
    assert Subscription.objects.get().state == Subscription.ACTIVE


def test_a_refund_that_is_told_before_we_ask_is_not_booked_twice(shop, paid):
    shop.deliver()
    actions.take_events()
    actions.refund(shop.provider, Payment.objects.get(), "Asked for", ada())
    shop.work()
    shop.work()
    assert Refund.objects.count() == len(shop.world.all("refund")) == 1
