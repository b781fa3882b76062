"""Every day is closed once: after a standstill, twice at once, by two workers, in two engines."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.ledger import checks
from broadsheet.ledger.actions import book_refund, close_days, closing
from broadsheet.ledger.models import ClosedDay, Deferral, Journal, Posting
from broadsheet.ledger.providers.base import Refunded
from broadsheet.ledger.tests.cast import PAID, ZONE, balance, book, days, deferred, sold
from tests.at_once import at_once
from tests.cast import ben

NET = 76271
MIDNIGHT = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
"""In Kolkata, where the first day ends."""


@pytest.fixture
def reader(paper):
    return ben()


@pytest.fixture
def travel():
    with time_machine.travel(PAID, tick=False) as traveller:
        yield traveller


def refund(payment, amount, at, ref="re_1"):
    return book_refund(payment, Refunded(ref, payment.ref, amount, at), ZONE)


def the_books_agree():
    assert [str(problem) for problem in checks.problems()] == []


def test_a_payment_is_deferred_whole_and_earned_by_the_day(reader, travel):
    book(reader)
    assert (deferred(), sold(), balance("tax:GST:1800")) == (NET, 0, -13729)
    assert days() == [(date(2026, 3, 31), date(2026, 6, 30))]
    travel.move_to(MIDNIGHT - timedelta(seconds=1))
    assert close_days(ZONE) == 0
    travel.move_to(MIDNIGHT)
    assert close_days(ZONE) == 1
    assert (deferred(), sold()) == (NET - 838, 838)
    at = Journal.objects.get(kind="release").at
    assert at == MIDNIGHT - timedelta(seconds=1), "within the day, so within its month"
    the_books_agree()


def test_at_the_end_of_the_period_all_of_it_is_earned(reader, travel):
    book(reader)
    travel.move_to(datetime(2026, 6, 29, 18, 30, tzinfo=UTC))
    assert close_days(ZONE) == 91
    assert (deferred(), sold()) == (0, NET)
    shares = Posting.objects.filter(account="sales").values_list("amount", flat=True)
    assert {-share for share in shares} == {838, 839}
    the_books_agree()


def test_case_22_days_of_standstill_are_made_up_for_each_in_its_own_month(reader, travel):
    book(reader)
    travel.move_to(MIDNIGHT + timedelta(days=40))
    assert close_days(ZONE) == 41
    assert close_days(ZONE) == 0
    refs = Journal.objects.filter(kind="release").values_list("ref", flat=True)
    assert (refs[0], refs[40]) == ("2026-03-31:INR", "2026-05-10:INR")
    assert len(set(refs)) == 41
    the_books_agree()


def test_a_worker_killed_between_two_days_goes_on_with_the_next(reader, travel, monkeypatch):
    book(reader)
    travel.move_to(MIDNIGHT + timedelta(days=9))
    enter = closing.enter

    def killed(kind, ref, *facts):
        if ref.startswith("2026-04-05"):
            raise KeyboardInterrupt
        return enter(kind, ref, *facts)

    monkeypatch.setattr(closing, "enter", killed)
    with pytest.raises(KeyboardInterrupt):
        close_days(ZONE)
    the_books_agree()
    monkeypatch.setattr(closing, "enter", enter)
    assert close_days(ZONE) == 5
    assert ClosedDay.objects.count() == 10
    the_books_agree()


def test_case_19_a_clock_that_went_back_closes_nothing_again(reader, travel):
    book(reader)
    travel.move_to(MIDNIGHT + timedelta(days=3))
    close_days(ZONE)
    travel.move_to(MIDNIGHT)
    assert close_days(ZONE) == 0
    travel.move_to(MIDNIGHT + timedelta(days=4))
    assert close_days(ZONE) == 1
    the_books_agree()


def test_a_payment_heard_of_late_has_earned_its_closed_days_at_once(reader, travel):
    book(reader, "ch_1")
    travel.move_to(MIDNIGHT + timedelta(days=9))
    close_days(ZONE)
    book(reader, "ch_2")
    assert deferred() == 2 * (NET - NET * 10 // 91)
    assert sold() == 2 * (NET * 10 // 91)
    the_books_agree()


def test_a_refund_takes_what_is_deferred_first_then_sales(reader, travel):
    payment = book(reader)
    travel.move_to(MIDNIGHT + timedelta(days=44))
    close_days(ZONE)
    earned = NET * 45 // 91
    refund(payment, 45000, MIDNIGHT)
    gone = 45000 - 6865
    assert (deferred(), sold()) == (max(0, NET - earned - gone), min(earned, NET - gone))
    travel.shift(timedelta(days=1))
    close_days(ZONE)
    the_books_agree()
    refund(payment, 45000, MIDNIGHT, "re_2")
    assert (deferred(), sold(), balance("tax:GST:1800"), balance("gateway:fakepay")) == (0,) * 4
    travel.shift(timedelta(days=60))
    close_days(ZONE)
    assert (deferred(), sold()) == (0, 0)
    the_books_agree()


@pytest.mark.parametrize("day", [0, 1, 90, 91, 200])
def test_a_whole_refund_leaves_nothing_on_any_day(reader, travel, day):
    payment = book(reader)
    travel.shift(timedelta(days=day))
    close_days(ZONE)
    refund(payment, 90000, PAID + timedelta(days=day))
    travel.shift(timedelta(days=100))
    close_days(ZONE)
    assert [balance(a) for a in ("deferred", "sales", "tax:GST:1800", "gateway:fakepay")] == [0] * 4
    the_books_agree()


def test_what_a_partial_refund_leaves_is_earned_over_the_days_left(reader, travel):
    payment = book(reader)
    close_days(ZONE)
    refund(payment, 89910, PAID)
    assert deferred() == 76
    travel.shift(timedelta(days=91))
    assert close_days(ZONE) == 91
    assert (deferred(), sold()) == (0, 76)
    the_books_agree()


def test_each_currency_is_a_journal_of_its_own(reader, travel):
    book(reader, "ch_1")
    book(reader, "ch_2", 1000, currency="JPY", tax_rate=0, tax_name="")
    travel.move_to(MIDNIGHT)
    close_days(ZONE)
    assert (sold("INR"), sold("JPY")) == (838, 10)
    assert Journal.objects.filter(kind="release").count() == 2
    the_books_agree()


def test_a_day_is_as_much_work_for_many_payments_as_for_few(reader, travel):
    counts = []
    for upto in (1, 2, 40):
        for n in range(Deferral.objects.count(), upto):
            book(reader, f"ch_{n}")
        travel.shift(timedelta(days=1))
        with CaptureQueriesContext(connection) as met:
            assert close_days(ZONE) == 1
        counts.append(len(met))
    assert counts[1] == counts[2]


def test_a_paper_that_sells_nothing_closes_nothing(paper, travel):
    travel.shift(timedelta(days=400))
    assert close_days(ZONE) == 0
    assert not ClosedDay.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_case_22_two_workers_at_once_book_every_day_once(reader, travel):
    book(reader)
    travel.move_to(MIDNIGHT + timedelta(days=14))
    done = at_once(*[lambda: close_days(ZONE)] * 3)
    assert sum(done) == ClosedDay.objects.count() == 15
    assert (deferred(), sold()) == (NET - NET * 15 // 91, NET * 15 // 91)
    the_books_agree()
