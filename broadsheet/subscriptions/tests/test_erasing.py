"""Readers delete their accounts: what goes, what stays by law, and never while money can move."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from broadsheet.accounts import actions as accounts
from broadsheet.accounts import outbox
from broadsheet.accounts.models import Mail, ReaderPolicy, SavedArticle, User
from broadsheet.accounts.tests.doors import LOGIN, browser, fill, signed_in
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.checks import problems as ledger_problems
from broadsheet.ledger.models import Invoice, Payment, Refund
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.press_log.models import Entry
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.checks import problems
from broadsheet.subscriptions.models import Checkout, Erasure, GateDecision, Subscription
from broadsheet.subscriptions.tests.conftest import GOOD, buy
from broadsheet.subscriptions.tests.journal_cast import line, report, told
from tests.cast import PASSWORD, ada, ben

PAGE = "/account/delete/"
GONE = "Your account at The Lantern is deleted"


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def at(reader):
    client = browser()
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    assert signed_in(client)
    return client


def subjects(address="ben@lantern.example"):
    return [mail.subject for mail in Mail.objects.filter(to=address)]


def test_all_that_is_the_readers_goes_and_a_mail_says_so(paper):
    reader, article = ben(), report()
    accounts.save_article(reader, article.pk)
    told(line(f"u{reader.pk}", article.pk))
    Mail.objects.create(
        to=reader.email, sender="n@l.example", subject="Welcome", sent_at=clock.now()
    )
    log(reader, "wagtail.edit")
    client, other = at(reader), at(reader)
    done = client.post(PAGE, follow=True)
    assert "Your account is deleted. A mail confirms it." in done.content.decode()
    assert not signed_in(client)
    for model in (User, EmailAddress, UserSession, SavedArticle, GateDecision, Session, Erasure):
        assert model is Session or not model.objects.exists(), model
    assert other.get("/account/").status_code == 302
    assert subjects() == [GONE]
    assert ModelLogEntry.objects.get().label == "erased account"
    assert Entry.objects.filter(subject="reader", ref=str(reader.pk)).exists(), "passes are void"


def test_the_page_says_before_what_goes_what_is_lost_and_what_the_law_keeps(till, plan):
    reader = ben()
    buy(till, reader, plan)
    ReaderPolicy.objects.create(invoice_years=6)
    text = at(reader).get(PAGE).content.decode()
    assert "the rest of what you paid for is lost" in text
    assert "Cancel the subscription" in text
    assert "Kept by law: invoices and payments, with your address on them, for 6 years" in text
    assert "Download all my data" in text


def test_a_reader_who_never_paid_is_told_nothing_of_invoices(paper):
    assert "Kept by law" not in at(ben()).get(PAGE).content.decode()


def test_a_subscription_ends_at_once_and_the_account_goes_when_the_gateway_has_heard(till, plan):
    reader = ben()
    ref = buy(till, reader, plan).checkout.ref
    client = at(reader)
    done = client.post(PAGE, follow=True)
    assert "It is deleted as soon as the payment service has confirmed" in done.content.decode()
    reader.refresh_from_db()
    assert not reader.is_active
    assert Entry.objects.filter(subject="reader", ref=str(reader.pk)).exists(), "passes are void"
    assert not UserSession.objects.exists(), "and nobody can ask for new ones"
    assert actions.erase_due() == 0
    actions.ask_again()
    assert till.look_up(ref).renews is False or till.look_up(ref).state == "ended"
    assert actions.erase_due() == 1
    assert not User.objects.exists()
    assert not Subscription.objects.exists()
    assert subjects()[0] == GONE
    mail = Mail.objects.filter(subject=GONE).get()
    assert "8 years at least" in " ".join(mail.text.split())
    assert Payment.objects.get().reader is None
    assert "ben@lantern.example" in Invoice.objects.get().buyer
    assert [*problems(), *ledger_problems()] == []


def test_a_silent_gateway_only_delays_it(till, plan, monkeypatch):
    reader = ben()
    buy(till, reader, plan)

    def silent(*_a, **_n):
        raise GatewaySilent("Nobody answers.")

    with monkeypatch.context() as patch:
        patch.setattr(till, "set_renewal", silent)
        assert not actions.ask_to_erase(reader)
        actions.ask_again()
        assert actions.erase_due() == 0
        assert GONE not in subjects()
    actions.ask_again()
    assert actions.erase_due() == 1


def test_who_pays_on_an_open_page_after_closing_gets_the_money_back_first(till, plan, travel):
    reader = ben()
    checkout = actions.open_checkout(till, reader, plan.current, "/")
    assert not actions.ask_to_erase(reader)
    till.pay(checkout.ref, GOOD)
    actions.settle(till, checkout.ref)
    assert not Subscription.objects.live().exists()
    assert actions.erase_due() == 0
    travel.shift(timedelta(minutes=20))
    actions.ask_again()
    actions.ask_again()
    assert Refund.objects.get().payment.amount == 90000
    assert actions.erase_due() == 1
    assert not Checkout.objects.exists()
    assert [*problems(), *ledger_problems()] == []


def test_asked_twice_is_asked_once(till, plan):
    reader = ben()
    buy(till, reader, plan)
    actions.ask_to_erase(reader)
    actions.ask_to_erase(reader)
    assert Erasure.objects.count() == 1


def test_a_closed_account_lets_nobody_in(till, plan):
    reader = ben()
    buy(till, reader, plan)
    actions.ask_to_erase(reader)
    client = browser()
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    assert not signed_in(client)


def test_the_address_is_free_again_afterwards(paper):
    reader = ben()
    assert actions.ask_to_erase(reader)
    assert ben().pk != reader.pk


def test_staff_cannot_delete_themselves(paper):
    editor = ada()
    with pytest.raises(Refusal):
        actions.ask_to_erase(editor)
    client = at(editor)
    assert "belongs to the newsroom" in client.get(PAGE).content.decode()
    assert "belongs to the newsroom" in client.post(PAGE, follow=True).content.decode()
    assert User.objects.get() == editor


def test_an_old_sign_in_and_a_form_from_elsewhere_delete_nothing(paper):
    client = at(ben())
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert "/reauthenticate/" in client.post(PAGE)["location"]
    other = Client(enforce_csrf_checks=True)
    other.force_login(User.objects.get())
    assert other.post(PAGE).status_code == 403
    assert User.objects.count() == 1


def test_mail_that_waits_still_leaves_and_goes_in_its_time(paper):
    reader = ben()
    Mail.objects.create(to=reader.email, sender="n@l.example", subject="A receipt")
    actions.ask_to_erase(reader)
    assert set(subjects()) == {"A receipt", GONE}
    Mail.objects.update(sent_at=clock.now())
    assert outbox.forget_old() == 0
    with time_machine.travel(clock.now() + timedelta(days=91)):
        assert outbox.forget_old() == 2


def test_mail_that_could_not_leave_waits_for_a_quarter_of_a_year_and_no_longer(paper):
    for days in (89, 91):
        queued = clock.now() - timedelta(days=days)
        Mail.objects.create(to="x@y.example", sender="n@l.example", subject=days, queued_at=queued)
    assert outbox.forget_old() == 1
    assert subjects("x@y.example") == ["89"]
