"""What every gateway that can let a subscription rest must do."""

from datetime import UTC, datetime

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.providers.benches import BEGIN


def day(month, number, hour=11):
    return datetime(2026, month, number, hour, tzinfo=UTC)


UNTIL, END = day(5, 10, 10), day(2, 28, 10)


@pytest.fixture
def ref(bench):
    if "pause" not in bench.provider.can:
        pytest.skip("This gateway lets nothing rest.")
    ref = bench.provider.open_checkout(order(interval=Interval("month", 1), amount=30000)).ref
    bench.pay(ref)
    bench.move_to(BEGIN.replace(month=2, day=14))
    return ref


def paid(standing):
    return [(c.number, c.at) for c in standing.charges if c.paid]


def test_nothing_is_charged_until_the_pause_is_over(bench, ref):
    for _ in range(2):
        bench.provider.pause(ref, number=1, until=UNTIL)
    bench.move_to(day(5, 9))
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews, paid(standing)) == ("active", True, [(0, BEGIN)])
    assert standing.rests_until == UNTIL
    bench.move_to(day(6, 10))
    standing = bench.provider.look_up(ref)
    assert standing.rests_until is None
    assert paid(standing) == [(0, BEGIN), (1, UNTIL), (2, day(6, 10, 10))]
    assert (standing.base, standing.terms, standing.started_at) == (1, "", UNTIL)


def test_a_pause_is_taken_back_before_it_begins(bench, ref):
    for _ in range(3):
        bench.provider.pause(ref, number=1, until=UNTIL)
        for _ in range(2):
            bench.provider.resume(ref, number=1)
    standing = bench.provider.look_up(ref)
    assert (standing.base, standing.started_at, standing.rests_until) == (1, END, None)
    bench.move_to(day(3, 1))
    assert paid(bench.provider.look_up(ref)) == [(0, BEGIN), (1, END)]


def test_a_pause_that_has_begun_ends_now(bench, ref):
    bench.provider.pause(ref, number=1, until=UNTIL)
    bench.move_to(day(4, 2))
    for _ in range(2):
        bench.provider.resume(ref, number=1)
    standing = bench.provider.look_up(ref)
    assert paid(standing) == [(0, BEGIN), (1, day(4, 2))]
    assert standing.started_at == day(4, 2)


def test_a_pause_can_be_made_longer_and_another_one_follow(bench, ref):
    bench.provider.pause(ref, number=1, until=day(4, 10, 10))
    bench.provider.pause(ref, number=1, until=UNTIL)
    bench.move_to(day(5, 20))
    assert paid(bench.provider.look_up(ref))[1:] == [(1, UNTIL)]
    bench.provider.pause(ref, number=2, until=day(8, 1, 10))
    bench.move_to(day(8, 2))
    standing = bench.provider.look_up(ref)
    assert paid(standing)[2:] == [(2, day(8, 1, 10))]
    assert standing.base == 2


def test_a_charge_that_fails_after_the_pause_is_overdue(bench, ref):
    bench.provider.pause(ref, number=1, until=UNTIL)
    bench.card(ref, "declined")
    bench.move_to(day(4, 2))
    bench.provider.resume(ref, number=1)
    standing = bench.provider.look_up(ref)
    assert (standing.state, [(c.number, c.paid) for c in standing.charges[1:]]) == (
        "past_due", [(1, False)],
    )  # fmt: skip
    assert bench.pay_at(standing.pay_url)
    assert bench.provider.look_up(ref).state == "active"


def test_a_pause_that_makes_no_sense_is_refused(bench, ref):
    for until in (END, BEGIN):
        with pytest.raises(GatewayRefused):
            bench.provider.pause(ref, number=1, until=until)
    bench.provider.set_renewal(ref, renews=False)
    with pytest.raises(GatewayRefused):
        bench.provider.pause(ref, number=1, until=UNTIL)


def test_only_the_pause_before_the_next_period_is_meant(bench, ref):
    for number in (0, 2):
        with pytest.raises(GatewayRefused):
            bench.provider.pause(ref, number=number, until=UNTIL)
    bench.provider.pause(ref, number=1, until=day(4, 10, 10))
    bench.move_to(day(4, 20))
    # Told late, or for the second time: the one after it goes on.
    bench.provider.pause(ref, number=2, until=day(8, 1, 10))
    bench.provider.resume(ref, number=1)
    assert bench.provider.look_up(ref).rests_until == day(8, 1, 10)


def test_whoever_pauses_can_still_cancel(bench, ref):
    bench.provider.pause(ref, number=1, until=UNTIL)
    bench.provider.set_renewal(ref, renews=False)
    bench.move_to(day(6, 1))
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews, paid(standing)) == ("ended", False, [(0, BEGIN)])
