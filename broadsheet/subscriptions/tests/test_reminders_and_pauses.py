"""A pause puts a charge off; what the law says of reminders holds for the charge after it."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.accounts.models import Mail
from broadsheet.ledger.models import Billing
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Reminder, SalesPolicy
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.reminders import RESUMING_AHEAD
from broadsheet.subscriptions.tests.test_reminders import YEAR_ON, sold, words_of
from tests.cast import ben

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
ON = datetime(2027, 6, 30, 10, tzinfo=UTC)
"""Three months after the paid year."""


def yearly(till, *, country="", currency="EUR"):
    reader = ben()
    Billing.objects.create(reader=reader, name="Ben", country=country)
    return sold(till, reader, price=27_000, unit="year", count=1, currency=currency)


def paused(till, subscription, months=3):
    actions.pause(till, subscription, months, ends_of(subscription, months))
    subscription.refresh_from_db()
    return subscription.next_at()


def life(travel, until):
    """The worker's turns up to a moment; what it wrote: kind, and whole days before the charge."""
    found = []
    while travel.now < until - DAY:
        travel.forward(DAY)
        if actions.send_reminders():
            newest = Reminder.objects.order_by("made_at").last()
            found.append((newest.kind, round((newest.due_at - travel.now) / DAY)))
            assert not actions.send_reminders(), "each of them once"
    return found


class Days:
    """The traveller, knowing what time it is."""

    def __init__(self, traveller):
        self.traveller, self.now = traveller, None

    def to(self, moment):
        self.traveller.move_to(moment)
        self.now = moment

    def forward(self, by):
        self.to(self.now + by)


@pytest.fixture
def days(travel):
    return Days(travel)


@pytest.mark.parametrize(("country", "ahead"), [("FR", 60), ("US", 30), ("DE", 30)])
def test_after_a_pause_the_legal_reminder_comes_as_early_as_without(
    till, paper, days, country, ahead
):
    """France, L215-1: a month to three before. California, 17602(b): 15 to 45 days before."""
    found = yearly(till, country=country)
    days.to(YEAR_ON - timedelta(days=90))
    assert paused(till, found) == ON
    assert life(days, ON) == [(Reminder.RENEWAL, ahead), (Reminder.RESUMING, 3)]


def test_where_a_mandate_is_announced_the_legal_reminder_comes_all_the_same(till, paper, days):
    found = yearly(till, currency="INR")
    days.to(YEAR_ON - timedelta(days=90))
    paused(till, found)
    assert life(days, ON) == [(Reminder.RENEWAL, 30)]


def test_a_pause_planned_after_the_reminder_is_reminded_of_again(till, paper, days):
    found = yearly(till)
    days.to(YEAR_ON - timedelta(days=31))
    assert life(days, YEAR_ON - timedelta(days=20)) == [(Reminder.RENEWAL, 30)]
    paused(till, found)
    assert life(days, ON) == [(Reminder.RENEWAL, 30), (Reminder.RESUMING, 3)]
    first, second = Mail.objects.filter(subject__contains=" renews on ").order_by("id")[:2]
    assert "31 March 2027" in first.subject
    assert "30 June 2027" in second.subject
    assert "Your pause of Paper is over on 30 June 2027" in words_of(second)


def test_a_pause_taken_back_is_reminded_of_the_old_day_once(till, paper, days):
    found = yearly(till, country="FR")
    days.to(YEAR_ON - timedelta(days=61))
    assert life(days, YEAR_ON - timedelta(days=40)) == [(Reminder.RENEWAL, 60)]
    paused(till, found, months=1)
    assert life(days, YEAR_ON - timedelta(days=25)) == [(Reminder.RENEWAL, 60)]
    actions.resume_now(till, found)
    assert life(days, YEAR_ON) == [(Reminder.RENEWAL, 25)]
    assert Reminder.objects.count() == 1


def test_a_short_plan_is_told_of_the_end_of_its_pause_and_of_nothing_else(till, paper, days):
    SalesPolicy.objects.update_or_create(pk=1, defaults={"remind_short": True})
    found = sold(till, price=900, count=1)
    days.to(datetime(2026, 4, 10, 10, tzinfo=UTC))
    due = paused(till, found)
    assert life(days, due) == [(Reminder.RESUMING, RESUMING_AHEAD.days)]


def test_who_was_not_reminded_in_time_gets_one_mail_and_not_two(till, paper, days):
    found = yearly(till)
    days.to(YEAR_ON - timedelta(days=90))
    due = paused(till, found)
    days.to(due - timedelta(days=2))
    assert (actions.send_reminders(), actions.send_reminders()) == (1, 0)
    assert Reminder.objects.get().kind == Reminder.RESUMING
