"""What Razorpay's lists come to: links and mandates, other shops on the account, lost pages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.razorpay import listing
from broadsheet.ledger.tests.razorpay import knobs
from broadsheet.ledger.tests.razorpay.conftest import BEGIN

WEEK = timedelta(days=7)


def pages(provider, since):
    cursor = ""
    while True:
        page = provider.list_since(since, cursor)
        yield page
        cursor = page.cursor
        if not cursor:
            return


def listed(provider, since):
    return {row.ref for page in pages(provider, since) for row in page.rows}


def week_later(account, travel):
    travel.shift(WEEK)
    account.advance((BEGIN + WEEK).timestamp())
    return BEGIN + WEEK


def test_a_payment_link_is_there_when_it_is_opened_paid_or_given_back(
    provider, account, order, travel
):
    link = provider.open_checkout(replace(order, renews=False)).ref
    assert listed(provider, BEGIN) == {link}
    knobs.pay(account, link)
    payment = account.of("payment")[0]["id"]
    later = week_later(account, travel)
    assert listed(provider, later) == set()
    knobs.give_back(account, payment, 90000)
    assert listed(provider, later) == {link}


@pytest.mark.parametrize("act", [knobs.revoke, knobs.pause])
def test_a_mandate_that_its_reader_ends_in_the_app_is_there(provider, account, order, travel, act):
    ref, other = (provider.open_checkout(replace(order, key=k * 20)).ref for k in "ab")
    knobs.pay(account, ref, "upi")
    knobs.pay(account, other, "upi")
    later = week_later(account, travel)
    act(account, ref)
    assert listed(provider, later) == {ref}


def test_what_other_shops_sell_on_the_account_is_left_out(provider, account, order):
    ours = provider.open_checkout(order).ref
    knobs.pay(account, ours)
    foreign = account.payment("order_x", 500, "INR", "upi")
    knobs.give_back(account, foreign["id"], 100)
    knobs.dispute(account, foreign["id"])
    plan = account.of("plan")[0]
    account.new("subscription", plan_id=plan["id"], status="active", notes=[])
    assert listed(provider, BEGIN) == {ours}


def test_a_list_that_begins_anew_instead_of_going_on_is_left(provider, account, order, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 1)
    link = provider.open_checkout(replace(order, renews=False)).ref
    first = provider.list_since(BEGIN)
    asked = first.cursor.split("-")[2]
    again = provider.list_since(BEGIN, f"payment_link-0-{asked}-{link}")
    assert (again.rows, again.cursor.split("-")[0]) == ((), "payment")
    assert sum(1 for _page in pages(provider, BEGIN)) < 10


def test_a_page_that_was_lost_is_asked_for_again_with_its_cursor(provider, account, server, order):
    ref = provider.open_checkout(order).ref
    knobs.pay(account, ref)
    first = provider.list_since(BEGIN)
    server.trouble["GET payment_links"] = "before"
    with pytest.raises(GatewaySilent):
        provider.list_since(BEGIN, first.cursor)
    assert provider.list_since(BEGIN, first.cursor).cursor
