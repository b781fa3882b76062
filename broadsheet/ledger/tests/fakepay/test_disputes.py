"""What the gateway keeps, and charges that a payer's bank takes back."""

import pytest

from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import DECLINED, fill_in, order


@pytest.fixture
def hosted(client):
    return client.open_checkout(order())


def charged(client, hosted):
    fill_in(hosted.url)
    return client.look_up(hosted.ref).charges[0]


def test_a_share_of_each_charge_is_kept_rounded_up(client, control, hosted):
    control.post("fee", rate=237)
    assert charged(client, hosted).fee == 2133
    control.post("fee", rate=0)
    other = client.open_checkout(order("another"))
    assert charged(client, other).fee == 0
    assert client.look_up(hosted.ref).charges[0].fee == 2133


def test_nothing_is_kept_of_a_charge_that_failed(client, control, hosted):
    control.post("fee", rate=200)
    fill_in(hosted.url, DECLINED)
    assert [charge.fee for charge in client.look_up(hosted.ref).charges] == [0]


def test_a_dispute_takes_what_is_left_and_ends_once(client, control, hosted):
    charge = charged(client, hosted)
    client.refund(charge.ref, 30000, key="r1")
    ref = control.post(f"charges/{charge.ref}/dispute", fee=1500)["dispute"]
    found = client.look_up(hosted.ref).disputes[0]
    assert (found.ref, found.charge, found.amount) == (ref, charge.ref, 60000)
    assert (found.state, found.ended_at, found.fee) == ("open", None, 1500)
    with pytest.raises(GatewayRefused, match="Only 0 is left"):
        client.refund(charge.ref, 1, key="r2")
    control.post(f"disputes/{ref}", outcome="lost")
    found = client.look_up(hosted.ref).disputes[0]
    assert (found.state, found.ended_at >= found.at) == ("lost", True)
    kinds = [event["type"] for event in control.get("deliveries")["deliveries"]]
    assert kinds[-2:] == ["dispute.opened", "dispute.lost"]


def test_what_was_won_can_be_given_back(client, control, hosted):
    charge = charged(client, hosted)
    ref = control.post(f"charges/{charge.ref}/dispute")["dispute"]
    control.post(f"disputes/{ref}", outcome="won")
    client.refund(charge.ref, 90000, key="r1")
    assert client.look_up(hosted.ref).refunds[0].amount == 90000
