"""Who was brought along is written to when staff say so, before the end, and once after it."""

from datetime import timedelta

from broadsheet.accounts.models import Mail, User
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.actions import welcoming
from broadsheet.subscriptions.models import ImportedSubscription
from broadsheet.subscriptions.reads.business.imports import to_welcome
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.import_cast import HEAD, VERA, imported
from broadsheet.subscriptions.tests.test_importing import APRIL


def told():
    """Whom the mails of a turn go to."""
    Mail.objects.all().delete()
    actions.tell_imported()
    return sorted(Mail.objects.values_list("to", flat=True))


def test_the_welcome_waits_for_staff_and_is_sent_once(till, plan, travel):
    found = imported()
    assert told() == []
    actions.ask_to_welcome(found)
    names = ("vera", "walt", "xena")
    assert told() == [f"{name}@lantern.example" for name in names]
    mail = Mail.objects.get(to="vera@lantern.example")
    for text in (mail.text, mail.html):
        words = " ".join(text.split())
        assert "You have paid until 30 April 2026 there" in words
        assert "Nothing is charged here." in words
    assert "no end" in Mail.objects.get(to="xena@lantern.example").text
    assert told() == []
    imported()
    assert told() == []


def test_one_reminder_before_the_end_and_one_invitation_after_it(till, plan, travel):
    imported()
    travel.move_to(APRIL - timedelta(days=7, seconds=1))
    assert told() == []
    travel.move_to(APRIL - timedelta(days=7))
    assert told() == ["vera@lantern.example"]
    assert "not renewed here by itself" in " ".join(Mail.objects.get().text.split())
    assert told() == []
    travel.move_to(APRIL)
    assert told() == ["vera@lantern.example"]
    ended = Mail.objects.get()
    assert "/subscribe/" in ended.text
    for text in (ended.text, ended.html):
        assert "If you were charged there after that day, write to us" in " ".join(text.split())
    assert told() == []


def test_who_cancelled_elsewhere_or_reads_for_nothing_is_left_in_peace(till, plan, travel):
    imported()
    ImportedSubscription.objects.filter(reader__email__startswith="vera").delete()
    for days in range(0, 400, 5):
        travel.move_to(APRIL + timedelta(days=days))
        assert told() == []


def test_who_has_subscribed_meanwhile_is_not_invited(till, plan, travel):
    imported()
    travel.move_to(APRIL - timedelta(days=2))
    buy(till, User.objects.get(email="vera@lantern.example"), plan)
    assert told() == []
    travel.move_to(APRIL)
    assert told() == []


def test_who_buys_at_that_very_moment_is_not_invited(till, plan, travel, monkeypatch):
    imported()
    travel.move_to(APRIL)
    vera = User.objects.get(email="vera@lantern.example")
    whole = welcoming._tell

    def bought_first(*names):
        buy(till, vera, plan)
        Mail.objects.all().delete()
        return whole(*names)

    monkeypatch.setattr(welcoming, "_tell", bought_first)
    assert told() == []


TWICE = HEAD + "".join(f"{n},vera@lantern.example,Vera,Gold,2026-04-30,,,\n" for n in ("a1", "a2"))


def test_who_stands_in_a_file_twice_is_told_once(till, plan, travel):
    found = imported(TWICE)
    assert to_welcome(found) == 1
    actions.ask_to_welcome(found)
    assert told() == ["vera@lantern.example"]
    assert to_welcome(found) == 0
    for moment in (APRIL - timedelta(days=2), APRIL):
        travel.move_to(moment)
        assert told() == ["vera@lantern.example"]
        assert told() == []


def test_another_file_with_the_same_end_tells_nothing_anew(till, plan, travel):
    actions.ask_to_welcome(imported(HEAD + VERA))
    assert told() == ["vera@lantern.example"]
    travel.move_to(APRIL - timedelta(days=2))
    assert told() == ["vera@lantern.example"]
    actions.ask_to_welcome(imported(HEAD + VERA.replace("a1", "b1")))
    assert told() == []


def test_a_welcome_speaks_of_what_lasts_longest(till, plan, travel):
    longer = VERA.replace("a1", "a2").replace("2026-04-30", "2026-06-30")
    actions.ask_to_welcome(imported(HEAD + VERA + longer))
    assert told() == ["vera@lantern.example"]
    assert "30 June 2026" in " ".join(Mail.objects.get().text.split())


def test_nobody_is_welcomed_after_the_end(till, plan, travel):
    found = imported(HEAD + VERA)
    travel.move_to(APRIL)
    assert told() == ["vera@lantern.example"]
    actions.ask_to_welcome(found)
    assert told() == []
    assert to_welcome(found) == 0


def test_nobody_is_invited_long_after_the_end(till, plan, travel):
    imported()
    travel.move_to(APRIL + timedelta(days=31))
    assert told() == []
