"""Another card over Stripe: what Checkout does, and what is ours to do."""

import pytest
import time_machine

from broadsheet.kit.periods import Interval
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.providers.benches import BEGIN, StripeBench
from broadsheet.ledger.tests.providers.test_cards import MID, page
from broadsheet.ledger.tests.stripe import paying


@pytest.fixture
def bench(tmp_path):
    with time_machine.travel(BEGIN, tick=False) as traveller:
        made = StripeBench(tmp_path, traveller)
        yield made
        made.close()


@pytest.fixture
def ref(bench):
    ref = bench.provider.open_checkout(order(interval=Interval("month", 1), amount=30000)).ref
    assert bench.pay(ref)
    bench.move_to(MID)
    return ref


def the(bench, name):
    return bench.server.world.all(name)[0]


def test_the_session_takes_no_money_and_says_whose_it_is(bench, ref):
    page(bench, ref)
    session, setup = the(bench, "checkout.session"), the(bench, "setup_intent")
    assert (session["mode"], session["customer"]) == ("setup", ref)
    assert session["metadata"] == {"broadsheet_order": "o1"}
    assert setup["metadata"] == {
        "broadsheet_order": "o1", "subscription": the(bench, "subscription")["id"],
    }  # fmt: skip


def test_stripe_keeps_the_card_and_we_put_it_in_force_without_any_webhook(bench, ref):
    before = the(bench, "subscription")["default_payment_method"]
    assert bench.change_card(page(bench, ref), "once")
    assert the(bench, "subscription")["default_payment_method"] == before
    assert bench.provider.look_up(ref).card.said == "•••• 0341"
    assert the(bench, "subscription")["default_payment_method"] != before


def test_an_answer_that_got_lost_is_made_up_for(bench, ref):
    assert bench.change_card(page(bench, ref), "once")
    bench.server.fault = "lost"
    assert bench.provider.look_up(ref).card.said == "•••• 0341"


def test_it_is_done_once_and_a_card_of_the_dashboard_stays(bench, ref):
    assert bench.change_card(page(bench, ref), "once")
    bench.provider.look_up(ref)
    world, sub = bench.server.world, the(bench, "subscription")
    paying.charge_later(world, sub, paying.method(world, ref, "good")["id"])
    seen = len(bench.server.seen)
    for _ in range(2):
        assert bench.provider.look_up(ref).card.said == "•••• 4242"
    assert {method for method, _path in bench.server.seen[seen:]} == {"GET"}


def test_a_card_that_was_deleted_there_leaves_the_one_before(bench, ref):
    assert bench.change_card(page(bench, ref), "once")
    del bench.server.world.objects[the(bench, "payment_method")["id"]]
    assert bench.provider.look_up(ref).card.said == "•••• 4242"


def test_a_payment_method_that_is_no_card_is_not_spoken_of(bench, ref):
    kept = the(bench, "payment_method")
    kept |= {"type": "sepa_debit", "card": None}
    assert bench.provider.look_up(ref).card is None
    the(bench, "subscription")["default_payment_method"] = None
    assert bench.provider.look_up(ref).card is None


def test_the_webhooks_say_whose_card_it_was(bench, ref):
    assert bench.change_card(page(bench, ref), "once")
    told = bench.server.world.events[-1]
    assert told["type"] == "checkout.session.completed"
    headers, body = bench.webhook(ref, at=MID.timestamp())
    assert bench.provider.verify(headers, body, now=MID.timestamp()).ref == ref
