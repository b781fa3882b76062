"""Stripe does not answer, fails, or says no; and what is said of that."""

from urllib.parse import urlsplit

import pytest

from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.ledger.providers.stripe import Stripe, connect, described
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.stripe.world import KEY, SECRET


@pytest.fixture
def hasty(server):
    """One that tries once only."""
    made = Stripe(server.url, KEY, (SECRET,), seconds=2, tries=1)
    yield made
    made.close()


@pytest.mark.parametrize("fault", ["down", "slow down", "in use", "lost", "garbage"])
def test_a_failure_is_silence_and_the_same_call_goes_through_later(server, hasty, fault):
    server.fault = fault
    with pytest.raises(GatewaySilent):
        hasty.open_checkout(order())
    hosted = hasty.open_checkout(order())
    assert server.pay(hosted.ref)
    assert len(server.world.all("customer")) == len(server.world.all("checkout.session")) == 1
    assert hasty.look_up(hosted.ref).state == "active"


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(server, client):
    server.fault = "lost"
    client.open_checkout(order())
    assert len(server.world.all("customer")) == 1
    assert server.seen.count(("POST", "customers")) == 2, "the SDK tried again by itself"


def test_a_refund_whose_answer_was_lost_is_made_once(server, hasty):
    ref = hasty.open_checkout(order()).ref
    server.pay(ref)
    charge = hasty.look_up(ref).charges[0].ref
    server.fault = "lost"
    with pytest.raises(GatewaySilent):
        hasty.refund(charge, 10000, key="r1")
    server.kept.clear()
    hasty.refund(charge, 10000, key="r1")
    assert [r.amount for r in hasty.look_up(ref).refunds] == [10000], "known by its mark for ever"


def test_nobody_there_is_silence(server):
    gone = Stripe("http://127.0.0.1:9", KEY, (SECRET,), seconds=1, tries=1)
    with pytest.raises(GatewaySilent) as said:
        gone.look_up("cus_1")
    assert KEY not in str(said.value) + repr(said.value.__cause__)


def test_a_wrong_key_is_silence_and_shows_nothing_of_it(server, caplog):
    caplog.set_level("DEBUG")
    wrong = Stripe(server.url, "sk_test_51Wrong", (SECRET,), seconds=2, tries=1)
    with pytest.raises(GatewaySilent) as said:
        wrong.open_checkout(order())
    assert "401" in str(said.value)
    for secret in ("sk_test_51Wrong", SECRET):
        assert secret not in str(said.value) + caplog.text


def test_what_stripe_refuses_is_said_in_its_words(server, hasty):
    ref = hasty.open_checkout(order()).ref
    server.pay(ref)
    charge = hasty.look_up(ref).charges[0].ref
    with pytest.raises(GatewayRefused, match="greater than unrefunded amount"):
        hasty.refund(charge, 90001, key="r1")


def test_an_account_with_many_objects_is_read_to_its_end(server, hasty, monkeypatch):
    monkeypatch.setattr("broadsheet.ledger.providers.stripe.calling.PAGE", 1)
    ref = hasty.open_checkout(order()).ref
    for card in ("declined", "declined", "good"):
        server.pay(ref, card)
    standing = hasty.look_up(ref)
    for amount in (1, 2, 3):
        hasty.refund(standing.charges[-1].ref, amount, key=f"r{amount}")
    assert [refund.amount for refund in hasty.look_up(ref).refunds] == [1, 2, 3]


def test_a_parameter_that_stripe_does_not_know_would_be_found_out(server, hasty):
    with pytest.raises(GatewayRefused, match="unknown parameter"):
        hasty._caller.post("/v1/customers", "k1", colour="red")
    with pytest.raises(GatewayRefused, match="missing"):
        hasty._caller.post("/v1/prices", "k2", unit_amount=1)
    with pytest.raises(GatewayRefused, match="Unrecognized"):
        hasty._caller.get("/v1/nowhere")


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("stripe://sk_test_1:w@", "https://api.stripe.com"),
        ("stripe://sk_test_1:w@api.stripe.com", "https://api.stripe.com"),
        ("stripe://sk_test_1:w@proxy.example:8443", "https://proxy.example:8443"),
        ("stripe://sk_test_1:w@127.0.0.1:12111", "http://127.0.0.1:12111"),
        ("stripe://sk_test_1:w@localhost:1", "http://localhost:1"),
        ("stripe://sk_test_1:w@[::1]:1", "http://[::1]:1"),
    ],
)
def test_without_tls_it_speaks_to_this_machine_only(address, base):
    made = connect(urlsplit(address))
    assert made._caller._client._requestor._options.base_addresses["api"] == base


def test_keys_say_in_which_mode_they_are():
    assert described(urlsplit("stripe://sk_live_1:w@")) == "Stripe, live mode"
    assert (
        described(urlsplit("stripe://rk_test_1:w@127.0.0.1:1")) == "Stripe, test mode at 127.0.0.1"
    )
    for wrong in ("pk_live_1", "whsec_1", "sk_1", "KEY"):
        with pytest.raises(Refusal) as said:
            connect(urlsplit(f"stripe://{wrong}:w@"))
        assert wrong not in str(said.value).replace("sk_live_", "").replace("rk_live_", "")
