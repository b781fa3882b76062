"""What is sold at Stripe, beyond equal periods, and what its amounts are."""

import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import GatewayRefused, Opening
from broadsheet.ledger.providers.stripe.amounts import from_stripe, to_stripe
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.ledger.tests.providers.benches import BEGIN, StripeBench
from broadsheet.ledger.tests.providers.test_changes import MID, planned, wish
from broadsheet.ledger.tests.stripe import billing

MONTH = Interval("month", 1)


@pytest.fixture
def bench(tmp_path):
    import time_machine

    with time_machine.travel(BEGIN, tick=False) as traveller:
        made = StripeBench(tmp_path, traveller)
        yield made
        made.close()


def bought(bench, **facts):
    ref = bench.provider.open_checkout(order(**{"interval": MONTH, "amount": 30000} | facts)).ref
    assert bench.pay(ref)
    return ref


def paid(standing):
    return [(c.number, c.amount) for c in standing.charges if c.paid]


def test_what_does_not_renew_is_paid_once_and_is_over(bench):
    ref = bought(bench, renews=False)
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews, paid(standing)) == ("active", False, [(0, 30000)])
    assert standing.started_at == BEGIN
    bench.provider.set_renewal(ref, renews=False)
    with pytest.raises(GatewayRefused):
        bench.provider.set_renewal(ref, renews=True)
    bench.move_to(BEGIN.replace(month=3))
    standing = bench.provider.look_up(ref)
    assert (standing.state, paid(standing)) == ("ended", [(0, 30000)])
    bench.provider.refund(standing.charges[0].ref, 30000, key="r1")
    assert bench.provider.look_up(ref).refunds[0].amount == 30000


def test_a_trial_costs_nothing_and_period_0_begins_after_it(bench):
    ref = bought(bench, trial_days=7)
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.charges) == ("active", ())
    assert standing.started_at == BEGIN.replace(month=2, day=7)
    bench.move_to(BEGIN.replace(month=2, day=8))
    assert paid(bench.provider.look_up(ref)) == [(0, 30000)]
    bench.move_to(BEGIN.replace(month=3, day=8))
    assert paid(bench.provider.look_up(ref)) == [(0, 30000), (1, 30000)]


def test_a_trial_that_is_stopped_is_never_charged(bench):
    ref = bought(bench, trial_days=7)
    bench.provider.set_renewal(ref, renews=False)
    bench.move_to(BEGIN.replace(month=3))
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews, standing.charges) == ("ended", False, ())


@pytest.mark.parametrize(
    ("opening", "wanted"),
    [
        (Opening(100, 1), [100, 30000, 30000, 30000]),
        (Opening(9900, 2), [9900, 9900, 30000, 30000]),
        (Opening(0, 3), [0, 0, 0, 30000]),
    ],
)
def test_the_first_periods_cost_what_was_offered(bench, opening, wanted):
    ref = bought(bench, opening=opening)
    bench.move_to(BEGIN.replace(month=5, day=1))
    standing = bench.provider.look_up(ref)
    assert paid(standing) == list(enumerate(wanted))
    assert (standing.amount, standing.state) == (30000, "active")


def test_a_pause_waits_for_the_end_of_the_first_price(bench):
    """It ends by the calendar there: later periods would not have it any more."""
    ref = bought(bench, opening=Opening(9900, 2))
    with pytest.raises(GatewayRefused, match="first price"):
        bench.provider.pause(ref, number=1, until=BEGIN.replace(month=5))
    bench.move_to(BEGIN.replace(month=3, day=1))
    bench.provider.pause(ref, number=2, until=BEGIN.replace(month=5))
    bench.move_to(BEGIN.replace(month=5).replace(hour=12))
    assert paid(bench.provider.look_up(ref)) == [(0, 9900), (1, 9900), (2, 30000)]


def on_a_day(bench, ref, at):
    """Somebody sets the day of the end, in the Dashboard."""
    sub = bench.server.world.all("subscription", customer=ref)[0]
    billing.update(bench.server.world, sub, {"cancel_at": int(at.timestamp())})


