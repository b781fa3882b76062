"""Two browsers, two workers, two webhooks at the same moment: one of everything."""

import queue
import threading
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.accounts.actions import make_reader
from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Event, GiftRelease, Invoice, Payment
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import (
    Checkout,
    GiftSubscription,
    Grant,
    Plan,
    PlanChange,
    Subscription,
)
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import GOOD, buy, terms
from broadsheet.subscriptions.tests.gift_cast import bought, code, ordered
from broadsheet.subscriptions.tests.test_webhooks import body, deliver
from tests.at_once import at_once
from tests.cast import PASSWORD, ben

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.parametrize("older_first", [True, False])
def test_answers_of_the_gateway_that_cross_end_where_the_newest_is(
    till, plan, travel, monkeypatch, older_first
):
    """Each was given before any of them is booked: the lock comes after the answer."""
    ref = buy(till, ben(), plan).checkout.ref
    answers = [till.look_up(ref)] * 2
    travel.move_to(datetime(2026, 6, 30, 10, 0, 5, tzinfo=UTC))
    till.gateway.run_due()
    answers += [till.look_up(ref)] * 2
    given = queue.SimpleQueue()
    for answer in answers if older_first else reversed(answers):
        given.put(answer)
    all_given = threading.Barrier(len(answers))

    def look_up(_ref):
        answer = given.get()
        all_given.wait(60)
        return answer

    monkeypatch.setattr(till, "look_up", look_up)
    at_once(*[lambda: actions.settle(till, ref)] * len(answers))
    held = Subscription.objects.get()
    assert Payment.objects.count() == held.periods.count() == Mail.objects.count() == 2
    assert (held.state, held.renews, held.renews_told) == ("active", True, True)
    assert held.ends_at() > clock.now() + timedelta(days=90)
    assert [*checks.everything()] == []


def test_case_33_invoice_numbers_have_no_gap_when_many_pay_at_once(till, plan):
    readers = [make_reader(f"r{n}@lantern.example", PASSWORD) for n in range(4)]
    refs = [actions.open_checkout(till, reader, plan.current, "").ref for reader in readers]
    for ref in refs:
        till.pay(ref, GOOD)
    at_once(*[lambda ref=ref: actions.settle(till, ref) for ref in refs])
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert [*checks.everything()] == []


def test_case_46_one_code_and_two_readers_at_once_open_one_gift(till, plan):
    gift = bought(till, plan)
    readers = [make_reader(f"r{n}@lantern.example", PASSWORD) for n in range(4)]
    word, seal = code(gift), f"{gift.pk}:now:0"

    def tries(reader):
        try:
            return actions.redeem_gift(reader, word, seal).redeemed_by_id
        except Refusal as refusal:
            assert refusal.problem == "This gift was redeemed already."
            return None

    found = at_once(*[lambda reader=reader: tries(reader) for reader in readers])
    [won] = [reader for reader in found if reader is not None]
    assert set(Grant.objects.values_list("reader", flat=True)) == {won}
    assert GiftRelease.objects.count() == 1
    assert [*checks.everything()] == []


def test_redeeming_and_giving_back_at_once_agree(till, plan):
    gift, reader, payment = bought(till, plan), ben(), Payment.objects.get()
    word, seal = code(gift), f"{gift.pk}:now:0"

    def redeem():
        try:
            return actions.redeem_gift(reader, word, seal)
        except Refusal:
            return None

    at_once(redeem, lambda: actions.refund(till, payment, "Asked", None))
    gift.refresh_from_db()
    assert gift.refunded_at is not None
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert [*checks.everything()] == []


def test_a_form_sent_twice_at_once_is_one_gift(till, plan):
    token = new_key()
    found = at_once(*[lambda: ordered(till, plan, token=token)] * 4)
    assert len({gift.ref for gift in found}) == 1
    assert GiftSubscription.objects.count() == 1


def test_return_and_webhook_of_a_gift_at_once_book_it_once(till, plan):
    gift = ordered(till, plan, recipient_email="cleo@lantern.example")
    till.pay(gift.ref, GOOD)
    at_once(*[lambda: actions.ask_about_gift(till, gift)] * 3, actions.send_gifts)
    assert Payment.objects.count() == 1
    assert Mail.objects.count() == 2
    assert [*checks.everything()] == []
