import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import DAY, GOOD, order


def test_an_order_becomes_an_open_agreement(client):
    hosted = client.open_checkout(order())
    standing = client.look_up(hosted.ref)
    assert (standing.state, standing.key, standing.url) == ("open", "o1", hosted.url)
    assert (standing.amount, standing.currency) == (90000, "INR")
    assert (standing.interval, standing.started_at) == (Interval("month", 3), None)
    assert (standing.charges, standing.refunds, standing.pay_url) == ((), (), "")


def test_the_same_key_is_the_same_agreement(client, control):
    assert client.open_checkout(order()) == client.open_checkout(order())
    assert len(control.get("agreements")["agreements"]) == 1


@pytest.mark.parametrize(
    "change", [{"amount": 90001}, {"currency": "EUR"}, {"interval": Interval("month", 1)}]
)
def test_the_same_key_with_another_content_is_refused(direct, change):
    direct.open_checkout(order())
    with pytest.raises(GatewayRefused, match="another order"):
        direct.open_checkout(order(**change))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": 0}, "no amount"),
        ({"amount": -900}, "no amount"),
        ({"currency": "XYZ"}, "no currency"),
        ({"zone": "Asia/Nowhere"}, "no time zone"),
        ({"return_url": "javascript:alert(1)"}, "no address"),
        ({"cancel_url": "http://a.example/\r\nSet-Cookie: a=b"}, "no address"),
        ({"key": " "}, "no key"),
    ],
)
def test_an_order_nobody_could_pay_is_refused(client, control, change, sentence):
    with pytest.raises(GatewayRefused, match=sentence):
        client.open_checkout(order(**change))
    assert control.get("agreements")["agreements"] == []


def test_an_order_closes_the_open_one_it_replaces(direct):
    first = direct.open_checkout(order())
    second = direct.open_checkout(order("o2", amount=270000, replaces=first.ref))
    assert direct.look_up(first.ref).state == "closed"
    assert direct.look_up(second.ref).state == "open"
    again = direct.open_checkout(order("o2", amount=270000, replaces=first.ref))
    assert again == second


def test_a_paid_one_is_not_replaced(direct):
    first = direct.open_checkout(order())
    direct.pay(first.ref, GOOD)
    with pytest.raises(GatewayRefused, match="has been paid"):
        direct.open_checkout(order("o2", replaces=first.ref))
    assert direct.look_up(first.ref).state == "active"


def test_an_open_agreement_expires_after_a_day(direct, gateway):
    hosted = direct.open_checkout(order())
    gateway.advance(DAY - 60)
    assert direct.look_up(hosted.ref).state == "open"
    gateway.advance(61)
    assert direct.look_up(hosted.ref).state == "closed"
    assert direct.pay(hosted.ref, GOOD).kind == "too_late"
    assert direct.look_up(hosted.ref).charges == ()


def test_an_unknown_agreement_is_refused(client):
    for ref in ("agr_nobody", "../control/clock", ""):
        with pytest.raises(GatewayRefused):
            client.look_up(ref)
