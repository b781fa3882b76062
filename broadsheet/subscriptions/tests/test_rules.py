"""What opens until when, and what a month of a price is: the pure rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.money import Money
from broadsheet.kit.periods import Interval
from broadsheet.subscriptions.rules import (
    FOREVER,
    GRACE,
    Period,
    doors,
    ends_at,
    per_month,
    unbroken,
)

MAY = datetime(2026, 5, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
prices = st.integers(0, 10**9)
months = st.integers(1, 120)
stretch = st.tuples(st.integers(-20, 20), st.none() | st.integers(1, 10))


def periods(count):
    return [Period(n, MAY + n * WEEK, MAY + (n + 1) * WEEK) for n in range(count)]


@pytest.mark.parametrize(
    ("amount", "interval", "rounding", "shown"),
    [
        (90000, Interval("month", 3), "exact", 30000),
        (390000, Interval("year", 2), "exact", 16250),
        (390000, Interval("year", 2), "down", 16200),
        (390000, Interval("year", 2), "nearest", 16300),
        (390000, Interval("year", 2), "up", 16300),
        (10000, Interval("month", 3), "exact", 3334),
    ],
)
def test_a_price_a_month_follows_the_publishers_rounding(amount, interval, rounding, shown):
    assert per_month(Money(amount, "INR"), interval, rounding) == Money(shown, "INR")


def test_weeks_have_no_price_a_month():
    assert per_month(Money(900, "INR"), Interval("week", 6), "exact") is None


@given(prices, months)
def test_exact_never_says_less_than_is_paid_and_rounding_stays_within_a_unit(amount, count):
    price, interval = Money(amount, "INR"), Interval("month", count)
    shown = {name: per_month(price, interval, name).amount for name in ("exact", "down", "up")}
    assert 0 <= shown["exact"] * count - amount < count
    assert shown["down"] <= amount / count <= shown["up"]
    assert shown["up"] - shown["down"] in (0, 100)


@given(st.integers(0, 12), st.booleans(), st.booleans(), st.integers(0, 30))
def test_every_paid_period_opens_once_and_grace_follows_the_last(count, renews, ended, days):
    grace = timedelta(days=days)
    opened = doors(["premium"], periods(count), renews=renews, ended=ended, grace=grace)
    paid = [door for door in opened if door.source != GRACE]
    assert sorted((d.opens, d.closes) for d in paid) == [(p.starts, p.ends) for p in periods(count)]
    late = [door for door in opened if door.source == GRACE]
    assert len(late) == (1 if count and renews and not ended else 0)
    last = MAY + count * WEEK
    for door in late:
        assert (door.opens, door.closes) == (last, ends_at(last, renews=True, grace=grace))


def test_without_renewal_it_ends_with_what_was_paid():
    assert ends_at(MAY, renews=False, grace=WEEK) == MAY


def at(day):
    return MAY + timedelta(days=day)


@given(st.lists(stretch, max_size=8))
def test_a_right_lasts_as_long_as_some_grant_holds_every_day(rows):
    stretches = [(at(n), None if days is None else at(n + days)) for n, days in rows]
    end = unbroken(stretches, MAY)
    day = 0
    while day < 100 and any(a <= at(day) and (b is None or at(day) < b) for a, b in stretches):
        day += 1
    assert end == (FOREVER if day == 100 else at(day))
