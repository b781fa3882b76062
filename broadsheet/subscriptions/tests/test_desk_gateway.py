"""The gateway's log: whatever was refused is seen by the publisher, with its sentence."""

import pytest
from django.urls import reverse

from broadsheet.ledger.actions import receive
from broadsheet.ledger.models import Delivery, Event
from broadsheet.ledger.providers.base import BadSignature
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Subscription
from broadsheet.subscriptions.tests.conftest import GOOD, buy
from broadsheet.subscriptions.tests.desk_cast import page, publisher, queries
from broadsheet.subscriptions.tests.test_desk_refunds import give_back
from tests.cast import ben

LOG = "business_gateway"


@pytest.fixture
def client(till, plan, travel):
    return publisher()


def announced(ref, n=0, problem=""):
    delivery = Delivery.objects.create(provider="fakepay", headers={}, body=b"{}")
    return Event.objects.create(
        provider="fakepay", event_id=f"evt_{n}", kind="agreement.paid", ref=ref, delivery=delivery,
        problem=problem,
    )  # fmt: skip


def test_an_empty_log_says_that_nothing_is_lost(client):
    assert "has announced nothing yet" in page(client, reverse(LOG))


def test_an_amount_that_is_not_the_plans_is_seen(client, till, plan):
    checkout = actions.open_checkout(till, ben(), plan.current, "")
    Checkout.objects.filter(pk=checkout.pk).update(amount=1)
    till.pay(checkout.ref, GOOD)
    announced(checkout.ref)
    actions.take_events()
    assert not Subscription.objects.exists()
    text = page(client, reverse(LOG))
    assert "Nothing was booked. Look at it in the gateway&#x27;s own pages." in text
    assert "ben@lantern.example" in text
    assert "refused" in text
    assert "1 checkout does not fit its plan" in page(client, reverse("business"))


def test_an_unsigned_delivery_is_seen(client, till):
    with pytest.raises(BadSignature) as refusal:
        receive(till, {}, b"{}")
    assert refusal.value.problem in page(client, reverse(LOG))


def test_a_refund_that_was_refused_is_seen(client, till, plan):
    payment = buy(till, ben(), plan).settled.subscription.periods.get().payment
    till.refund(payment.ref, payment.amount, key="elsewhere")
    give_back(client, payment)
    assert "Refunds that the gateway refused" in page(client, reverse(LOG))
    assert "1 refund was refused by the gateway" in page(client, reverse("business"))


def test_only_events_with_a_problem_are_shown_when_asked(client):
    announced("agr_fine", 1)
    announced("agr_odd", 2, problem="The gateway sulks.")
    text = page(client, reverse(LOG), show="problems")
    assert "agr_odd" in text
    assert "agr_fine" not in text


def test_the_log_needs_as_many_queries_for_many_events_as_for_few(client):
    counts = []
    for upto in (3, 30):
        for n in range(Event.objects.count(), upto):
            announced(f"agr_{n}", n)
        counts.append(queries(client, reverse(LOG)))
    assert counts[0] == counts[1]
