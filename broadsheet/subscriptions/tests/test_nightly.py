"""The books are checked every night, by one worker, and the publisher hears of what is wrong."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection, connections

from broadsheet.accounts.models import Mail, User
from broadsheet.config import doctor
from broadsheet.kit import clock
from broadsheet.ledger import checks
from broadsheet.ledger.models import Audit, Journal, Payment
from broadsheet.ledger.snapshot import snapshot
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.actions import nightly
from broadsheet.subscriptions.tests.conftest import buy
from tests.at_once import on_a_file
from tests.cast import ben

NIGHT = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
"""Four in the morning in Kolkata, on the first of April."""


@pytest.fixture
def sold(till, plan, travel):
    User.objects.create_superuser("pia@lantern.example")
    return buy(till, ben(), plan)


def tamper(statement="UPDATE ledger_posting SET amount = amount + 1 WHERE amount > 0"):
    with connection.cursor() as cursor:
        cursor.execute(statement)


INSERTED = (
    "INSERT INTO subscriptions_grant"
    " (reader_id, entitlement, valid_from, reason, decided_by, revoke_reason, source)"
    " SELECT reader_id, 'archive', valid_from, '', '', '',"
)
COPIED = " FROM subscriptions_grant WHERE source = 'grace' AND entitlement = 'premium'"


def said():
    out = StringIO()
    doctor.examine(out)
    return out.getvalue()


def alarms():
    return list(Mail.objects.filter(subject="The books do not agree"))


def test_it_waits_for_the_night_and_is_done_once(sold, travel):
    travel.move_to(NIGHT - timedelta(seconds=1))
    assert not actions.audit()
    travel.move_to(NIGHT)
    assert actions.audit()
    assert not actions.audit()
    found = Audit.objects.get()
    assert (found.day.isoformat(), found.problems, found.ended_at) == ("2026-04-01", 0, NIGHT)
    assert alarms() == []
    travel.shift(timedelta(days=1))
    assert actions.audit()


def test_what_is_wrong_is_mailed_to_the_publisher_and_said_by_the_doctor(sold, travel):
    travel.move_to(NIGHT)
    tamper()
    actions.audit()
    mail = alarms()[0]
    assert mail.to == "pia@lantern.example"
    for text in (mail.text, mail.html):
        assert "Journal 1 (payment" in text
        assert "last good backup" in " ".join(text.split())
    assert "/desk/business/books/" in mail.text
    assert Audit.objects.get().problems > 0
    assert "The books do not agree" in said()
    assert not actions.audit()
    assert len(alarms()) == 1


def test_of_many_problems_the_first_are_named_and_the_rest_counted(sold, travel, monkeypatch):
    monkeypatch.setattr(nightly, "TOLD", 1)
    travel.move_to(NIGHT)
    tamper()
    actions.audit()
    found = Audit.objects.get()
    assert found.problems > 1
    assert f"And {found.problems - 1} more." in alarms()[0].text


def test_a_check_that_was_killed_is_done_again(sold, travel, monkeypatch):
    travel.move_to(NIGHT)

    def killed():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(nightly.checks, "everything", killed)
        with pytest.raises(KeyboardInterrupt):
            actions.audit()
    assert not actions.audit(), "somebody may be at it"
    travel.shift(nightly.LEASE + timedelta(seconds=1))
    assert actions.audit()
    assert Audit.objects.get().ended_at == clock.now()


def test_a_paper_that_sold_nothing_is_not_checked(paper, travel):
    travel.move_to(NIGHT)
    assert not actions.audit()


def test_the_doctor_misses_a_worker_that_checks_nothing(sold, travel):
    assert "were not checked" not in said()
    travel.shift(timedelta(days=3))
    assert "were not checked" in said()
    actions.audit()
    assert "were not checked" not in said()


def test_every_problem_has_a_remedy(sold):
    tamper("UPDATE subscriptions_grant SET revoked_at = valid_until")
    tamper("UPDATE ledger_invoice SET net = net + 5, total = total + 5")
    tamper()
    found = list(nightly.checks.everything())
    assert len(found) > 4
    for problem in found:
        assert problem.text.endswith(".")
        assert problem.remedy.endswith(".")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE ledger_deferral SET amount = amount - 1", "its deferrals say"),
        ("UPDATE ledger_deferral SET since = since + 3", "is spread over other days"),
        ("UPDATE ledger_deferral SET until = until + 9", "is spread over other days"),
        ("UPDATE ledger_invoice SET period_until = '2027-01-01 00:00:00+00'", "its deferrals say"),
        ("DELETE FROM ledger_deferral", "is not spread over its days"),
        ("DELETE FROM ledger_closedday WHERE day = 739708", "was left out"),
        ("DELETE FROM ledger_closedday WHERE day = 739710", "releases a day that is open"),
        ("UPDATE subscriptions_paidperiod SET ends = '2027-01-01 00:00:00+00'", "the anchor"),
        ("UPDATE subscriptions_grant SET revoked_at = valid_until", "has no grant of"),
        ("DELETE FROM subscriptions_paidperiod", "paid for no period"),
        ("DELETE FROM subscriptions_paidperiod", "has no paid period behind it"),
        ("UPDATE subscriptions_grant SET valid_until = '2099-01-01 00:00:00+00'", "or end than"),
        ("UPDATE subscriptions_grant SET valid_until = valid_from", "or end than the paid period"),
        ("UPDATE subscriptions_grant SET valid_from = valid_until", "or end than the paid period"),
        (
            "UPDATE subscriptions_grant SET source = 'complimentary', subscription_id = NULL,"
            " period = NULL, valid_until = NULL WHERE source = 'grace'",
            "The grace after period 0",
        ),
        (
            "UPDATE subscriptions_grant SET source = 'complimentary' WHERE source = 'grace'",
            "the cause of something else",
        ),
        ("UPDATE subscriptions_grant SET period = 7 WHERE source = 'grace'", "that grace would be"),
        ("UPDATE subscriptions_grant SET subscription_id = NULL", "has no subscription behind it"),
        ("UPDATE subscriptions_grant SET entitlement = 'e' || entitlement", "no paid period"),
        ("UPDATE subscriptions_subscription SET grace_days = 90", "or end than the grace of"),
        (f"{INSERTED} 'institution'{COPIED}", "has no institution behind it"),
        (f"{INSERTED} 'group'{COPIED}", "has no seat behind it"),
        (f"{INSERTED} 'whatever'{COPIED}", "a source that there is not"),
    ],
)
def test_what_somebody_changes_in_the_database_is_named(sold, travel, statement, words):
    travel.shift(timedelta(days=5))
    actions.close_days()
    assert list(nightly.checks.everything()) == []
    tamper(statement)
    assert words in " ".join(problem.text for problem in nightly.checks.everything())


@pytest.mark.django_db(transaction=True)
def test_who_books_while_the_books_are_checked_raises_no_alarm(sold):
    on_a_file()
    with snapshot():
        before = Journal.objects.count()
        found = checks.problems()
        next(found, None)
        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute("UPDATE press_log_counter SET value = 9 WHERE name = 'journal'")
        other.close()
        assert (Journal.objects.count(), list(found)) == (before, [])
        assert Payment.objects.count() == 1
    assert list(checks.problems()) != []
