"""A pause that the gateway does not take after all: the reader hears of it, once."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.accounts.models import Mail, User
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Pause, Subscription
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.tests.conftest import buy

PAID = datetime(2026, 6, 30, 10, tzinfo=UTC)
TOLD = "The pause did not come about: Quarterly goes on"


@pytest.fixture
def bought(till, travel, plan, paper):
    buy(till, User.objects.create_user("ben@lantern.example"), plan)
    travel.move_to(datetime(2026, 4, 10, 12, tzinfo=UTC))
    return Subscription.objects.get()


def failing(error):
    def fail(*_given, **_named):
        raise error

    return fail


SILENT = failing(GatewaySilent("No answer."))
REFUSED = failing(GatewayRefused("Nothing renews.", "Look the agreement up."))


def asked_in_silence(till, subscription, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(till, "pause", SILENT)
        with pytest.raises(GatewaySilent):
            actions.pause(till, subscription, 2, ends_of(subscription, 2))
    assert Pause.objects.get().state == Pause.OPEN


def told():
    return Mail.objects.filter(subject=TOLD)


def test_refused_when_it_is_told_again_the_reader_gets_a_mail(till, bought, monkeypatch):
    asked_in_silence(till, bought, monkeypatch)
    assert not told()
    monkeypatch.setattr(till, "pause", REFUSED)
    for _ in range(3):
        actions.ask_again()
    assert Pause.objects.get().state == Pause.LEFT
    mail = told().get()
    assert mail.to == "ben@lantern.example"
    words = " ".join(mail.text.split())
    for said in ("nothing is paused", "ask for the pause again, or cancel", "/account/pause/"):
        assert said in words, said


def test_the_charge_that_came_first_is_told_with_the_pause_it_undid(
    till, travel, bought, monkeypatch
):
    asked_in_silence(till, bought, monkeypatch)
    monkeypatch.setattr(till, "pause", SILENT)
    travel.move_to(PAID + timedelta(minutes=1))
    till.gateway.run_due()
    for _ in range(3):
        actions.settle(till, bought.ref)
    assert (Pause.objects.get().state, Payment.objects.count()) == (Pause.LEFT, 2)
    assert told().count() == 1


def test_killed_before_the_commit_it_is_told_all_the_same(till, bought, monkeypatch):
    from broadsheet.subscriptions.actions import mails

    asked_in_silence(till, bought, monkeypatch)
    monkeypatch.setattr(till, "pause", REFUSED)
    with monkeypatch.context() as patch:
        patch.setattr(mails, "not_paused", failing(SystemExit()))
        with pytest.raises(SystemExit):
            actions.ask_again()
    assert Pause.objects.get().state == Pause.OPEN
    actions.ask_again()
    assert told().count() == 1


def test_refused_on_the_page_is_said_there_and_not_mailed(till, bought, monkeypatch):
    monkeypatch.setattr(till, "pause", REFUSED)
    with pytest.raises(Refusal, match="did not accept"):
        actions.pause(till, bought, 2, ends_of(bought, 2))
    assert not told()


def test_refused_before_the_gateway_falls_silent_it_is_no_promise(till, bought, monkeypatch):
    monkeypatch.setattr(till, "pause", REFUSED)
    monkeypatch.setattr(till, "look_up", SILENT)
    with pytest.raises(Refusal, match="did not accept"):
        actions.pause(till, bought, 2, ends_of(bought, 2))
    assert Pause.objects.get().state == Pause.LEFT


def test_an_end_of_the_subscription_says_enough(till, bought, monkeypatch):
    asked_in_silence(till, bought, monkeypatch)
    bought.refresh_from_db()
    bought.end(Subscription.CANCELLED)
    bought.save()
    actions.settle(till, bought.ref)
    assert Pause.objects.get().state == Pause.LEFT
    assert not told()
