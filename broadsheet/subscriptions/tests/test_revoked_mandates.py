"""A reader ends the mandate at the bank: the paper hears why, and says what to do."""

from datetime import UTC, datetime, timedelta

from django.test import Client

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.ledger.models import FailedCharge, Payment
from broadsheet.ledger.providers.fakepay.mandates import revoke
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy, text
from tests.cast import ben

RENEWAL = datetime(2026, 6, 30, 10, 0, 5, tzinfo=UTC)
REASON = "The mandate was revoked at the bank"


def time_passes(travel, till, days):
    for day in range(days):
        travel.move_to(RENEWAL + timedelta(days=day))
        till.gateway.run_due()
        for _ in range(2):
            actions.ask_again()
            actions.end_due()


def failures():
    found = Mail.objects.filter(text__contains="could not be charged").order_by("id")
    return [" ".join(mail.text.split()) for mail in found]


def test_case_55_a_revoked_mandate_is_told_once_with_what_to_do(till, plan, travel):
    reader = ben()
    bought = buy(till, reader, plan).settled.subscription
    revoke(till.gateway, bought.ref)
    actions.settle(till, bought.ref)
    assert Subscription.objects.get().state == Subscription.ACTIVE, "what is paid stays open"
    time_passes(travel, till, 4)
    (mail,) = failures()
    for words in (REASON, "It is not tried again.", "7 July 2026", "subscribe anew", "/subscribe/"):
        assert words in mail, words
    assert "several times" not in mail
    assert (FailedCharge.objects.count(), Payment.objects.count()) == (1, 1)
    found = Subscription.objects.get()
    assert (found.state, bool(entitlements(reader, clock.now()))) == (Subscription.PAST_DUE, True)
    assert [*checks.everything()] == []


def test_case_55_the_account_says_why_and_sells_anew(till, plan, travel):
    reader = ben()
    bought = buy(till, reader, plan).settled.subscription
    revoke(till.gateway, bought.ref)
    time_passes(travel, till, 2)
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get("/account/"))
    for words in (REASON, "It is not tried again", "Subscribe to Quarterly again"):
        assert words in page, words
    buy(till, reader, plan, GOOD)
    assert reader.subscriptions.live().get().state == Subscription.ACTIVE
    assert Payment.objects.count() == 2


def test_case_55_nothing_is_charged_after_the_grace_and_it_ends_once(till, plan, travel):
    reader = ben()
    bought = buy(till, reader, plan).settled.subscription
    revoke(till.gateway, bought.ref)
    time_passes(travel, till, 12)
    found = Subscription.objects.get()
    assert (found.state, found.end_reason) == (Subscription.ENDED, Subscription.UNPAID)
    assert (len(failures()), Payment.objects.count()) == (1, 1)
    assert not entitlements(reader, clock.now())


def test_a_card_that_fails_every_time_was_tried_several_times(till, plan, travel):
    buy(till, ben(), plan, ONCE)
    time_passes(travel, till, 5)
    assert "It was tried several times and is not tried again." in failures()[-1]
