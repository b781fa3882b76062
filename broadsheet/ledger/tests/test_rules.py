"""What is earned by which day, counted against a list of days written out one by one."""

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.periods import Interval, start_of
from broadsheet.ledger.rules import (
    DEFERRED,
    ROUNDING,
    SALES,
    Line,
    Stretch,
    amount_of,
    carried_lines,
    days_of,
    earned,
    is_balanced,
    lost_lines,
    payment_lines,
    refund_lines,
    release_lines,
    shortened,
    starting,
    unearned,
)

minor = st.integers(1, 10**15)
lengths = st.integers(1, 3660)
FIRST = date(2024, 2, 29).toordinal()


def by_day(stretch):
    """What each day of a stretch earns, as the nightly release books it."""
    days = range(stretch.first, stretch.until)
    return [earned(stretch, day + 1) - earned(stretch, day) for day in days]


@given(minor, lengths)
def test_all_days_add_up_to_the_amount_and_no_day_stands_out(amount, length):
    days = by_day(Stretch(amount, FIRST, FIRST + length, FIRST))
    assert sum(days) == amount
    assert max(days) - min(days) <= 1
    assert len(days) == length


@given(minor, lengths, st.integers(-10, 4000))
def test_what_is_earned_and_what_is_not_are_the_whole(amount, length, passed):
    stretch = Stretch(amount, FIRST, FIRST + length, FIRST)
    day = FIRST + passed
    assert earned(stretch, day) == sum(by_day(stretch)[: max(passed, 0)])
    assert earned(stretch, day) + unearned(stretch, day) == amount


@given(minor, lengths, st.integers(0, 4000))
def test_a_payment_heard_of_late_defers_what_its_open_days_will_earn(amount, length, late):
    stretch = starting(amount, FIRST, FIRST + length, FIRST + late)
    to_come = by_day(stretch)[late:]
    assert unearned(stretch, stretch.since) == sum(to_come)


class Earning:
    """Day by day, as the books do it: stretches, what they release, what is still deferred."""

    def __init__(self, amount, length):
        self.stretches = [starting(amount, FIRST, FIRST + length, 0)]
        self.day, self.until = FIRST, FIRST + length
        self.deferred, self.sold = amount, 0

    def close_a_day(self):
        running = [s for s in self.stretches if s.since <= self.day < s.until]
        share = sum(earned(s, self.day + 1) - earned(s, self.day) for s in running)
        assert share >= 0
        self.deferred, self.sold = self.deferred - share, self.sold + share
        self.day += 1

    def give_back(self, net):
        last = self.stretches[-1]
        rest = unearned(last, self.day) if last.amount > 0 else 0
        assert rest == self.deferred
        taken = min(net, rest)
        new = shortened(last, net, self.day) if rest else ()
        assert sum(unearned(s, self.day) for s in new) == -taken
        self.stretches += new
        self.deferred, self.sold = self.deferred - taken, self.sold - (net - taken)


steps = st.lists(st.tuples(st.integers(0, 40), st.fractions(0, 1)), max_size=4)


@given(st.integers(1, 10**6), st.integers(1, 60), steps)
def test_what_goes_back_leaves_what_is_deferred_first_then_sales(amount, length, moves):
    earning, left = Earning(amount, length), amount
    for days, share in moves:
        for _ in range(days):
            earning.close_a_day()
        back = math.ceil(left * share)
        deferred, sold = earning.deferred, earning.sold
        earning.give_back(back)
        left -= back
        assert (earning.deferred, earning.sold) == (
            deferred - min(back, deferred), sold - max(0, back - deferred)
        )  # fmt: skip
    while earning.day < earning.until:
        earning.close_a_day()
    assert (earning.deferred, earning.sold) == (0, left)


ZONES = ("Asia/Kolkata", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia")
anchors = st.datetimes(
    datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.sampled_from(ZONES).map(ZoneInfo)
)
intervals = st.one_of(
    st.builds(Interval, st.just("day"), st.integers(1, 400)),
    st.builds(Interval, st.just("month"), st.integers(1, 24)),
    st.builds(Interval, st.just("year"), st.integers(1, 2)),
)


@given(anchors, intervals, st.integers(0, 24))
def test_periods_share_no_day_and_leave_none_out(anchor, interval, number):
    zone = anchor.tzinfo.key
    starts = [
        start_of(anchor.astimezone(UTC), n, interval, zone)
        for n in (number, number + 1, number + 2)
    ]
    one, other = days_of(*starts[:2], zone), days_of(*starts[1:], zone)
    assert one[0] < one[1] == other[0] < other[1]


@pytest.mark.parametrize(
    ("starts", "months", "days"),
    [
        ("2026-01-31", 1, 28), ("2024-01-31", 1, 29), ("2024-02-29", 12, 365),
        ("2023-03-01", 12, 366), ("2026-03-08", 1, 31), ("2026-10-25", 1, 31),
        ("2026-03-31", 3, 91), ("2024-02-29", 24, 730),
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 2, 12, 23])
def test_a_period_has_the_days_of_the_calendar(starts, months, days, zone, hour):
    anchor = datetime.fromisoformat(starts).replace(hour=hour, tzinfo=ZoneInfo(zone))
    interval = Interval("month", months)
    bounds = [start_of(anchor.astimezone(UTC), n, interval, zone) for n in (0, 1)]
    first, until = days_of(*bounds, zone)
    assert date.fromordinal(first) == anchor.date()
    assert until - first == days


def test_a_period_of_no_length_has_a_day():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert days_of(at, at + timedelta(hours=1), "UTC") == (at.toordinal(), at.toordinal() + 1)


@given(minor, st.data())
def test_whatever_is_posted_balances(total, data):
    central = data.draw(st.integers(0, total))
    state = data.draw(st.integers(0, total - central))
    rounding = data.draw(st.integers(-1, 1)) if central + state < total else 0
    owed = (Line("tax:CGST:900", central), Line("tax:SGST:900", state), Line(ROUNDING, rounding))
    ours = total - amount_of(owed)
    deferred = data.draw(st.integers(0, ours))
    paid = payment_lines("fakepay", total, owed, deferred)
    back = refund_lines("fakepay", total, owed, deferred)
    lost = lost_lines(total, owed, deferred)
    for lines in (paid, back, lost, release_lines(deferred), carried_lines(deferred, dict(owed))):
        assert is_balanced(lines)
        assert all(line.amount for line in lines)
    both = [*paid, *back]
    for account in {line.account for line in both}:
        assert is_balanced(line for line in both if line.account == account)
    assert sum(line.amount for line in paid if line.account in (SALES, DEFERRED)) == -ours
