import pytest

from broadsheet.ledger.providers.fakepay.clock import Clock
from broadsheet.ledger.tests.fakepay.cast import DAY, DECLINED, fill_in, order
from tests.waiting import wait_until


@pytest.fixture
def hosted(client):
    return client.open_checkout(order())


def settled(control):
    """Nothing waits any more."""
    return not any(entry["waiting"] for entry in control.get("deliveries")["deliveries"])


def test_every_change_is_told(client, control, receiver, hosted):
    fill_in(hosted.url, DECLINED)
    fill_in(hosted.url)
    client.set_renewal(hosted.ref, renews=False)
    client.set_renewal(hosted.ref, renews=True)
    control.post("clock", advance=100 * DAY)
    client.refund(client.look_up(hosted.ref).charges[-1].ref, 100, key="r1")
    client.set_renewal(hosted.ref, renews=False)
    control.post("clock", advance=100 * DAY)
    wait_until(lambda: settled(control))
    assert receiver.kinds(hosted.ref) == [
        "charge.failed", "agreement.paid", "renewal.stopped", "renewal.resumed", "charge.paid",
        "refund.made", "renewal.stopped", "agreement.ended",
    ]  # fmt: skip


def test_the_server_charges_by_itself_when_time_has_come(server, receiver, hosted):
    fill_in(hosted.url)
    server.gateway.book.keep("clock", Clock(offset=100 * DAY).text())
    wait_until(lambda: receiver.kinds(hosted.ref) == ["agreement.paid", "charge.paid"])


def test_one_that_is_not_taken_is_tried_again(control, receiver, hosted):
    receiver.status = 500
    fill_in(hosted.url)
    wait_until(lambda: len(receiver.seen) >= 1)
    receiver.status = 200
    wait_until(lambda: settled(control))
    first, second = receiver.seen
    assert first == second


def test_one_arrives_before_the_payer_is_back(client, control, receiver, hosted):
    control.post("webhooks", mode="first")
    seen = []
    receiver.on_event = lambda told: seen.append(client.look_up(told.ref).state)
    fill_in(hosted.url)
    assert receiver.kinds(hosted.ref) == ["agreement.paid"]
    assert seen == ["active"]


def test_one_arrives_twice(control, receiver, hosted):
    control.post("webhooks", mode="twice")
    fill_in(hosted.url)
    wait_until(lambda: settled(control))
    first, second = receiver.seen
    assert first == second


def test_one_never_arrives_even_later(control, receiver, hosted):
    control.post("webhooks", mode="never")
    fill_in(hosted.url)
    control.post("webhooks", mode="normal")
    wait_until(lambda: settled(control))
    (entry,) = control.get("deliveries")["deliveries"]
    assert (entry["tries"], entry["outcome"], receiver.seen) == (0, "never sent", [])


def test_held_ones_arrive_when_they_are_let_go(control, receiver, hosted):
    control.post("webhooks", mode="held")
    fill_in(hosted.url)
    (entry,) = control.get("deliveries")["deliveries"]
    assert (entry["waiting"], receiver.seen) == (1, [])
    control.post("webhooks", mode="normal")
    wait_until(lambda: receiver.kinds(hosted.ref) == ["agreement.paid"])


def test_held_ones_arrive_newest_first(client, control, receiver, hosted):
    control.post("webhooks", mode="held")
    fill_in(hosted.url)
    client.set_renewal(hosted.ref, renews=False)
    client.set_renewal(hosted.ref, renews=True)
    control.post("webhooks", mode="reversed")
    wait_until(lambda: settled(control))
    assert receiver.kinds(hosted.ref) == ["renewal.resumed", "renewal.stopped", "agreement.paid"]


def test_one_is_signed_wrongly_and_then_rightly(control, receiver, hosted):
    control.post("webhooks", mode="missigned")
    fill_in(hosted.url)
    wait_until(lambda: settled(control))
    (told,) = receiver.seen
    assert receiver.refused == [told.event]
    (entry,) = control.get("deliveries")["deliveries"]
    assert (entry["tries"], entry["outcome"]) == (2, "200")


def test_a_revoked_mandate_is_told_and_so_is_the_charge_that_fails_for_it(
    client, control, receiver, hosted
):
    fill_in(hosted.url)
    control.post(f"agreements/{hosted.ref}/revoke")
    control.post("clock", advance=100 * DAY)
    wait_until(lambda: settled(control))
    assert receiver.kinds(hosted.ref) == [
        "agreement.paid", "mandate.revoked", "charge.failed", "agreement.ended",
    ]  # fmt: skip
    assert "revoked at the bank" in client.look_up(hosted.ref).charges[-1].problem
