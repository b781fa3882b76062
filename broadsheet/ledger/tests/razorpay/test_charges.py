"""What Razorpay tells of a subscription's life, as charges of our periods."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Change, GatewayRefused, GatewaySilent
from broadsheet.ledger.tests.razorpay import knobs
from broadsheet.ledger.tests.razorpay.account import DAY

YEAR = 366 * DAY


@pytest.fixture
def ref(provider, account, order):
    """A monthly subscription that was paid on 31 March."""
    monthly = replace(order, interval=Interval("month", 1))
    ref = provider.open_checkout(monthly).ref
    knobs.pay(account, ref)
    return ref


def numbers(standing):
    return [(charge.number, charge.paid) for charge in standing.charges]


def test_the_first_charge_begins_period_0_and_says_what_the_gateway_keeps(provider, account, ref):
    standing = provider.look_up(ref)
    (charge,) = standing.charges
    assert standing.state == "active" and standing.started_at == charge.at
    assert (charge.number, charge.amount, charge.currency) == (0, 90000, "INR")
    assert charge.fee == account.get(charge.ref)["fee"] == 2124, "its tax is inside"
    assert charge.card == "Visa 1111"


def test_case_17_periods_are_counted_from_an_anchor_on_the_31st(provider, account, ref):
    account.advance(account.now + YEAR)
    standing = provider.look_up(ref)
    assert numbers(standing) == [(n, True) for n in range(13)]
    days = [charge.at.astimezone(UTC).day for charge in standing.charges]
    assert len(set(days)) > 1, "February has no 31st"


@pytest.mark.parametrize(
    "interval",
    [Interval("day", 7), Interval("week", 2), Interval("month", 12), Interval("year", 1)],
)
def test_every_interval_counts_its_periods(provider, account, order, interval):
    hosted = provider.open_checkout(replace(order, interval=interval))
    knobs.pay(account, hosted.ref, "upi")
    account.advance(account.now + 3 * YEAR)
    standing = provider.look_up(hosted.ref)
    assert standing.interval == interval
    assert [n for n, _paid in numbers(standing)] == list(range(len(standing.charges)))
    assert standing.charges[0].card == "UPI"


def test_a_failed_renewal_is_past_due_with_a_page_and_paid_on_the_third_day(provider, account, ref):
    knobs.decline(account, ref)
    account.advance(account.get(ref)["charge_at"] + DAY)
    standing = provider.look_up(ref)
    assert standing.state == "past_due" and standing.pay_url == account.get(ref)["short_url"]
    assert numbers(standing) == [(0, True), (1, False), (1, False)]
    assert standing.charges[-1].problem == "Your payment was declined for want of money."
    knobs.decline(account, ref, "")
    account.advance(account.now + DAY)
    standing = provider.look_up(ref)
    assert numbers(standing) == [(0, True), (1, False), (1, False), (1, True)]
    assert (standing.state, standing.pay_url) == ("active", "")


def test_case_56_active_again_after_halted_charges_no_old_cycle(provider, account, ref):
    knobs.halt(account, ref)
    standing = provider.look_up(ref)
    assert (standing.state, standing.renews, standing.pay_url) == ("ended", True, "")
    account.advance(account.now + 45 * DAY)
    knobs.change_card(account, ref)
    account.advance(account.now + 45 * DAY)
    standing = provider.look_up(ref)
    paid = [number for number, is_paid in numbers(standing) if is_paid]
    assert paid == [0, 3, 4], "cycles that went by are charged no more"
    assert standing.state == "active"


@pytest.mark.parametrize("stop", [knobs.revoke, knobs.pause])
def test_case_55_a_mandate_revoked_or_paused_in_the_app_renews_no_more(
    provider, account, ref, stop
):
    stop(account, ref)
    standing = provider.look_up(ref)
    assert (standing.state, standing.renews) == ("ended", False)
    account.advance(account.now + YEAR)
    assert numbers(provider.look_up(ref)) == [(0, True)]


def test_stopping_ends_the_mandate_and_cannot_be_taken_back(provider, account, ref):
    provider.set_renewal(ref, renews=True)
    assert provider.look_up(ref).renews
    for _twice in range(2):
        provider.set_renewal(ref, renews=False)
    standing = provider.look_up(ref)
    assert (standing.state, standing.renews) == ("ended", False)
    with pytest.raises(GatewayRefused) as refused:
        provider.set_renewal(ref, renews=True)
    assert "Subscribe again" in refused.value.remedy


def test_a_checkout_left_or_expired_is_closed(provider, account, order):
    hosted = provider.open_checkout(order)
    account.get(hosted.ref)["status"] = "expired"
    assert provider.look_up(hosted.ref).state == "closed"


def test_after_ten_years_it_is_completed(provider, account, order):
    yearly = replace(order, interval=Interval("year", 1))
    ref = provider.open_checkout(yearly).ref
    knobs.pay(account, ref)
    account.advance(account.now + 11 * YEAR)
    standing = provider.look_up(ref)
    assert len(standing.charges) == 10 and (standing.state, standing.renews) == ("ended", False)


def test_a_refund_is_made_once_for_its_key(provider, server, account, ref):
    charge = provider.look_up(ref).charges[0].ref
    server.trouble["POST /refund"] = "after"
    with pytest.raises(GatewaySilent):
        provider.refund(charge, 30000, key="refund-key-1")
    for _again in range(2):
        provider.refund(charge, 30000, key="refund-key-1")
    provider.refund(charge, 60000, key="k2")
    assert [r.amount for r in provider.look_up(ref).refunds] == [30000, 60000]
    with pytest.raises(GatewayRefused):
        provider.refund(charge, 1, key="refund-key-3")


def test_a_refund_that_failed_is_told_when_it_is_asked_for_again(provider, account, ref):
    charge = provider.look_up(ref).charges[0].ref
    provider.refund(charge, 30000, key="refund-key-1")
    account.of("refund")[0]["status"] = "failed"
    with pytest.raises(GatewayRefused) as refused:
        provider.refund(charge, 30000, key="refund-key-1")
    assert "another way" in refused.value.remedy


def test_a_refund_by_hand_is_heard_of_and_one_under_way_counts_when_it_went(provider, account, ref):
    charge = provider.look_up(ref).charges[0].ref
    refund = knobs.give_back(account, charge, 90000, status="pending")
    standing = provider.look_up(ref)
    assert standing.refunds == () and standing.charges[0].paid
    refund["status"] = "processed"
    assert [(r.ref, r.charge) for r in provider.look_up(ref).refunds] == [(refund["id"], charge)]


@pytest.mark.parametrize("renews", [True, False])
def test_what_was_paid_twice_and_given_back_at_once_is_one_charge(provider, account, order, renews):
    ref = provider.open_checkout(replace(order, renews=renews)).ref
    knobs.pay(account, ref)
    charge = provider.look_up(ref).charges[0].ref
    knobs.pay_twice(account, charge)
    standing = provider.look_up(ref)
    assert [(c.ref, c.number) for c in standing.charges] == [(charge, 0)]
    assert standing.refunds == ()
    provider.refund(charge, 90000, key="refund-key-1")
    assert provider.look_up(ref).charges[0].paid, "what we give back was paid"


@pytest.mark.parametrize(("status", "state"), [("won", "won"), ("lost", "lost"), ("closed", "won")])
def test_a_dispute_is_open_until_it_is_decided(provider, account, ref, status, state):
    charge = provider.look_up(ref).charges[0].ref
    other = account.payment("order_shop", 5000, "INR", "card")
    knobs.dispute(account, other["id"])
    knobs.dispute(account, charge, phase="retrieval")
    found = knobs.dispute(account, charge)
    (told,) = provider.look_up(ref).disputes
    assert (told.ref, told.charge, told.amount, told.state) == (found["id"], charge, 90000, "open")
    knobs.decide(account, found["id"], status)
    (told,) = provider.look_up(ref).disputes
    assert (told.state, told.ended_at) == (state, None), "it does not say when"


def test_a_payment_and_its_invoice_lead_to_the_checkout(provider, account, ref, order):
    paid = account.get(provider.look_up(ref).charges[0].ref)
    link = provider.open_checkout(replace(order, key="once-0123456789", renews=False)).ref
    knobs.pay(account, link)
    bought = account.get(link)["payments"][0]["payment_id"]
    for part, owner in ((paid["id"], ref), (paid["invoice_id"], ref), (bought, link)):
        assert provider.look_up(part).ref == owner


def test_case_57_terms_cannot_be_changed_nor_a_pause_be_made(provider, ref):
    change = Change(
        "change-key", 1, 100, Interval("month", 1), "Other", 0, at_once=False,
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert provider.can == {"once", "trial"}
    for call in (
        lambda: provider.change(ref, change),
        lambda: provider.pause(ref, number=1, until=datetime(2027, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(GatewayRefused) as refused:
            call()
        assert refused.value.remedy
    provider.drop_change(ref, "change-key")
