"""What every gateway that can change terms must do."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Change, GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.providers.benches import BEGIN

MID = BEGIN + timedelta(days=14)
END = datetime(2026, 2, 28, 12, tzinfo=UTC)
YEAR = Interval("year", 1)


def wish(key="c1", **facts):
    base = {
        "key": key, "number": 1, "amount": 270_000, "interval": YEAR, "description": "Yearly",
        "due": 255_000, "at_once": True, "expires_at": MID + timedelta(hours=1),
    }  # fmt: skip
    return Change(**base | facts)


def planned(key="c1", **facts):
    return wish(key, **{"at_once": False, "due": 0} | facts)


@pytest.fixture
def ref(bench):
    if "change" not in bench.provider.can:
        pytest.skip("This gateway changes no terms.")
    ref = bench.provider.open_checkout(order(interval=Interval("month", 1), amount=30000)).ref
    bench.pay(ref)
    bench.move_to(MID)
    return ref


def terms(standing):
    return standing.base, standing.terms, standing.amount, standing.interval


def amounts(standing):
    return [(c.number, c.amount) for c in standing.charges if c.paid]


def test_a_change_at_once_is_charged_once_and_counts_anew(bench, ref):
    for _ in range(2):
        bench.provider.change(ref, wish())
    standing = bench.provider.look_up(ref)
    assert terms(standing) == (1, "c1", 270_000, YEAR)
    assert (standing.started_at, standing.pending) == (MID, None)
    assert amounts(standing) == [(0, 30000), (1, 255_000)]
    bench.move_to(MID.replace(year=2027) + timedelta(hours=1))
    assert amounts(bench.provider.look_up(ref))[2:] == [(2, 270_000)]


def test_a_change_that_costs_its_whole_price_does(bench, ref):
    bench.provider.change(ref, wish(due=270_000))
    assert amounts(bench.provider.look_up(ref))[1:] == [(1, 270_000)]


@pytest.mark.parametrize("card", ["declined", "asks"])
def test_a_card_that_does_not_pay_changes_nothing_until_the_reader_does(bench, ref, card):
    bench.card(ref, card)
    bench.provider.change(ref, wish())
    standing = bench.provider.look_up(ref)
    assert (standing.state, terms(standing)[:3], amounts(standing)) == (
        "active", (0, "", 30000), [(0, 30000)],
    )  # fmt: skip
    waits = standing.pending
    assert (waits.key, waits.at_once, bool(waits.problem)) == ("c1", True, True)
    assert bench.pay_at(waits.url)
    standing = bench.provider.look_up(ref)
    assert (terms(standing)[:2], standing.pending) == ((1, "c1"), None)
    assert amounts(standing)[1:] == [(1, 255_000)]
    bench.provider.change(ref, wish())
    assert amounts(bench.provider.look_up(ref))[1:] == [(1, 255_000)]


def test_a_change_that_expired_can_not_be_paid(bench, ref):
    bench.card(ref, "declined")
    bench.provider.change(ref, wish())
    url = bench.provider.look_up(ref).pending.url
    bench.move_to(MID + timedelta(minutes=61))
    assert bench.provider.look_up(ref).pending is None
    assert not bench.pay_at(url)
    with pytest.raises(GatewayRefused):
        bench.provider.change(ref, wish("late"))
    bench.card(ref, "good")
    bench.move_to(END)
    assert amounts(bench.provider.look_up(ref))[1:] == [(1, 30000)]


@pytest.mark.parametrize("make", [wish, planned])
def test_a_dropped_change_comes_to_nothing_even_when_it_is_sent_again(bench, ref, make):
    bench.card(ref, "declined")
    bench.provider.change(ref, make())
    for _ in range(2):
        bench.provider.drop_change(ref, "c1")
    bench.provider.drop_change(ref, "never heard of")
    bench.card(ref, "good")
    with pytest.raises(GatewayRefused):
        bench.provider.change(ref, make())
    assert bench.provider.look_up(ref).pending is None
    bench.move_to(END)
    standing = bench.provider.look_up(ref)
    assert (terms(standing)[:2], amounts(standing)[1:]) == ((0, ""), [(1, 30000)])


def test_a_change_in_force_is_not_dropped(bench, ref):
    bench.provider.change(ref, wish())
    with pytest.raises(GatewayRefused):
        bench.provider.drop_change(ref, "c1")


def test_a_planned_change_begins_where_the_paid_period_ends(bench, ref):
    for _ in range(2):
        bench.provider.change(ref, planned())
    standing = bench.provider.look_up(ref)
    assert (terms(standing)[:3], standing.pending.key) == ((0, "", 30000), "c1")
    assert (standing.pending.at_once, standing.pending.url) == (False, "")
    bench.move_to(END)
    standing = bench.provider.look_up(ref)
    assert (terms(standing), standing.pending) == ((1, "c1", 270_000, YEAR), None)
    assert amounts(standing) == [(0, 30000), (1, 270_000)]
    assert standing.started_at == datetime(2026, 2, 28, 10, tzinfo=UTC)
    bench.move_to(END.replace(year=2027))
    assert amounts(bench.provider.look_up(ref))[2:] == [(2, 270_000)]
    bench.provider.set_renewal(ref, renews=False)
    assert not bench.provider.look_up(ref).renews


def test_a_planned_change_whose_charge_fails_is_overdue_on_the_new_terms(bench, ref):
    bench.provider.change(ref, planned())
    bench.card(ref, "declined")
    bench.move_to(END)
    standing = bench.provider.look_up(ref)
    assert (standing.state, terms(standing)[:3]) == ("past_due", (1, "c1", 270_000))
    assert [(c.number, c.amount, c.paid) for c in standing.charges[1:]] == [(1, 270_000, False)]
    assert bench.pay_at(standing.pay_url)
    assert amounts(bench.provider.look_up(ref))[1:] == [(1, 270_000)]


def test_one_change_takes_the_place_of_another(bench, ref):
    bench.card(ref, "declined")
    bench.provider.change(ref, wish("c1"))
    bench.provider.change(ref, planned("c2", amount=40000, interval=Interval("month", 1)))
    assert bench.provider.look_up(ref).pending.key == "c2"
    bench.provider.change(ref, planned("c3", amount=50000, interval=Interval("month", 2)))
    assert bench.provider.look_up(ref).pending.key == "c3"
    bench.card(ref, "good")
    bench.move_to(END)
    assert terms(bench.provider.look_up(ref))[:3] == (1, "c3", 50000)


def test_whoever_stops_renewal_lets_go_of_what_was_planned(bench, ref):
    bench.provider.change(ref, planned())
    bench.provider.set_renewal(ref, renews=False)
    standing = bench.provider.look_up(ref)
    assert (standing.pending, standing.renews) == (None, False)
    with pytest.raises(GatewayRefused):
        bench.provider.change(ref, planned("c2"))
    bench.provider.change(ref, wish("c3"))
    standing = bench.provider.look_up(ref)
    assert (standing.terms, standing.renews) == ("c3", True)


def test_a_change_must_fit(bench, ref):
    for unfit in (wish(number=2), wish(number=0), wish(due=0), planned(due=5), wish(amount=0)):
        with pytest.raises(GatewayRefused):
            bench.provider.change(ref, unfit)
    bench.card(ref, "declined")
    bench.move_to(END)
    with pytest.raises(GatewayRefused):
        bench.provider.change(ref, wish("c9", number=2, expires_at=END + timedelta(hours=1)))
    assert len(amounts(bench.provider.look_up(ref))) == 1
