from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.providers.fakepay.mandates import revoke
from broadsheet.ledger.tests.fakepay.cast import DAY, DECLINED, GOOD, PAYS_ONCE, order

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def monthly(direct, gateway):
    """A paid monthly agreement from 31 January 2024, the clock standing."""

    def begin(day=31, number=GOOD):
        gateway.stop_clock(datetime(2024, 1, day, 20, 15, tzinfo=KOLKATA))
        hosted = direct.open_checkout(order(interval=Interval("month", 1)))
        direct.pay(hosted.ref, number)
        return hosted.ref

    return begin


def states(direct, ref):
    return [charge.paid for charge in direct.look_up(ref).charges]


@pytest.mark.parametrize("day", [29, 30, 31])
def test_two_years_of_months_do_not_drift(direct, gateway, monthly, day):
    ref = monthly(day)
    gateway.set_clock(datetime(2026, 1, day, 20, 15, tzinfo=KOLKATA))
    charges = direct.look_up(ref).charges
    local = [charge.at.astimezone(KOLKATA) for charge in charges]
    assert [charge.number for charge in charges] == list(range(25))
    assert {(at.hour, at.minute) for at in local} == {(20, 15)}
    ends = [29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31]
    assert [at.day for at in local[1:22]] == [min(day, end) for end in ends]


def test_small_steps_and_one_leap_come_to_the_same(direct, gateway, monthly):
    ref = monthly()
    for _ in range(100):
        gateway.advance(DAY)
    charges = direct.look_up(ref).charges
    assert [c.at.astimezone(KOLKATA).strftime("%m-%d") for c in charges] == [
        "01-31", "02-29", "03-31", "04-30",
    ]  # fmt: skip


def test_case_54_a_failed_renewal_is_tried_three_more_times_then_it_ends(direct, gateway, monthly):
    ref = monthly(number=PAYS_ONCE)
    gateway.set_clock(datetime(2024, 3, 1, 0, 0, tzinfo=KOLKATA))
    standing = direct.look_up(ref)
    assert (standing.state, standing.pay_url) == ("past_due", standing.url)
    gateway.set_clock(datetime(2024, 6, 1, tzinfo=UTC))
    standing = direct.look_up(ref)
    failed = [charge for charge in standing.charges if not charge.paid]
    assert (standing.state, standing.pay_url) == ("ended", "")
    assert [charge.number for charge in failed] == [1, 1, 1, 1]
    assert [charge.at - failed[0].at for charge in failed] == [timedelta(days=n) for n in range(4)]


def test_a_retry_may_recover_it_and_the_anchor_stays(direct, gateway, monthly):
    ref = monthly(number=PAYS_ONCE)
    gateway.set_clock(datetime(2024, 3, 1, 0, 0, tzinfo=KOLKATA))
    gateway.set_card(ref, read_number(GOOD))
    gateway.set_clock(datetime(2024, 4, 1, 0, 0, tzinfo=KOLKATA))
    standing = direct.look_up(ref)
    assert standing.state == "active"
    assert states(direct, ref) == [True, False, True, True]
    assert standing.charges[2].at - standing.charges[1].at == timedelta(days=1)
    assert standing.charges[3].at.astimezone(KOLKATA).day == 31


def test_an_outstanding_period_is_paid_with_another_card(direct, gateway, monthly):
    ref = monthly(number=PAYS_ONCE)
    gateway.set_clock(datetime(2024, 3, 1, 0, 0, tzinfo=KOLKATA))
    assert direct.pay(ref, DECLINED).kind == "failed"
    assert direct.look_up(ref).state == "past_due"
    assert direct.pay(ref, "5555 5555 5555 4444").kind == "paid"
    assert direct.pay(ref, GOOD).kind == "settled"
    gateway.set_clock(datetime(2024, 4, 1, 0, 0, tzinfo=KOLKATA))
    standing = direct.look_up(ref)
    assert standing.state == "active"
    assert [(c.number, c.paid) for c in standing.charges] == [
        (0, True), (1, False), (1, False), (1, True), (2, True),
    ]  # fmt: skip
    assert standing.charges[-1].card == "•••• 4444"


def test_without_renewal_it_ends_with_its_period(direct, gateway, monthly):
    ref = monthly()
    direct.set_renewal(ref, renews=False)
    direct.set_renewal(ref, renews=False)
    gateway.set_clock(datetime(2024, 2, 29, 20, 14, tzinfo=KOLKATA))
    assert (direct.look_up(ref).state, direct.look_up(ref).renews) == ("active", False)
    gateway.advance(60)
    assert direct.look_up(ref).state == "ended"
    assert states(direct, ref) == [True]
    direct.set_renewal(ref, renews=False)
    with pytest.raises(GatewayRefused, match="ended"):
        direct.set_renewal(ref, renews=True)


def test_renewal_can_be_taken_up_again_before_the_end(direct, gateway, monthly):
    ref = monthly()
    direct.set_renewal(ref, renews=False)
    direct.set_renewal(ref, renews=True)
    gateway.set_clock(datetime(2024, 3, 1, 0, 0, tzinfo=KOLKATA))
    assert states(direct, ref) == [True, True]


def test_stopping_while_a_charge_is_outstanding_ends_it_at_once(direct, gateway, monthly):
    ref = monthly(number=PAYS_ONCE)
    gateway.set_clock(datetime(2024, 3, 1, 0, 0, tzinfo=KOLKATA))
    direct.set_renewal(ref, renews=False)
    assert direct.look_up(ref).state == "ended"
    gateway.advance(60 * DAY)
    assert states(direct, ref) == [True, False]


def test_an_unpaid_agreement_has_nothing_to_renew(direct):
    ref = direct.open_checkout(order()).ref
    with pytest.raises(GatewayRefused, match="open"):
        direct.set_renewal(ref, renews=False)


def test_days_shorter_than_the_retries_are_caught_up_with(direct, gateway):
    gateway.stop_clock(datetime(2024, 1, 1, tzinfo=UTC))
    ref = direct.open_checkout(order(interval=Interval("day", 1))).ref
    direct.pay(ref, PAYS_ONCE)
    gateway.advance(2.5 * DAY)
    direct.pay(ref, GOOD)
    gateway.advance(DAY)
    paid = [charge for charge in direct.look_up(ref).charges if charge.paid]
    assert [charge.number for charge in paid] == [0, 1, 2, 3]
    assert sorted(charge.at for charge in paid) == [charge.at for charge in paid]


def test_case_55_after_a_revoked_mandate_one_charge_fails_and_none_is_tried_again(
    direct, gateway, monthly
):
    ref = monthly()
    revoke(gateway, ref)
    assert direct.look_up(ref).state == "active"
    gateway.advance(60 * DAY)
    standing = direct.look_up(ref)
    assert (standing.state, standing.renews, standing.pay_url) == ("ended", True, "")
    paid, failed = standing.charges
    assert paid.paid and not failed.paid
    assert "revoked at the bank" in failed.problem
    kinds = [row["kind"] for row in gateway.book.rows("SELECT kind FROM event ORDER BY serial")]
    assert kinds == ["agreement.paid", "mandate.revoked", "charge.failed", "agreement.ended"]


def test_another_card_is_another_mandate(direct, gateway, monthly):
    ref = monthly()
    revoke(gateway, ref)
    gateway.set_card(ref, read_number(GOOD))
    gateway.advance(30 * DAY)
    assert states(direct, ref) == [True, True]


def test_nothing_is_revoked_where_nothing_was_agreed(direct, gateway):
    hosted = direct.open_checkout(order())
    with pytest.raises(GatewayRefused):
        revoke(gateway, hosted.ref)
