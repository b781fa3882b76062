"""A paper whose payments an older version took for earned: its months stay, its books go on."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from broadsheet.ledger import checks
from broadsheet.ledger.actions import book_refund, carry_over, carrying, close_days
from broadsheet.ledger.models import Deferral, Journal
from broadsheet.ledger.providers.base import Refunded
from broadsheet.ledger.tests.cast import ZONE, balance, book, book_as_before, deferred, sold
from tests.cast import ben

NET = 76271
LATER = datetime(2026, 5, 15, 6, tzinfo=UTC)
"""The 46th of 91 days: 45 are over."""
EARNED = NET * 45 // 91


@pytest.fixture
def reader(paper):
    return ben()


@pytest.fixture
def travel():
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


def found():
    return [problem.text for problem in checks.problems()]


def refund(payment, amount, ref="re_1"):
    return book_refund(payment, Refunded(ref, payment.ref, amount, LATER), ZONE)


def test_what_is_not_earned_yet_leaves_the_sales_and_taxes_are_parted(reader, travel):
    book_as_before(reader)
    assert found() == ["Payment ch_1 is not spread over its days."]
    assert carry_over(ZONE) == 1
    assert (sold(), deferred()) == (EARNED, NET - EARNED)
    assert (balance("tax"), balance("tax:GST:1800")) == (0, -13729)
    assert Journal.objects.get(kind="carried").at == LATER, "months that are past stay"
    assert found() == []
    assert carry_over(ZONE) == 0
    travel.shift(timedelta(days=60))
    assert close_days(ZONE) == 60
    assert (sold(), deferred()) == (NET, 0)
    assert found() == []


def test_the_nightly_work_carries_over_too(reader, travel):
    book_as_before(reader)
    assert close_days(ZONE) == 0
    travel.shift(timedelta(days=1))
    assert close_days(ZONE) == 1
    assert deferred() == NET - NET * 46 // 91
    assert found() == []


def test_a_period_that_is_over_moves_nothing_but_its_tax(reader, travel):
    book_as_before(reader)
    book_as_before(reader, "ch_2", 500, 0)
    travel.shift(timedelta(days=100))
    carry_over(ZONE)
    assert (sold(), deferred(), balance("tax:GST:1800")) == (NET + 500, 0, -13729)
    assert set(Deferral.objects.values_list("journal", flat=True)) == {None}
    assert found() == []


def test_a_refund_comes_before_anything_was_carried_over(reader, travel):
    payment = book_as_before(reader)
    refund(payment, 90000)
    accounts = ("sales", "deferred", "tax", "tax:GST:1800", "gateway:fakepay")
    assert [balance(account) for account in accounts] == [0] * 5
    travel.shift(timedelta(days=60))
    close_days(ZONE)
    assert found() == []


def test_some_hundreds_at_a_time_and_new_payments_beside_them(reader, travel, monkeypatch):
    monkeypatch.setattr(carrying, "MOST", 2)
    for n in range(5):
        book_as_before(reader, f"old_{n}", 90000 + n)
    book(reader, "new", at=LATER, period_from=LATER, period_until=LATER + timedelta(days=30))
    assert carry_over(ZONE) == 5
    assert Journal.objects.filter(kind="carried").count() == 3
    travel.shift(timedelta(days=12))
    close_days(ZONE)
    assert found() == []
    travel.shift(timedelta(days=90))
    close_days(ZONE)
    assert deferred() == 0
    assert found() == []
