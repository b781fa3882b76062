"""A change of plan ends a period early: what was not earned of it is earned with the new one."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from broadsheet.ledger import checks
from broadsheet.ledger.actions import book_dispute, book_refund, close_days
from broadsheet.ledger.models import Credit, Invoice, Journal
from broadsheet.ledger.providers.base import Disputed, Refunded
from broadsheet.ledger.tests.cast import PAID, UNTIL, ZONE, balance, book, deferred, sold
from tests.cast import ben

NET = 76271
CHANGED = datetime(2026, 5, 15, 12, tzinfo=UTC)
"""The 46th of 91 days: 45 are over, 46 are left."""
NEW_UNTIL = datetime(2027, 5, 15, 12, tzinfo=UTC)
DUE, DUE_NET = 224_506, 190_259
REST = NET - NET * 45 // 91


@pytest.fixture
def travel():
    with time_machine.travel(PAID, tick=False) as traveller:
        yield traveller


@pytest.fixture
def old(paper, travel):
    return book(ben())


@pytest.fixture(autouse=True)
def books_agree(db):
    yield
    assert [str(problem) for problem in checks.problems()] == []


def change(old, at=CHANGED, ref="ch_2", until=NEW_UNTIL, amount=DUE):
    facts = {"period_from": at, "period_until": until, "credited": old}
    return book(old.reader, ref, amount, at=at, **facts)


def changed(old, travel, closed=True):
    travel.move_to(CHANGED)
    if closed:
        close_days(ZONE)
    return change(old)


def refund(payment, amount, at, ref="re_1"):
    return book_refund(payment, Refunded(ref, payment.ref, amount, at), ZONE)


def lost(payment, at):
    disputed = Disputed("dsp", payment.ref, payment.amount, at, "lost", at)
    return book_dispute(payment, disputed, ZONE)


def closed_until(travel, at):
    travel.move_to(at)
    close_days(ZONE)


def test_the_rest_is_earned_over_the_new_period_and_no_more_over_the_old(old, travel):
    new = changed(old, travel)
    assert Credit.objects.get().amount == REST == 38555
    assert (deferred(), sold()) == (REST + DUE_NET, NET - REST)
    assert sum(p.amount for p in new.journal.postings.all()) == 0
    closed_until(travel, CHANGED + timedelta(days=1))
    assert sold() == NET - REST + (REST + DUE_NET) // 365
    closed_until(travel, UNTIL + timedelta(days=2))
    assert deferred() == REST + DUE_NET - (REST + DUE_NET) * 48 // 365
    closed_until(travel, NEW_UNTIL)
    assert (deferred(), sold()) == (0, NET + DUE_NET)


def test_what_is_invoiced_is_what_was_paid_and_the_tax_what_is_owed(old, travel):
    changed(old, travel)
    papers = list(Invoice.objects.order_by("id").values_list("net", "tax", "total"))
    assert papers == [(NET, 13_729, 90_000), (DUE_NET, 34_247, DUE)]
    assert balance("gateway:fakepay") == 90_000 + DUE
    assert balance("tax:GST:1800") == -13_729 - 34_247


@pytest.mark.parametrize("late", [1, 20, 60, 400])
def test_a_change_heard_of_late_moves_what_is_still_deferred(old, travel, late):
    closed_until(travel, CHANGED + timedelta(days=late))
    change(old)
    left = NET - NET * min(91, 45 + late) // 91
    assert sum(Credit.objects.values_list("amount", flat=True)) == left
    whole = left + DUE_NET
    assert deferred() == whole - whole * min(late, 365) // 365
    closed_until(travel, NEW_UNTIL + timedelta(days=36))
    assert (deferred(), sold()) == (0, NET + DUE_NET)


def test_days_before_the_change_that_are_still_open_are_earned_by_the_old_period(old, travel):
    changed(old, travel, closed=False)
    assert (deferred(), sold()) == (NET + DUE_NET, 0)
    assert list(checks.problems()) == []
    close_days(ZONE)
    assert (deferred(), sold()) == (REST + DUE_NET, NET - REST)


@pytest.mark.parametrize("back", [refund, None])
@pytest.mark.parametrize("closed", [True, False])
def test_a_change_given_back_or_lost_returns_the_rest_to_the_old_days(old, travel, back, closed):
    new = changed(old, travel, closed=closed)
    refund(new, DUE, CHANGED) if back else lost(new, CHANGED)
    assert list(checks.problems()) == []
    close_days(ZONE)
    assert (deferred(), sold()) == (REST, NET - REST)
    closed_until(travel, CHANGED + timedelta(days=23))
    assert deferred() == REST - REST * 23 // 46
    closed_until(travel, UNTIL)
    assert (deferred(), sold()) == (0, NET)


def test_given_back_later_the_days_between_stay_earned(old, travel):
    new, whole = changed(old, travel), REST + DUE_NET
    closed_until(travel, CHANGED + timedelta(days=20))
    refund(new, DUE, CHANGED + timedelta(days=20))
    assert deferred() == REST - whole * 20 // 365
    closed_until(travel, UNTIL)
    assert (deferred(), sold()) == (0, NET)


def test_given_back_when_the_old_days_are_over_the_rest_is_earned_at_once(old, travel):
    small = changed_to_small_rest(old, travel)
    closed_until(travel, UNTIL + timedelta(days=1))
    refund(small, 1000, UNTIL + timedelta(days=1))
    assert (deferred(), sold()) == (0, NET)


def changed_to_small_rest(old, travel):
    closed_until(travel, CHANGED)
    return change(old, amount=1000)


def test_in_parts_the_rest_returns_with_the_last_part(old, travel):
    new = changed(old, travel)
    refund(new, DUE - 1, CHANGED, "re_1")
    assert Credit.objects.count() == 1
    refund(new, 1, CHANGED, "re_2")
    assert Credit.objects.count() == 2
    assert deferred() == REST


def test_money_of_the_old_payment_that_goes_back_afterwards_comes_off_the_sales(old, travel):
    changed(old, travel)
    lost(old, CHANGED)
    assert (deferred(), sold()) == (REST + DUE_NET, -REST)
    closed_until(travel, NEW_UNTIL)
    assert (deferred(), sold()) == (0, DUE_NET)


def test_both_given_back_nothing_is_left_to_earn(old, travel):
    new = changed(old, travel)
    refund(old, 90_000, CHANGED, "re_1")
    refund(new, DUE, CHANGED, "re_2")
    assert (deferred(), sold()) == (0, 0)


def test_from_change_to_change_and_all_the_way_back(old, travel):
    second = changed(old, travel)
    later = CHANGED + timedelta(days=3)
    closed_until(travel, CHANGED + timedelta(days=1))
    travel.move_to(later)
    third = change(second, later, "ch_3", later + timedelta(days=730), 300_000)
    assert list(checks.problems()) == []
    refund(third, 300_000, later, "re_1")
    assert list(checks.problems()) == []
    refund(second, DUE, later, "re_2")
    assert list(checks.problems()) == []
    closed_until(travel, UNTIL)
    assert (deferred(), sold()) == (0, NET)
    assert all(sum(p.amount for p in j.postings.all()) == 0 for j in Journal.objects.all())


@pytest.mark.parametrize("fact", ["amount = amount + 1", "day = day + 1"])
def test_a_credit_that_somebody_changed_is_found(old, travel, fact):
    changed(old, travel)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_credit SET {fact}")
        found = [problem.text for problem in checks.problems()]
        cursor.execute(f"UPDATE ledger_credit SET {fact.replace('+', '-')}")
    assert any("Payment" in text or "payment" in text for text in found)
    assert date(2026, 5, 15).toordinal() == Credit.objects.get().day
