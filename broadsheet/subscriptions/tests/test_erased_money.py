"""What a gateway tells of an account that was erased is booked, and names nobody."""

from datetime import timedelta

import pytest

from broadsheet.accounts.models import User
from broadsheet.ledger.models import Dispute, Event, Fee, Invoice, Payment, Refund
from broadsheet.ledger.tests.cast import balance
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.tests.conftest import buy
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
