"""A charge failed: the account says what happened, what to do and until when, one click away."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy, text
from tests.cast import ben

RENEWAL = datetime(2026, 6, 30, 10, 0, 5, tzinfo=UTC)


@pytest.fixture
def overdue(till, plan, travel):
    """Ben's renewal of 30 June failed; it is tried again three times, a day apart."""
    reader = ben()
    bought = buy(till, reader, plan, ONCE)
    client = Client()

    def until(day):
        travel.move_to(RENEWAL + timedelta(days=day))
        till.gateway.run_due()
        actions.ask_again()
        client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
        return client, bought.checkout

    return until


def test_what_happened_what_to_do_and_one_click_to_pay(overdue, till):
    client, checkout = overdue(0)
    page = text(client.get("/account/"))
    for said in ("On 30 June 2026 the charge of ₹900 failed. The card was declined.",
                 "you read on until <strong>7 July 2026</strong>", "We try again by ourselves.",
                 "Pay ₹900 with another card", till.look_up(checkout.ref).pay_url):  # fmt: skip
        assert said in page
    assert "Change the plan" not in page
    refused = text(client.get("/account/plan/", follow=True))
    assert '<li class="warning">The last charge failed. Pay it first' in refused
    back = f"/subscribe/return/{checkout.key}/"
    assert "No payment is confirmed so far." in text(client.get(back, follow=True))
    till.pay(checkout.ref, GOOD)
    page = text(client.get(back))
    assert "<strong>Quarterly</strong> is paid until <strong>30 September 2026</strong>" in page
    page = text(client.get("/account/"))
    assert "failed" not in page
    assert Payment.objects.count() == 2


def test_when_it_is_not_tried_again_the_same_plan_is_one_click_away(overdue):
    client, _ = overdue(4)
    page = text(client.get("/account/"))
    assert "It is not tried again" in page
    assert 'href="/subscribe/quarterly/">Subscribe to Quarterly again</a>' in page
    assert client.get("/subscribe/quarterly/").status_code == 200
    Plan.objects.update(on_sale=False)
    page = text(client.get("/account/"))
    assert "again</a>" not in page
    assert "See the plans" in page
