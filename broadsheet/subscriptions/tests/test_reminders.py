"""Nobody is charged by surprise: reminders before renewals, ends of pauses and of prepaid plans."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import Mail, User
from broadsheet.kit.periods import Interval
from broadsheet.ledger.models import Billing
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Pause, Plan, Reminder, SalesPolicy, Subscription
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.reminders import (
    LONG,
    REMINDER_RULES,
    SHORT_AHEAD,
    end_ahead,
    renewal_ahead,
)
from broadsheet.subscriptions.tests.conftest import buy, terms
from tests.cast import ben

DAY = date(2026, 5, 1)
YEAR_ON = datetime(2027, 3, 31, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def sold(till, reader=None, **facts):
    made = Plan.objects.create(slug=f"plan-{Plan.objects.count()}", name="Paper")
    actions.set_terms(
        made, terms(**{"currency": "EUR", "tax_name": "VAT", "tax_rate": 700} | facts)
    )
    return buy(till, reader or ben(), made).settled.subscription


def reminded():
    found = Mail.objects.order_by("id")
    return [mail.subject for mail in found if " renews on " in mail.subject]


def words_of(mail):
    return " ".join(mail.text.split())


def at(travel, moment):
    travel.move_to(moment)
    return actions.send_reminders()


def test_a_year_is_never_charged_by_surprise(till, paper, travel):
    sold(till, price=27_000, unit="year", count=1)
    assert at(travel, YEAR_ON - timedelta(days=30) - SECOND) == 0
    assert at(travel, YEAR_ON - timedelta(days=30)) == 1
    assert reminded() == ["Paper renews on 31 March 2027: €270"]
    text = words_of(Mail.objects.get(subject=reminded()[0]))
    for words in ("31 March 2027", "€270", "VAT 7%: €17.66, included", "/account/cancel/"):
        assert words in text, words
    assert at(travel, YEAR_ON - timedelta(days=29)) == 0
    assert Reminder.objects.get().amount == 27_000


def test_the_next_year_is_another_reminder(till, paper, travel):
    found = sold(till, price=27_000, unit="year", count=1)
    at(travel, YEAR_ON - timedelta(days=10))
    travel.move_to(YEAR_ON)
    till.gateway.run_due()
    actions.settle(till, found.ref)
    assert at(travel, YEAR_ON + timedelta(days=340)) == 1
    assert sorted(Reminder.objects.values_list("number", flat=True)) == [1, 2]


def test_killed_in_between_it_is_written_once_and_not_lost(till, paper, travel, monkeypatch):
    from broadsheet.subscriptions.actions import mails

    sold(till, price=27_000, unit="year", count=1)
    written = mails.reminded

    def killed(*args, **options):
        written(*args, **options)
        raise SystemExit

    monkeypatch.setattr(mails, "reminded", killed)
    with pytest.raises(SystemExit):
        at(travel, YEAR_ON - timedelta(days=20))
    assert (Reminder.objects.count(), reminded()) == (0, [])
    monkeypatch.setattr(mails, "reminded", written)
    for _ in range(2):
        actions.send_reminders()
    assert (Reminder.objects.count(), len(reminded())) == (1, 1)


def test_a_month_only_where_the_publisher_wants_it(till, paper, travel):
    sold(till, price=900, count=1)
    near = datetime(2026, 4, 24, 12, tzinfo=UTC)
    assert at(travel, near) == 0
    SalesPolicy.objects.update_or_create(pk=1, defaults={"remind_short": True})
    assert at(travel, near) == 1


def test_who_cancelled_is_left_alone(till, paper, travel):
    found = sold(till, price=27_000, unit="year", count=1)
    actions.set_renewal(found, renews=False)
    assert at(travel, YEAR_ON - timedelta(days=5)) == 0


def test_in_france_it_comes_two_months_before(till, paper, travel):
    reader = User.objects.create_user("claire@lantern.example")
    Billing.objects.create(reader=reader, name="Claire", country="FR")
    sold(till, reader, price=27_000, unit="year", count=1)
    sold(till, price=27_000, unit="year", count=1)
    assert at(travel, YEAR_ON - timedelta(days=60)) == 1
    assert Reminder.objects.get().subscription.reader == reader


def test_the_end_of_a_first_price_is_always_told(till, paper, travel):
    sold(till, price=900, count=1, intro_price=300, intro_periods=1)
    assert at(travel, datetime(2026, 4, 24, 12, tzinfo=UTC)) == 1
    text = words_of(Mail.objects.get(subject=reminded()[0]))
    assert "The first price is over: from then on each period costs €9." in text
    assert Reminder.objects.get().amount == 900


def test_the_end_of_a_pause_is_told_three_days_before(till, paper, travel):
    found = sold(till, price=900, count=1)
    asked = actions.pause(till, found, 1, ends_of(found, 1))
    assert at(travel, asked.until - timedelta(days=3) - SECOND) == 0
    assert at(travel, asked.until - timedelta(days=3)) == 1
    assert Reminder.objects.get().kind == Reminder.RESUMING
    text = words_of(Mail.objects.get(subject=reminded()[0]))
    assert "Your pause of Paper is over on" in text
    assert "€9" in text
    assert actions.send_reminders() == 0


def test_where_a_mandate_is_announced_that_is_the_reminder_of_a_pause(till, plan, travel):
    found = buy(till, ben(), plan).settled.subscription
    asked = actions.pause(till, found, 1, ends_of(found, 1))
    assert at(travel, asked.until - timedelta(days=3)) == 0
    assert actions.send_notices() == 1
    assert found.notices.get().due_at == asked.until
    assert Pause.objects.get().state == Pause.PLANNED


def test_a_prepaid_plan_is_said_to_end_with_the_way_to_buy_it_again(till, paper, travel):
    sold(till, price=9_000, count=3, renews=False)
    end = Subscription.objects.get().paid_until()
    assert at(travel, end - timedelta(days=14) - SECOND) == 0
    assert at(travel, end - timedelta(days=14)) == 1
    assert at(travel, end - timedelta(days=13)) == 0
    mail = Mail.objects.order_by("-id").first()
    assert mail.subject == "Paper ends on 30 June 2026"
    assert "/subscribe/plan-0/" in mail.text


def test_many_that_need_none_do_not_stand_before_those_that_do(till, paper, travel):
    for number in range(4):
        sold(till, User.objects.create_user(f"r{number}@lantern.example"), price=900, count=1)
    sold(till, price=27_000, unit="year", count=1)
    travel.move_to(YEAR_ON - timedelta(days=20))
    assert actions.send_reminders(most=1) == 1


@given(st.sampled_from(["", "FR", "DE"]), st.integers(1, 36), st.booleans(), st.booleans())
def test_a_long_plan_is_always_reminded_of_a_short_one_when_asked(country, months, short, dearer):
    ahead = renewal_ahead(country, Interval("month", months), DAY, short=short, dearer=dearer)
    if months >= LONG:
        assert ahead == timedelta(days=60 if country == "FR" else 30)
    else:
        assert ahead == (SHORT_AHEAD if short or dearer else None)


def test_every_rule_says_where_it_is_from_and_holds_from_its_day_on():
    assert all(rule.source and rule.ahead > timedelta() for rule in REMINDER_RULES)
    before = min(rule.since for rule in REMINDER_RULES) - timedelta(days=1)
    year = Interval("year", 1)
    assert renewal_ahead("FR", year, before, short=False, dearer=False) is None
    assert renewal_ahead("FR", year, DAY, short=False, dearer=False) == timedelta(days=60)


def test_a_day_or_a_week_ends_without_a_word():
    assert end_ahead(Interval("week", 2)) is None
    assert end_ahead(Interval("month", 1)) == timedelta(days=3)
    assert end_ahead(Interval("year", 1)) == timedelta(days=14)
