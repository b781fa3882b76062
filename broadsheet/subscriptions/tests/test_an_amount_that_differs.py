"""A payment that is not the plan's price books nothing, opens nothing, and is shown to the desk."""

import logging
from dataclasses import replace

import pytest
from django.test import Client

from broadsheet.kit.periods import Interval
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Grant, Subscription
from broadsheet.subscriptions.tests.conftest import GOOD
from tests.cast import ben

WRONG = {
    "less": lambda s: replace(s, amount=1),
    "another currency": lambda s: replace(s, currency="USD"),
    "another interval": lambda s: replace(s, interval=Interval("year", 1)),
    "a charge of less": lambda s: replace(s, charges=(replace(s.charges[0], amount=1),)),
    "a charge in dollars": lambda s: replace(s, charges=(replace(s.charges[0], currency="USD"),)),
}


@pytest.mark.parametrize("case", WRONG)
def test_nothing_is_booked(till, plan, case, monkeypatch, caplog):
    reader = ben()
    checkout = actions.open_checkout(till, reader, plan.current, "")
    till.pay(checkout.ref, GOOD)
    true = till.look_up
    monkeypatch.setattr(till, "look_up", lambda ref: WRONG[case](true(ref)))
    with pytest.raises(Refusal, match="the plan costs 90000 INR for 3 month"):
        actions.settle(till, checkout.ref)
    client = Client()
    client.force_login(reader)
    answer = client.get(f"/subscribe/return/{checkout.key}/")
    assert answer.status_code == 409
    assert "does not match the plan" in answer.content.decode()
    assert not any(m.objects.exists() for m in (Payment, Subscription, Grant))
    with caplog.at_level(logging.ERROR):
        Checkout.objects.update(made_at="2020-01-01T00:00:00Z")
        from broadsheet.subscriptions.actions import turns

        turns._settle(till, checkout.ref)
    assert Checkout.objects.get().state == "refused"
    assert "the plan costs" in Checkout.objects.get().problem
