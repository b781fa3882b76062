"""What a gateway tells of an account that was erased is booked, and names nobody."""

from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.config import doctor
from broadsheet.ledger.models import Dispute, Event, Fee, Invoice, Payment, Refund
from broadsheet.ledger.tests.cast import balance
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import page, publisher
from broadsheet.subscriptions.tests.test_webhooks import body, deliver
from tests.cast import ben


@pytest.fixture
def erased(till, plan, travel):
    """Ben has paid and is gone; his payment stays. Its reference at the gateway."""
    reader = ben()
    subscription = buy(till, reader, plan).settled.subscription
    actions.ask_to_erase(reader)
    actions.ask_again()
    actions.ask_again()
    travel.shift(timedelta(minutes=20))
    actions.ask_again()
    actions.erase_due()
    assert not User.objects.filter(email=reader.email).exists()
    assert not Subscription.objects.exists()
    return subscription.ref


def told(ref, event):
    assert deliver(body(ref, event)).status_code == 200
    actions.take_events()
    assert not Event.objects.exclude(problem="").exists()


def test_a_dispute_is_booked_to_its_end(till, erased):
    dispute = till.gateway.open_dispute(Payment.objects.get().ref, fee=1500)
    told(erased, "evt_1")
    assert (balance("disputed"), balance("fees")) == (90000, 1500)
    till.gateway.end_dispute(dispute, "lost")
    told(erased, "evt_2")
    told(erased, "evt_3")
    assert list(Dispute.objects.values_list("step", flat=True)) == ["open", "lost"]
    assert Fee.objects.count() == 1
    assert Invoice.objects.latest("pk").reader is None
    assert [balance(account) for account in ("deferred", "sales", "disputed")] == [0, 0, 0]
    assert [*checks.everything()] == []


def test_a_refund_in_the_gateways_own_pages_is_booked(till, erased):
    till.refund(Payment.objects.get().ref, 30000, key="its own pages")
    told(erased, "evt_1")
    assert Refund.objects.get().amount == 30000
    assert [*checks.everything()] == []


def test_what_was_never_ours_is_refused_as_before(till, erased):
    foreign = till.open_checkout(order("another paper's"))
    assert deliver(body(foreign.ref, "evt_1")).status_code == 200
    actions.take_events()
    assert "is no checkout of this paper" in Event.objects.get().problem


def said():
    out = StringIO()
    doctor.examine(out)
    return out.getvalue()


def test_an_account_whose_gateway_never_comes_back_is_missed(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    Subscription.objects.update(provider="formerpay")
    actions.ask_to_erase(reader)
    assert "wait to be erased" not in said()
    travel.shift(timedelta(days=2))
    assert "formerpay must say that nothing is charged, and is not connected." in said()
    text = page(publisher(), reverse("business_gateway"))
    assert "1 closed account waits to be erased since 31 March 2026." in text
    assert "formerpay must say" in text
    Subscription.objects.update(provider="fakepay")
    assert "the gateway has not said that nothing is charged any more" in said()
    actions.ask_again()
    travel.shift(timedelta(minutes=20))
    actions.ask_again()
    actions.erase_due()
    assert "to be erased" not in said()
