"""Two browsers, two workers, two webhooks at the same moment: one of everything."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from broadsheet.accounts.actions import make_reader
from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.ledger.models import Event, Invoice, Payment
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Checkout, Plan, PlanChange, Subscription
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import GOOD, buy, terms
from broadsheet.subscriptions.tests.test_webhooks import body, deliver
from tests.cast import PASSWORD, ben

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Run all at the same moment, each with a connection of its own; returns their results."""
    ready = threading.Barrier(len(calls))

    def run(call):
        try:
            ready.wait(60)
            return call()
        finally:
            connections.close_all()

    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        # Threads of a test share the one connection of an in-memory database.
        return [call() for call in calls]
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def test_case_42_a_double_click_opens_one_checkout(till, plan):
    reader, version = ben(), plan.current
    opened = at_once(*[lambda: actions.open_checkout(till, reader, version, "/a")] * 4)
    assert len({checkout.ref for checkout in opened}) == 1
    assert Checkout.objects.count() == 1


def test_a_double_click_changes_the_plan_once(till, plan):
    dear = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(dear, terms(price=270_000, unit="year", count=1))
    subscription = buy(till, ben(), plan).settled.subscription
    now = clock.now()
    said = quote_of(subscription, dear.current, now)
    token = actions.sealed(subscription, dear.current, said, now)

    def click():
        fresh = Subscription.objects.get(pk=subscription.pk)
        return actions.change_plan(till, fresh, dear.current, token).state

    assert at_once(click, click, click) == ["done"] * 3
    assert Payment.objects.count() == Mail.objects.count() == 2
    assert PlanChange.objects.count() == Subscription.objects.live().count() == 1
    assert [*checks.everything()] == []


def test_return_and_webhook_at_once_book_once(till, plan):
    checkout = actions.open_checkout(till, ben(), plan.current, "")
    till.pay(checkout.ref, GOOD)
    at_once(*[lambda: actions.settle(till, checkout.ref)] * 4)
    assert Payment.objects.count() == Subscription.objects.count() == Mail.objects.count() == 1
    assert [*checks.everything()] == []


def test_case_02_one_event_delivered_and_taken_up_by_several_at_once_books_once(till, plan):
    checkout = actions.open_checkout(till, ben(), plan.current, "")
    till.pay(checkout.ref, GOOD)
    answers = at_once(*[lambda: deliver(body(checkout.ref)).status_code] * 4)
    assert answers == [200] * 4
    assert Event.objects.count() == 1
    at_once(*[actions.take_events] * 4)
    assert Event.objects.get().taken_at is not None
    assert Payment.objects.count() == Subscription.objects.count() == Mail.objects.count() == 1
    assert [*checks.everything()] == []


def test_case_33_invoice_numbers_have_no_gap_when_many_pay_at_once(till, plan):
    readers = [make_reader(f"r{n}@lantern.example", PASSWORD) for n in range(4)]
    refs = [actions.open_checkout(till, reader, plan.current, "").ref for reader in readers]
    for ref in refs:
        till.pay(ref, GOOD)
    at_once(*[lambda ref=ref: actions.settle(till, ref) for ref in refs])
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert [*checks.everything()] == []
