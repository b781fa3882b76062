import pytest

from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent
from broadsheet.ledger.tests.fakepay.cast import DECLINED, fill_in, order


@pytest.fixture
def hosted(client):
    return client.open_checkout(order())


@pytest.fixture
def charge(client, hosted):
    fill_in(hosted.url)
    return client.look_up(hosted.ref).charges[0].ref


def test_a_refund_is_in_the_standing(client, hosted, charge):
    client.refund(charge, 30000, key="r1")
    client.refund(charge, 60000, key="r2")
    refunds = client.look_up(hosted.ref).refunds
    assert [(refund.charge, refund.amount) for refund in refunds] == [
        (charge, 30000), (charge, 60000),
    ]  # fmt: skip


def test_the_same_key_gives_nothing_more(client, hosted, charge):
    for _ in range(3):
        client.refund(charge, 30000, key="r1")
    assert len(client.look_up(hosted.ref).refunds) == 1


def test_the_same_key_for_something_else_is_refused(client, charge):
    client.refund(charge, 30000, key="r1")
    with pytest.raises(GatewayRefused, match="another refund"):
        client.refund(charge, 30001, key="r1")


def test_more_than_is_left_is_refused(client, hosted, charge):
    client.refund(charge, 30000, key="r1")
    with pytest.raises(GatewayRefused, match="Only 60000 is left"):
        client.refund(charge, 60001, key="r2")
    assert len(client.look_up(hosted.ref).refunds) == 1


@pytest.mark.parametrize("amount", [0, -1])
def test_no_amount_is_refused(client, charge, amount):
    with pytest.raises(GatewayRefused):
        client.refund(charge, amount, key="r1")


def test_a_failed_charge_has_nothing_to_give_back(client, hosted):
    fill_in(hosted.url, DECLINED)
    charge = client.look_up(hosted.ref).charges[0].ref
    with pytest.raises(GatewayRefused, match="Only 0"):
        client.refund(charge, 1, key="r1")


def test_an_unknown_charge_is_refused(client):
    with pytest.raises(GatewayRefused, match="no charge"):
        client.refund("chg_nobody", 1, key="r1")


def test_a_refund_whose_answer_was_lost_is_asked_again(client, hosted, charge, control):
    control.post("fault", mode="silent_after_charge")
    with pytest.raises(GatewaySilent):
        client.refund(charge, 30000, key="r1")
    client.refund(charge, 30000, key="r1")
    assert len(client.look_up(hosted.ref).refunds) == 1


def test_a_checkout_whose_answer_was_lost_is_asked_again(client, control):
    control.post("fault", mode="silent_after_charge")
    with pytest.raises(GatewaySilent):
        client.open_checkout(order("lost"))
    client.open_checkout(order("lost"))
    assert len(control.get("agreements")["agreements"]) == 1
