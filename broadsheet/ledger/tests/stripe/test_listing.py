"""What Stripe's events come to on an account that others use too, and where they end."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe
import time_machine

from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.ledger.providers.stripe import listing
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.stripe import paying


@pytest.fixture
def now(server):
    moment = datetime.fromtimestamp(server.world.now, UTC)
    with time_machine.travel(moment, tick=False):
        yield moment


def listed(client, since, cursor=""):
    while True:
        page = client.list_since(since, cursor)
        yield from page.rows
        cursor = page.cursor
        if not cursor:
            return


def foreign_charge(world):
    """Somebody else's customer pays on the same account."""
    other = world.add(stripe.Customer, "cus")
    world.announce("customer.created", other)
    world.cards[other["id"]] = "good"
    wanted = paying.intent(world, other["id"], 500, "inr", {})
    assert paying.take(world, wanted, present=True)
    return world.all("charge", customer=other["id"])[0]


def test_what_other_shops_sell_on_the_account_is_left_out(server, client, now):
    hosted = client.open_checkout(order())
    server.pay(hosted.ref)
    charge = foreign_charge(server.world)
    paying.refund(server.world, charge, 100, {})
    paying.open_dispute(server.world, charge)
    assert {(row.ref, row.key) for row in listed(client, now)} == {(hosted.ref, "o1")}


def test_a_dispute_names_its_charge_alone_and_is_found_by_it(server, client, now):
    hosted = client.open_checkout(order())
    server.pay(hosted.ref)
    later = now + timedelta(days=3)
    server.move_to(later)
    paying.open_dispute(server.world, server.world.all("charge")[0])
    assert [(row.ref, row.key) for row in listed(client, later)] == [(hosted.ref, "o1")]


def test_a_page_asks_for_no_customer_whose_key_it_has_read(server, client, now):
    hosted = client.open_checkout(order())
    server.pay(hosted.ref)
    server.seen.clear()
    client.list_since(now)
    assert server.seen == [("GET", "events")]


def test_a_place_that_fell_out_of_the_30_days_is_the_end(server, client, now, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 1)
    client.open_checkout(order())
    first = client.list_since(now)
    assert first.cursor
    late = now + timedelta(days=31)
    server.move_to(late)
    with time_machine.travel(late, tick=False):
        assert client.list_since(now, first.cursor) == listing.Listing(())
        with pytest.raises(GatewayRefused):
            client.list_since(late - timedelta(days=1), first.cursor)


def test_an_event_that_cannot_be_read_is_silence(server, client, now):
    client.open_checkout(order())
    server.world.events[-1]["data"] = None
    with pytest.raises(GatewaySilent):
        client.list_since(now)
