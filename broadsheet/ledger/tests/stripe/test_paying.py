"""A checkout at Stripe, paid and not, as the provider tells of it."""

from broadsheet.ledger.tests.fakepay.cast import order


def test_a_checkout_is_opened_and_paid(server, client):
    hosted = client.open_checkout(order())
    assert hosted.url.startswith("https://checkout.stripe.example/")
    before = client.look_up(hosted.ref)
    assert (before.state, before.key, before.amount, before.currency) == (
        "open",
        "o1",
        90000,
        "INR",
    )
    assert server.pay(hosted.ref)
    after = client.look_up(hosted.ref)
    assert (after.state, after.amount, after.interval, after.base) == (
        "active", 90000, order().interval, 0,
    )  # fmt: skip
    (charge,) = after.charges
    assert (charge.number, charge.amount, charge.paid, charge.card, charge.fee) == (
        0, 90000, True, "•••• 4242", 2610,
    )  # fmt: skip
    assert after.started_at == charge.at
