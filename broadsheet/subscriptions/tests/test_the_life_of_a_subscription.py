"""From the first charge to the end: access, books and mail at every step."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import ProtectedError

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.ledger.models import FailedCharge, Invoice, Payment, Posting, Refund
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Checkout, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, ONCE, buy
from tests.cast import ada, ben

ALL = {"unlimited", "premium", "ad_free"}


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


def opened(reader):
    return set(entitlements(reader, clock.now()))


def subjects():
    return [mail.subject for mail in Mail.objects.order_by("id")]


def renewed(till, travel, at):
    """Both clocks at a moment; the gateway charges, the worker asks."""
    travel.move_to(at)
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()


def test_a_paid_checkout_opens_every_door_at_once(till, plan, travel):
    reader = ben()
    assert opened(reader) == set()
    bought = buy(till, reader, plan)
    assert bought.settled.subscription.state == "active"
    assert opened(reader) == ALL
    payment = Payment.objects.get()
    assert (payment.amount, payment.currency, payment.card) == (90000, "INR", "•••• 4242")
    assert (payment.invoice.net, payment.invoice.tax) == (76271, 13729)
    assert payment.invoice.label == "2026-000001"
    assert sum(Posting.objects.values_list("amount", flat=True)) == 0
    assert subjects() == ["Your subscription: Quarterly"]
    mail = Mail.objects.get()
    assert "2026-000001" in mail.text
    assert "₹900" in mail.text
    assert "30 June 2026" in mail.text
    assert "2026-000001" in mail.html


def test_settling_again_books_nothing_again(till, plan, travel):
    reader = ben()
    bought = buy(till, reader, plan)
    for _ in range(3):
        actions.settle(till, bought.checkout.ref)
    assert Payment.objects.count() == Invoice.objects.count() == Mail.objects.count() == 1
    assert reader.grants.count() == 6


def test_renewal_is_counted_from_the_anchor_and_access_never_stops(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    ends = []
    for at in ("2026-06-30T10:00:05", "2026-09-30T10:00:05", "2026-12-31T10:00:05"):
        travel.move_to(datetime.fromisoformat(at + "+00:00"))
        assert opened(reader) == ALL, "also before the renewal is heard of"
        renewed(till, travel, clock.now())
        assert opened(reader) == ALL
        ends.append(Subscription.objects.get().paid_until())
    assert ends == [
        datetime(2026, 9, 30, 10, tzinfo=UTC),
        datetime(2026, 12, 31, 10, tzinfo=UTC),
        datetime(2027, 3, 31, 10, tzinfo=UTC),
    ]
    assert Payment.objects.count() == 4
    assert subjects()[1:] == ["Your subscription was renewed: Quarterly"] * 3
    assert [i.label for i in Invoice.objects.order_by("number")] == [
        f"2026-00000{n}" for n in range(1, 5)
    ]


def test_case_37_a_failed_renewal_leaves_grace_and_recovers(till, plan, travel):
    reader = ben()
    bought = buy(till, reader, plan, ONCE)
    renewed(till, travel, datetime(2026, 6, 30, 11, tzinfo=UTC))
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.pay_url != "") == ("past_due", True)
    assert FailedCharge.objects.count() == 1
    assert subjects()[-1] == "We could not charge ₹900"
    assert "7 July 2026" in Mail.objects.first().text
    assert opened(reader) == ALL
    travel.move_to(datetime(2026, 7, 1, 15, tzinfo=UTC))
    till.pay(bought.checkout.ref, GOOD)
    actions.settle(till, bought.checkout.ref)
    subscription.refresh_from_db()
    assert (subscription.state, subscription.pay_url) == ("active", "")
    assert subscription.paid_until() == datetime(2026, 9, 30, 10, tzinfo=UTC)
    assert Payment.objects.count() == 2
    assert opened(reader) == ALL


def test_case_38_when_every_try_fails_it_ends_once_after_the_grace(till, plan, travel):
    reader = ben()
    buy(till, reader, plan, ONCE)
    for day in range(6):
        renewed(till, travel, datetime(2026, 6, 30, 11, tzinfo=UTC) + timedelta(days=day))
    assert FailedCharge.objects.count() == 4
    assert opened(reader) == ALL, "the grace outlasts the gateway's tries"
    renewed(till, travel, datetime(2026, 7, 7, 9, 59, tzinfo=UTC))
    assert opened(reader) == ALL
    renewed(till, travel, datetime(2026, 7, 7, 10, 0, tzinfo=UTC))
    renewed(till, travel, datetime(2026, 7, 8, 10, 0, tzinfo=UTC))
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.end_reason) == ("ended", "unpaid")
    assert opened(reader) == set()
    assert subjects()[-1] == "Your subscription has ended, unpaid: Quarterly"
    assert sum("ended" in subject for subject in subjects()) == 1
    assert sum("could not charge" in subject for subject in subjects()) == 4


def test_cancelling_keeps_access_to_the_end_of_the_period(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    subscription = actions.set_renewal(Subscription.objects.get(), renews=False)
    assert actions.tell_gateway(till, subscription)
    assert not till.look_up(subscription.ref).renews
    assert subjects()[-1] == "Cancelled: Quarterly"
    actions.set_renewal(Subscription.objects.get(), renews=False)
    assert len(subjects()) == 2, "the same wish twice is one mail"
    renewed(till, travel, datetime(2026, 6, 30, 9, 59, 59, tzinfo=UTC))
    assert opened(reader) == ALL
    renewed(till, travel, datetime(2026, 6, 30, 10, tzinfo=UTC))
    assert opened(reader) == set()
    assert Subscription.objects.get().end_reason == "cancelled"
    assert Payment.objects.count() == 1


def test_case_39_a_cancellation_can_be_taken_back(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    for renews in (False, True):
        changed = actions.set_renewal(Subscription.objects.get(), renews=renews)
        assert actions.tell_gateway(till, changed)
    renewed(till, travel, datetime(2026, 6, 30, 11, tzinfo=UTC))
    assert Payment.objects.count() == 2
    assert opened(reader) == ALL


def test_case_40_cancelling_while_a_charge_is_overdue_ends_it(till, plan, travel):
    reader = ben()
    buy(till, reader, plan, ONCE)
    renewed(till, travel, datetime(2026, 6, 30, 11, tzinfo=UTC))
    actions.tell_gateway(till, actions.set_renewal(Subscription.objects.get(), renews=False))
    renewed(till, travel, datetime(2026, 6, 30, 12, tzinfo=UTC))
    assert opened(reader) == set()
    renewed(till, travel, datetime(2026, 7, 3, 12, tzinfo=UTC))
    assert Payment.objects.count() == 1
    assert FailedCharge.objects.count() == 1, "nothing is tried any more"


def test_a_refund_closes_the_doors_and_stops_renewal(till, plan, travel):
    reader, staff = ben(), ada()
    buy(till, reader, plan)
    actions.refund(till, Payment.objects.get(), "Moved abroad", staff)
    assert opened(reader) == set()
    refund = Refund.objects.get()
    assert refund.invoice.total == -90000
    assert refund.invoice.tax == -13729
    assert refund.invoice.credits == Payment.objects.get().invoice
    assert sum(Posting.objects.filter(account="sales").values_list("amount", flat=True)) == 0
    assert Subscription.objects.get().end_reason == "refunded"
    assert subjects()[-1] == "Your money is on its way back"
    renewed(till, travel, datetime(2026, 7, 1, tzinfo=UTC))
    assert Payment.objects.count() == 1


def test_a_refund_that_fails_after_it_was_booked_stops_nothing(till, plan, travel):
    bought = buy(till, ben(), plan)
    actions.refund(till, Payment.objects.get(), "Sorry", ada(), amount=30000)
    assert Refund.objects.count() == 1
    till.gateway.book.run("DELETE FROM refund")
    renewed(till, travel, datetime(2026, 6, 30, 11, tzinfo=UTC))
    actions.settle(till, bought.checkout.ref)
    assert (Payment.objects.count(), Refund.objects.count()) == (2, 1)
    assert Subscription.objects.get().state == "active"


def test_an_answer_of_before_the_refund_opens_nothing(till, plan, travel, monkeypatch):
    reader = ben()
    ref = buy(till, reader, plan).checkout.ref
    before = till.look_up(ref)
    actions.refund(till, Payment.objects.get(), "Moved abroad", ada())
    with monkeypatch.context() as patch:
        patch.setattr(till, "look_up", lambda ref: before)
        actions.settle(till, ref)
    assert opened(reader) == set()
    actions.ask_again()
    held = Subscription.objects.get()
    assert (held.state, held.renews, held.renews_told) == ("ended", False, False)
    renewed(till, travel, datetime(2026, 7, 1, tzinfo=UTC))
    assert Payment.objects.count() == Refund.objects.count() == 1


def test_a_declined_card_opens_nothing(till, plan, travel):
    reader = ben()
    bought = buy(till, reader, plan, DECLINED)
    assert bought.settled.subscription is None
    assert opened(reader) == set()
    assert Mail.objects.count() == 0
    till.pay(bought.checkout.ref, GOOD)
    assert actions.settle(till, bought.checkout.ref).subscription is not None
    assert opened(reader) == ALL


def test_whoever_lapsed_can_subscribe_again(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    actions.tell_gateway(till, actions.set_renewal(Subscription.objects.get(), renews=False))
    renewed(till, travel, datetime(2026, 8, 1, tzinfo=UTC))
    buy(till, reader, plan)
    assert opened(reader) == ALL
    assert reader.subscriptions.count() == 2


def test_when_the_gateway_gives_up_the_reader_can_buy_anew(till, plan, travel):
    reader = ben()
    buy(till, reader, plan, ONCE)
    for day in range(4):
        renewed(till, travel, datetime(2026, 6, 30, 11, tzinfo=UTC) + timedelta(days=day))
    first = Subscription.objects.get()
    assert (first.state, first.pay_url) == ("past_due", "")
    assert "not tried again" in Mail.objects.first().text
    buy(till, reader, plan)
    first.refresh_from_db()
    assert (first.state, first.end_reason) == ("ended", "unpaid")
    assert opened(reader) == ALL
    assert reader.subscriptions.live().count() == 1


@pytest.mark.parametrize("closed", [False, True])
def test_a_late_charge_revives_what_lapsed_unless_the_account_is_closed(till, plan, travel, closed):
    reader = ben()
    ref = buy(till, reader, plan).checkout.ref
    travel.move_to(datetime(2026, 7, 9, tzinfo=UTC))
    till.gateway.run_due()
    lapsed = Subscription.objects.get()
    lapsed.end(Subscription.UNPAID)
    lapsed.save()
    if closed:
        reader.is_active = False
        reader.save()
    actions.settle(till, ref)
    actions.ask_again()
    assert Payment.objects.count() == 2
    assert Refund.objects.count() == closed
    assert Subscription.objects.live().count() == (not closed)


def test_a_charge_after_a_refund_goes_back_and_opens_nothing(till, plan, travel, monkeypatch):
    reader, staff = ben(), ada()
    bought = buy(till, reader, plan)
    monkeypatch.setattr(till, "set_renewal", lambda ref, *, renews: None)  # it got lost on the way
    actions.refund(till, Payment.objects.get(), "Moved abroad", staff)
    travel.move_to(datetime(2026, 6, 30, 11, tzinfo=UTC))
    till.gateway.run_due()
    actions.settle(till, bought.checkout.ref)
    actions.ask_again()
    assert Refund.objects.count() == Payment.objects.count() == 2
    assert opened(reader) == set()
    assert Subscription.objects.get().state == "ended"


def test_case_42_a_second_payment_from_another_window_goes_back(till, plan, travel):
    reader = ben()
    first = actions.open_checkout(till, reader, plan.current, "")
    Checkout.objects.update(state=Checkout.LEFT)  # as if the reader had come by another way
    second = actions.open_checkout(till, reader, plan.current, "")
    assert first.ref != second.ref
    for checkout in (first, second):
        till.pay(checkout.ref, GOOD)
        actions.settle(till, checkout.ref)
    actions.ask_again()
    assert reader.subscriptions.live().count() == 1
    assert Refund.objects.get().payment.amount == 90000
    assert opened(reader) == ALL
    assert till.look_up(second.ref).renews is False or till.look_up(second.ref).state == "ended"
    assert subjects()[-1] == "Your money is on its way back"


def test_an_account_is_erased_only_when_nothing_is_charged_any_more(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    with pytest.raises(ProtectedError), transaction.atomic():
        reader.delete()
    actions.refund(till, Payment.objects.get(), "Moved abroad", None)
    reader.delete()
    assert not Subscription.objects.exists()
    assert Payment.objects.get().reader is None