def test_an_end_set_on_a_day_is_taken_back(bench):
    ref = bought(bench)
    on_a_day(bench, ref, BEGIN.replace(month=2, day=20))
    assert not bench.provider.look_up(ref).renews
    with pytest.raises(GatewayRefused, match="renews"):
        bench.provider.pause(ref, number=1, until=BEGIN.replace(month=5))
    for _ in range(2):
        bench.provider.set_renewal(ref, renews=True)
    assert bench.provider.look_up(ref).renews
    bench.move_to(BEGIN.replace(month=3, day=1))
    assert paid(bench.provider.look_up(ref)) == [(0, 30000), (1, 30000)]


def test_who_pays_for_a_change_takes_an_end_on_a_day_back(bench):
    ref = bought(bench)
    on_a_day(bench, ref, BEGIN.replace(month=2, day=20))
    bench.move_to(MID)
    with pytest.raises(GatewayRefused, match="renews"):
        bench.provider.change(ref, planned())
    bench.provider.change(ref, wish())
    assert bench.provider.look_up(ref).renews


def test_an_end_set_on_a_day_far_away_stops_no_charge_before_it_and_can_come_sooner(bench):
    ref = bought(bench)
    on_a_day(bench, ref, BEGIN.replace(month=5, day=20))
    bench.move_to(BEGIN.replace(month=3, day=1))
    standing = bench.provider.look_up(ref)
    assert (standing.renews, paid(standing)) == (True, [(0, 30000), (1, 30000)])
    bench.provider.set_renewal(ref, renews=False)
    bench.move_to(BEGIN.replace(month=4, day=1))
    standing = bench.provider.look_up(ref)
    assert (standing.state, standing.renews, len(standing.charges)) == ("ended", False, 2)


@pytest.mark.parametrize(
    "facts",
    [
        {"interval": Interval("month", 37)},
        {"interval": Interval("year", 4)},
        {"interval": Interval("week", 157)},
        {"trial_days": 731},
        {"trial_days": 7, "opening": Opening(0, 1)},
        {"renews": False, "trial_days": 7},
        {"renews": False, "opening": Opening(1, 1)},
        {"opening": Opening(30000, 1)},
        {"opening": Opening(1, 2), "interval": Interval("week", 1)},
        {"amount": 0},
        {"currency": "ZZZ"},
        {"currency": "KWD", "amount": 1001},
    ],
)
def test_what_stripe_can_not_sell_is_refused_before_anything_is_made(bench, facts):
    with pytest.raises(GatewayRefused):
        bench.provider.open_checkout(order(**{"interval": MONTH, "amount": 30000} | facts))
    assert not bench.server.world.all("checkout.session")


def test_what_renews_after_years_can_be_sold_once(bench):
    ref = bought(bench, renews=False, interval=Interval("year", 5))
    assert bench.provider.look_up(ref).state == "active"


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("INR", 90000, 90000), ("EUR", 1, 1), ("JPY", 500, 500), ("KWD", 5120, 5120),
        ("ISK", 5, 500), ("UGX", 5000, 500000), ("HUF", 100050, 100050), ("TWD", 1000, 1000),
        ("CLP", 9, 9), ("BHD", 10, 10),
    ],
)  # fmt: skip
def test_case_24_amounts_are_counted_as_stripe_counts_them(currency, ours, theirs):
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


def test_an_amount_in_a_currency_of_its_own_comes_back_as_it_went(bench):
    ref = bought(bench, currency="ISK", amount=990)
    standing = bench.provider.look_up(ref)
    assert (standing.amount, standing.currency, paid(standing)) == (990, "ISK", [(0, 990)])
    bench.provider.refund(standing.charges[0].ref, 90, key="r1")
    assert bench.provider.look_up(ref).refunds[0].amount == 90
    assert bench.server.world.all("refund")[0]["amount"] == 9000


def test_fees_are_told_in_the_charges_currency(bench):
    bench.server.world.fees = {"inr": ("eur", 0.01)}
    bench.server.world.fee = (3, 100, 25)
    ref = bought(bench)
    (charge,) = bench.provider.look_up(ref).charges
    assert charge.fee == 3400, "34 cents, at 100 paise a cent"
