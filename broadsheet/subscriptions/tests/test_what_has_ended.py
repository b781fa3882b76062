"""A subscription is over: the account says when, why, and how to have it again."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, Subscription
from broadsheet.subscriptions.reads import account as reads
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy, text
from broadsheet.subscriptions.tests.gift_cast import bought, redeemed
from broadsheet.subscriptions.tests.group_cast import browser
from tests.cast import ada, ben

RENEWAL = datetime(2026, 6, 30, 10, 0, 5, tzinfo=UTC)
AGAIN = 'href="/subscribe/quarterly/">Subscribe to Quarterly again</a>'


def worked(till, travel, day):
    travel.move_to(RENEWAL + timedelta(days=day))
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()


def unpaid(till, travel, reader, plan):
    buy(till, reader, plan, ONCE)
    for day in range(0, 12):
        worked(till, travel, day)


def cancelled(till, travel, reader, plan):
    actions.set_renewal(buy(till, reader, plan).settled.subscription, renews=False)
    actions.ask_again()
    worked(till, travel, 1)


def refunded(till, travel, reader, plan):
    buy(till, reader, plan)
    actions.refund(till, Payment.objects.get(), "Asked", ada())


@pytest.mark.parametrize(
    ("ends", "reason", "words"),
    [
        (unpaid, "unpaid", "Its last charge could not be taken. You owe nothing."),
        (cancelled, "cancelled", "It had been cancelled."),
        (refunded, "refunded", "Its payment was given back."),
    ],
)
def test_the_account_says_why_it_ended_and_leads_back(till, travel, plan, ends, reason, words):
    reader = ben()
    ends(till, travel, reader, plan)
    assert Subscription.objects.get().end_reason == reason
    page = text(browser(reader).get("/account/"))
    assert "<strong>Quarterly</strong> ended on " in page
    assert words in page
    assert AGAIN in page
    assert "See the plans" in page


@pytest.mark.parametrize("reason", ["disputed", "withdrawn"])
def test_other_ends_have_words_of_their_own(till, travel, plan, reason):
    reader = ben()
    cancelled(till, travel, reader, plan)
    Subscription.objects.update(end_reason=reason)
    page = text(browser(reader).get("/account/"))
    assert ("disputed at your bank" in page) == (reason == "disputed")
    assert ("You withdrew" in page) == (reason == "withdrawn")


def test_a_plan_that_is_not_sold_any_more_and_one_who_reads_all_are_led_to_none(till, travel, plan):
    reader = ben()
    cancelled(till, travel, reader, plan)
    gift = bought(till, plan)
    Plan.objects.update(on_sale=False)
    page = text(browser(reader).get("/account/"))
    assert "<strong>Quarterly</strong> ended on " in page
    assert "again</a>" not in page
    Plan.objects.update(on_sale=True)
    redeemed(gift, reader)
    page = text(browser(reader).get("/account/"))
    assert "A gift." in page
    assert "again</a>" not in page


def test_whoever_never_had_one_or_has_one_is_told_of_no_end(till, travel, plan):
    reader = ben()
    assert " ended on " not in text(browser(reader).get("/account/"))
    refunded(till, travel, reader, plan)
    buy(till, reader, plan, GOOD)
    assert " ended on " not in text(browser(reader).get("/account/"))


def test_what_was_paid_twice_is_not_the_last_one(till, travel, plan):
    reader = ben()
    cancelled(till, travel, reader, plan)
    Subscription.objects.update(end_reason=Subscription.DUPLICATE)
    assert " ended on " not in text(browser(reader).get("/account/"))


def test_every_invoice_is_reached(till, travel, plan, monkeypatch):
    monkeypatch.setattr(reads, "MOST_INVOICES", 2)
    reader = ben()
    buy(till, reader, plan)
    for day in (0, 93):
        worked(till, travel, day)
        page = text(browser(reader).get("/account/"))
        assert page.count('<a href="/account/invoices/') == 4
    assert '<a href="/account/?invoices=all#invoices">All 3 invoices and credit notes</a>' in page
    page = text(browser(reader).get("/account/?invoices=all"))
    assert page.count('<a href="/account/invoices/') == 6
    assert "invoices=all" not in page
