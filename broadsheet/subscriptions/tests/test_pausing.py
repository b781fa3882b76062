"""A reader lets a subscription rest: nothing is charged and nothing opened, and then it goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.models import FailedCharge, Payment
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Pause, SalesPolicy, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import DECLINED, buy
from broadsheet.subscriptions.tests.money_cast import BadLine

PAID = datetime(2026, 6, 30, 10, tzinfo=UTC)
BACK = datetime(2026, 8, 31, 10, tzinfo=UTC)
"""Three months from 31 March, and two more of a pause: the 31st comes back."""


@pytest.fixture
def reader(paper):
    return User.objects.create_user("ben@lantern.example")


@pytest.fixture
def editor(paper):
    return User.objects.create_user("ada@lantern.example")


@pytest.fixture
def bought(till, travel, reader, plan):
    buy(till, reader, plan)
    travel.move_to(datetime(2026, 4, 10, 12, tzinfo=UTC))
    return Subscription.objects.get()


def ask(till, subscription, months=2):
    return actions.pause(till, subscription, months, ends_of(subscription, months))


def at(travel, till, moment):
    """Time passes for everybody; the worker has its turns."""
    travel.move_to(moment)
    till.gateway.run_due()
    for _ in range(2):
        actions.ask_again()
        actions.end_due()
        actions.begin_pauses()
    return Subscription.objects.get()


def reads(reader):
    return "premium" in entitlements(reader, clock.now())


def subjects():
    return [mail.subject for mail in Mail.objects.order_by("id")]


def test_case_44_a_pause_across_the_renewal(till, travel, reader, bought):
    asked = ask(till, bought)
    assert (asked.state, asked.begins, asked.until) == (Pause.PLANNED, PAID, BACK)
    found = at(travel, till, PAID - timedelta(minutes=1))
    assert (found.state, reads(reader)) == (Subscription.ACTIVE, True)
    found = at(travel, till, PAID)
    assert (found.state, reads(reader)) == (Subscription.PAUSED, False)
    found = at(travel, till, BACK - timedelta(minutes=1))
    assert (found.state, reads(reader), Payment.objects.count()) == ("paused", False, 1)
    found = at(travel, till, BACK)
    assert (found.state, reads(reader), Payment.objects.count()) == ("active", True, 2)
    period = found.periods.get(number=1)
    assert (period.starts, period.ends) == (BACK, datetime(2026, 11, 30, 10, tzinfo=UTC))
    assert Pause.objects.get().state == Pause.DONE
    assert found.resumes_at is None
    assert [*checks.everything()] == []


def test_periods_after_a_pause_are_counted_from_its_end_and_never_drift(
    till, travel, reader, bought
):
    ask(till, bought)
    ends = []
    for year, month, day in ((2026, 8, 31), (2026, 11, 30), (2027, 2, 28), (2027, 5, 31)):
        found = at(travel, till, datetime(year, month, day, 10, tzinfo=UTC))
        ends.append(found.paid_until().date().isoformat())
    assert ends == ["2026-11-30", "2027-02-28", "2027-05-31", "2027-08-31"]
    assert [*checks.everything()] == []


def test_mails_say_what_is_agreed_once_each(till, travel, bought):
    ask(till, bought)
    for _ in range(3):
        actions.settle(till, bought.ref)
    assert [s for s in subjects() if "paused" in s] == ["Quarterly is paused from 30 June 2026 on"]
    actions.resume_now(till, bought)
    actions.resume_now(till, bought)
    assert [s for s in subjects() if s.startswith("No pause")] == ["No pause: Quarterly goes on"]


def test_a_pause_is_taken_back_before_it_begins(till, travel, reader, bought):
    ask(till, bought)
    ended = actions.resume_now(till, bought)
    assert ended.state == Pause.LEFT
    found = at(travel, till, PAID + timedelta(minutes=1))
    assert (found.state, reads(reader), Payment.objects.count()) == ("active", True, 2)
    assert found.periods.get(number=1).starts == PAID
    assert [*checks.everything()] == []


def test_going_on_earlier_charges_now_and_counts_from_now(till, travel, reader, bought):
    ask(till, bought)
    early = datetime(2026, 7, 10, 9, tzinfo=UTC)
    found = at(travel, till, early)
    assert actions.resume_now(till, found).state == Pause.DONE
    found = Subscription.objects.get()
    assert (found.state, reads(reader)) == ("active", True)
    assert found.paid_until() == datetime(2026, 10, 10, 9, tzinfo=UTC)
    found = at(travel, till, datetime(2026, 10, 10, 9, tzinfo=UTC))
    assert Payment.objects.count() == 3
    assert [*checks.everything()] == []


def test_a_charge_that_fails_after_the_pause_has_its_grace_from_there(till, travel, reader, bought):
    ask(till, bought)
    till.gateway.set_card(bought.ref, read_number(DECLINED))
    found = at(travel, till, BACK)
    assert (found.state, reads(reader)) == (Subscription.PAST_DUE, True)
    assert FailedCharge.objects.count() == 1
    found = at(travel, till, BACK + timedelta(days=6))
    assert reads(reader)
    found = at(travel, till, BACK + timedelta(days=7, minutes=30))
    assert (found.state, found.end_reason, reads(reader)) == ("ended", "unpaid", False)


def test_cancelled_in_the_pause_it_ends_at_once_and_nothing_is_charged(
    till, travel, reader, bought
):
    ask(till, bought)
    found = at(travel, till, PAID + timedelta(days=3))
    actions.tell_gateway(till, actions.set_renewal(found, renews=False))
    found = at(travel, till, BACK + timedelta(days=40))
    assert (found.state, found.end_reason, Payment.objects.count()) == ("ended", "cancelled", 1)
    assert not reads(reader)
    assert Pause.objects.get().state != Pause.PLANNED


def test_cancelled_before_the_pause_and_kept_again_the_pause_stands(till, travel, reader, bought):
    ask(till, bought)
    for renews in (False, True):
        changed = actions.set_renewal(Subscription.objects.get(), renews=renews)
        actions.tell_gateway(till, changed)
    assert at(travel, till, PAID + timedelta(days=1)).state == Subscription.PAUSED
    assert at(travel, till, BACK).state == Subscription.ACTIVE
    assert Payment.objects.count() == 2


def test_cancelled_before_the_pause_it_ends_with_what_is_paid(till, travel, reader, bought):
    ask(till, bought)
    actions.tell_gateway(till, actions.set_renewal(Subscription.objects.get(), renews=False))
    found = at(travel, till, PAID + timedelta(minutes=1))
    assert (found.state, found.end_reason) == ("ended", "cancelled")
    at(travel, till, BACK + timedelta(days=3))
    assert Payment.objects.count() == 1


def test_the_last_payment_given_back_in_the_pause_ends_it(till, travel, reader, bought, editor):
    ask(till, bought)
    found = at(travel, till, PAID + timedelta(days=3))
    actions.refund(till, Payment.objects.get(), "Asked", editor)
    found = at(travel, till, PAID + timedelta(days=4))
    assert (found.state, found.end_reason) == ("ended", "refunded")
    at(travel, till, BACK + timedelta(days=3))
    assert Payment.objects.count() == 1
    assert [*checks.everything()] == []


def test_an_older_payment_given_back_in_the_pause_does_not_end_it(
    till, travel, reader, bought, editor
):
    later = at(travel, till, PAID + timedelta(days=1))
    ask(till, later, months=1)
    resting = at(travel, till, datetime(2026, 10, 2, tzinfo=UTC))
    assert resting.state == Subscription.PAUSED
    actions.refund(till, Payment.objects.order_by("at").first(), "Asked", editor)
    assert Subscription.objects.get().state == Subscription.PAUSED


def test_a_dispute_in_the_pause_ends_it(till, travel, reader, bought):
    ask(till, bought)
    at(travel, till, PAID + timedelta(days=3))
    till.gateway.open_dispute(Payment.objects.get().ref, fee=100)
    actions.settle(till, bought.ref)
    found = at(travel, till, PAID + timedelta(days=4))
    assert (found.state, found.end_reason) == ("ended", "disputed")
    at(travel, till, BACK + timedelta(days=1))
    assert Payment.objects.count() == 1


def test_the_account_is_erased_in_the_pause(till, travel, reader, bought):
    ask(till, bought)
    at(travel, till, PAID + timedelta(days=3))
    actions.ask_to_erase(reader)
    actions.ask_again()
    actions.erase_due()
    assert not Subscription.objects.exists()
    travel.move_to(BACK + timedelta(days=2))
    till.gateway.run_due()
    rows = till.gateway.book.rows("SELECT * FROM charge WHERE paid")
    assert len(rows) == 1


def test_no_change_of_plan_while_it_is_paused(till, travel, bought, plan):
    ask(till, bought)
    with pytest.raises(Refusal, match="paused"):
        quote_of(Subscription.objects.get(), plan.current, clock.now())


def refused(till, subscription, months=1):
    with pytest.raises(Refusal) as told:
        ask(till, subscription, months)
    assert told.value.remedy
    assert not Pause.objects.filter(state__in=Pause.WAITING).exists()
    return told.value.problem


def test_a_pause_that_makes_no_sense_is_refused(till, travel, bought):
    for months in (0, 4):
        refused(till, bought, months)
    travel.move_to(PAID - timedelta(hours=1))
    refused(till, bought)
    SalesPolicy.objects.update_or_create(pk=1, defaults={"pause_months": 0})
    refused(till, bought)


def test_cancelled_or_overdue_it_is_not_paused(till, travel, bought):
    changed = actions.set_renewal(bought, renews=False)
    assert "cancelled" in refused(till, changed)
    actions.set_renewal(changed, renews=True)
    till.gateway.set_card(bought.ref, read_number(DECLINED))
    found = at(travel, till, PAID + timedelta(minutes=1))
    assert "failed" in refused(till, found)


def test_one_pause_in_twelve_months(till, travel, bought):
    ask(till, bought, months=1)
    found = at(travel, till, datetime(2026, 8, 1, tzinfo=UTC))
    assert "not long ago" in refused(till, found)
    found = at(travel, till, datetime(2027, 5, 29, tzinfo=UTC))
    asked = ask(till, Subscription.objects.get())
    assert asked.begins >= PAID.replace(year=2027)


def test_another_length_than_shown_is_not_agreed_to(till, bought):
    with pytest.raises(Refusal, match="changed"):
        actions.pause(till, bought, 2, ends_of(bought, 1))
    assert not Pause.objects.exists()


@pytest.fixture
def line(till, monkeypatch):
    made = BadLine(till.gateway)
    monkeypatch.setattr(gateways, "_made", lambda url: made)
    return made


@pytest.mark.parametrize("how", ["call", "answer"])
def test_a_gateway_that_is_silent_is_told_again(line, till, travel, reader, bought, how):
    line.lost["pause"] = how
    with pytest.raises(GatewaySilent):
        ask(line, bought)
    assert Pause.objects.get().state == Pause.OPEN
    actions.ask_again()
    assert Pause.objects.get().state == Pause.PLANNED
    at(travel, till, PAID + timedelta(days=1))
    line.lost["resume"] = how
    with pytest.raises(GatewaySilent):
        actions.resume_now(line, Subscription.objects.get())
    actions.ask_again()
    actions.ask_again()
    assert Pause.objects.get().state == Pause.DONE
    assert Payment.objects.count() == 2
    assert [*checks.everything()] == []


def test_a_charge_that_was_quicker_leaves_nothing_of_the_pause(line, till, travel, reader, bought):
    line.lost["pause"] = "call"
    with pytest.raises(GatewaySilent):
        ask(line, bought)
    found = at(travel, till, PAID)
    assert (found.state, found.resumes_at, reads(reader)) == ("active", None, True)
    assert Pause.objects.get().state == Pause.LEFT
    assert Payment.objects.count() == 2
    assert [*checks.everything()] == []


def test_what_was_paused_by_hand_at_the_gateway_is_refused(till, travel, bought):
    till.pause(bought.ref, number=1, until=BACK)
    with pytest.raises(Refusal):
        actions.settle(till, bought.ref)
    assert Subscription.objects.get().resumes_at is None
