"""What every gateway must do with a checkout, its charges and its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import BadSignature, GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.providers.benches import BEGIN

INDIA = ZoneInfo("Asia/Kolkata")
"""Where the orders count: a gateway may charge at any hour of the day."""
MONTHLY = {"interval": Interval("month", 1), "amount": 30000}


def bought(bench, card="good", **facts):
    ref = bench.provider.open_checkout(order(**MONTHLY | facts)).ref
    assert bench.pay(ref, card)
    return ref


def needs_resume(bench):
    if "resume" not in bench.provider.can:
        pytest.skip("What was stopped has ended here: the paper keeps its period open itself.")


def numbers(standing, *, paid=True):
    return [charge.number for charge in standing.charges if charge.paid is paid]


def test_the_same_key_is_the_same_checkout(bench):
    first, again = (bench.provider.open_checkout(order()) for _ in range(2))
    assert first == again
    assert bench.provider.open_checkout(order("o2")).ref != first.ref


@pytest.mark.parametrize(
    "other", [{"amount": 1000}, {"currency": "EUR"}, {"interval": Interval("year", 1)}]
)
def test_a_key_stands_for_one_order(bench, other):
    bench.provider.open_checkout(order())
    with pytest.raises(GatewayRefused):
        bench.provider.open_checkout(order(**other))


def test_wording_may_change_between_two_tries(bench):
    first = bench.provider.open_checkout(order())
    reworded = order(email="new@reader.example", description="Quarterly", language="de")
    assert bench.provider.open_checkout(reworded) == first


def test_a_checkout_nobody_paid_is_open_and_then_closed(bench):
    ref = bench.provider.open_checkout(order()).ref
    standing = bench.provider.look_up(ref)
    assert (standing.ref, standing.key, standing.state, standing.started_at) == (
        ref, "o1", "open", None,
    )  # fmt: skip
    bench.move_to(BEGIN + timedelta(hours=25))
    assert bench.provider.look_up(ref).state == "closed"


def test_a_declined_card_leaves_the_checkout_open_for_another(bench):
    ref = bench.provider.open_checkout(order()).ref
    assert not bench.pay(ref, "declined")
    assert bench.provider.look_up(ref).state == "open"
    assert bench.pay(ref)
    standing = bench.provider.look_up(ref)
    assert (standing.state, numbers(standing)) == ("active", [0])


def test_a_paid_checkout_says_what_was_paid_and_since_when(bench):
    standing = bench.provider.look_up(bought(bench))
    assert (standing.state, standing.renews, standing.pay_url) == ("active", True, "")
    assert (standing.amount, standing.currency, standing.interval) == (
        30000, "INR", Interval("month", 1),
    )  # fmt: skip
    assert (standing.base, standing.terms, standing.pending) == (0, "", None)
    (charge,) = standing.charges
    assert (charge.amount, charge.currency, charge.paid, charge.card) == (
        30000, "INR", True, bench.card_said,
    )  # fmt: skip
    assert standing.started_at == charge.at == BEGIN


def test_a_checkout_takes_the_place_of_another(bench):
    first = bench.provider.open_checkout(order()).ref
    second = bench.provider.open_checkout(order("o2", replaces=first)).ref
    assert bench.provider.look_up(first).state == "closed"
    assert not bench.pay(first)
    assert bench.provider.open_checkout(order("o2", replaces=first)).ref == second


def test_a_paid_checkout_gives_its_place_to_none(bench):
    first = bought(bench)
    with pytest.raises(GatewayRefused):
        bench.provider.open_checkout(order("o2", replaces=first))


def test_periods_are_charged_from_the_anchor(bench):
    ref = bought(bench)
    for day in (datetime(2026, 2, 28, 12), datetime(2026, 3, 31, 12), datetime(2026, 4, 30, 12)):
        bench.move_to(day.replace(tzinfo=UTC))
    standing = bench.provider.look_up(ref)
    assert numbers(standing) == [0, 1, 2, 3]
    assert [c.at.astimezone(INDIA).strftime("%m-%d") for c in standing.charges] == [
        "01-31",
        "02-28",
        "03-31",
        "04-30",
    ]
    assert standing.started_at == BEGIN


def test_a_failed_renewal_can_be_paid_with_another_card(bench):
    ref = bought(bench, "once")
    bench.move_to(datetime(2026, 2, 28, 12, tzinfo=UTC))
    standing = bench.provider.look_up(ref)
    assert (standing.state, numbers(standing, paid=False)) == ("past_due", [1])
    assert standing.charges[-1].problem
    assert standing.charges[-1].fee == 0
    assert bench.pay_at(standing.pay_url)
    standing = bench.provider.look_up(ref)
    assert (standing.state, numbers(standing), standing.pay_url) == ("active", [0, 1], "")
    bench.move_to(datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert numbers(bench.provider.look_up(ref)) == [0, 1, 2]


def test_what_nobody_pays_ends_without_having_been_stopped(bench):
    ref = bought(bench, "once")
    bench.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews) == ("ended", True)
    assert numbers(standing, paid=False) == [1] * 4


def test_renewal_is_stopped_and_the_paid_period_goes_to_its_end(bench):
    needs_resume(bench)
    ref = bought(bench)
    for _ in range(2):
        bench.provider.set_renewal(ref, renews=False)
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews) == ("active", False)
    bench.move_to(datetime(2026, 3, 1, tzinfo=UTC))
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews, numbers(standing)) == ("ended", False, [0])
    bench.provider.set_renewal(ref, renews=False)
    with pytest.raises(GatewayRefused):
        bench.provider.set_renewal(ref, renews=True)


def test_renewal_goes_on_when_that_is_taken_back(bench):
    needs_resume(bench)
    ref = bought(bench)
    for renews in (False, True, False, True, True):
        bench.provider.set_renewal(ref, renews=renews)
    bench.move_to(datetime(2026, 3, 1, tzinfo=UTC))
    standing = bench.provider.look_up(ref)
    assert (standing.renews, numbers(standing)) == (True, [0, 1])


def test_stopped_while_overdue_it_ends_at_once_and_can_not_be_paid(bench):
    ref = bought(bench, "once")
    bench.move_to(datetime(2026, 2, 28, 12, tzinfo=UTC))
    url = bench.provider.look_up(ref).pay_url
    for _ in range(2):
        bench.provider.set_renewal(ref, renews=False)
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews, standing.pay_url) == ("ended", False, "")
    assert not bench.pay_at(url)


def test_an_open_checkout_has_no_renewal(bench):
    ref = bench.provider.open_checkout(order()).ref
    with pytest.raises(GatewayRefused):
        bench.provider.set_renewal(ref, renews=False)


def test_a_refund_is_made_once_for_its_key(bench):
    ref = bought(bench)
    charge = bench.provider.look_up(ref).charges[0].ref
    for _ in range(2):
        bench.provider.refund(charge, 10000, key="r1")
    with pytest.raises(GatewayRefused):
        bench.provider.refund(charge, 9000, key="r1")
    with pytest.raises(GatewayRefused):
        bench.provider.refund(charge, 20001, key="r2")
    bench.provider.refund(charge, 20000, key="r3")
    standing = bench.provider.look_up(ref)
    assert [(r.charge, r.amount) for r in standing.refunds] == [(charge, 10000), (charge, 20000)]
    with pytest.raises(GatewayRefused):
        bench.provider.refund(charge, 0, key="r4")


@pytest.mark.parametrize("decided", ["won", "lost"])
def test_a_dispute_is_opened_and_decided(bench, decided):
    ref = bought(bench)
    charge = bench.provider.look_up(ref).charges[0].ref
    dispute = bench.dispute(charge)
    (seen,) = bench.provider.look_up(ref).disputes
    assert (seen.ref, seen.charge, seen.amount, seen.state, seen.fee, seen.ended_at) == (
        dispute, charge, 30000, "open", bench.dispute_fee, None,
    )  # fmt: skip
    bench.decide(dispute, decided)
    (seen,) = bench.provider.look_up(ref).disputes
    assert (seen.state, seen.fee) == (decided, bench.dispute_fee)
    assert (seen.ended_at is not None) == bench.says_when_decided


def test_what_is_not_there_is_refused(bench):
    for ref in ("cus_nothing", "../v1/account", "", "a b", "ü" * 9):
        with pytest.raises(GatewayRefused):
            bench.provider.look_up(ref)
    with pytest.raises(GatewayRefused):
        bench.provider.refund("ch_nothing", 100, key="r1")


def test_a_webhook_says_what_it_is_about(bench):
    ref, now = bought(bench), BEGIN.timestamp()
    headers, body = bench.webhook(ref, at=now)
    told = bench.provider.verify(headers, body, now=now)
    assert (told.ref, bool(told.event), bool(told.kind)) == (ref, True, True)
    assert bench.provider.verify(headers, body, now=now + 300) == told


@pytest.mark.parametrize("late", [-301, 1, 10**6])
def test_an_old_webhook_counts_for_nothing_nor_does_a_changed_one(bench, late):
    ref, now = bought(bench), BEGIN.timestamp()
    headers, body = bench.webhook(ref, at=now)
    with pytest.raises(BadSignature):
        bench.provider.verify(
            headers, body, now=now + late + (bench.webhook_age if late > 0 else 0)
        )
    for other in (body + b" ", b"", b"\xff" + body):
        with pytest.raises(BadSignature):
            bench.provider.verify(headers, other, now=now)
    for name in headers:
        for value in ("", "t=1", "t=ü,v1=ü", f"t={int(now)},v1=", f"t={int(now)}"):
            with pytest.raises(BadSignature):
                bench.provider.verify({name: value}, body, now=now)
    with pytest.raises(BadSignature):
        bench.provider.verify({}, body, now=now)
    guessed, body = bench.webhook(ref, secret="guess", at=now)
    with pytest.raises(BadSignature):
        bench.provider.verify(guessed, body, now=now)


def test_what_a_provider_lacks_the_ability_for_is_refused(bench):
    wishes = {"once": {"renews": False}, "trial": {"trial_days": 7}}
    for ability, wish in wishes.items():
        if ability not in bench.provider.can:
            with pytest.raises(GatewayRefused):
                bench.provider.open_checkout(replace(order(ability), **wish))
