"""What opens until when, and what a month of a price is: the pure rules."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.money import Money
from broadsheet.kit.periods import Interval, start_of
from broadsheet.subscriptions.rules import (
    FOREVER,
    GRACE,
    Period,
    Terms,
    doors,
    ends_at,
    per_month,
    quote,
    unbroken,
    unused,
)

MAY = datetime(2026, 5, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
prices = st.integers(0, 10**9)
months = st.integers(1, 120)
stretch = st.tuples(st.integers(-20, 20), st.none() | st.integers(1, 10))


def periods(count):
    return [Period(n, MAY + n * WEEK, MAY + (n + 1) * WEEK, ("premium",)) for n in range(count)]


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


intervals = st.builds(
    Interval, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 9)
)
anchors = st.one_of(
    st.datetimes(datetime(2023, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),
    st.builds(
        lambda month, day, hour: datetime(2024, month, day, hour, tzinfo=UTC),
        st.sampled_from([1, 3, 5, 7, 8, 10, 12]), st.sampled_from([29, 30, 31]), st.integers(0, 23),
    ),
    st.builds(lambda hour: datetime(2024, 2, 29, hour, tzinfo=UTC), st.integers(0, 23)),
)  # fmt: skip
zones = st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/New_York", "UTC"])


@given(anchors, intervals, zones, st.integers(0, 30), st.integers(1, 10**9), st.data())
def test_case_25_credit_and_used_part_are_what_was_paid_whatever_the_anchor(
    anchor, interval, zone, number, paid, data
):
    starts, ends = (
        start_of(anchor, n, interval, zone).astimezone(ZoneInfo(zone)).date()
        for n in (number, number + 1)
    )
    days = (ends - starts).days
    assert unused(paid, starts, ends, starts) == (paid, days), "on the first day all comes back"
    assert unused(paid, starts, ends, ends) == (0, 0)
    one, other = sorted(data.draw(st.integers(-3, days + 3)) for _ in range(2))
    earlier, later = (unused(paid, starts, ends, starts + timedelta(days=n)) for n in (one, other))
    assert 0 <= later[0] <= earlier[0] <= paid, "never more than paid, and less day by day"
    first_days = (starts + timedelta(days=n) for n in range(min(days, 40)))
    left = [unused(paid, starts, ends, day)[0] for day in first_days]
    by_day = [before - after for before, after in pairwise(left)]
    assert sum(by_day) + left[-1] == paid, "the parts are the whole"
    assert all(abs(part - paid / days) <= 1 for part in by_day)


def terms(price, *rights, tax=("GST", 1800)):
    return Terms(price, "INR", *tax, frozenset(rights))


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.integers(0, 10**7), st.integers(0, 400))
def test_case_25_what_is_due_and_the_credit_are_the_new_price_or_nothing_is_charged(
    a, b, credit, days
):
    said = quote(terms(a, "unlimited"), terms(b, "unlimited"), credit, days)
    if said.at_once:
        assert b > a
        assert said.due > 0
        assert said.due + said.credit == b
    else:
        assert (said.due, said.credit) == (0, 0)
        assert b <= a or credit >= b


def test_whoever_would_lose_something_changes_at_the_end_of_the_period():
    large, small = terms(100, "unlimited", "premium"), terms(900, "unlimited")
    assert not quote(large, small, 10, 1).at_once
    assert quote(small, terms(900, "unlimited", "premium"), 10, 1).at_once
    assert not quote(small, terms(900, "unlimited"), 10, 1).at_once
    assert not quote(terms(1, "a"), terms(2, "a", tax=("VAT", 700)), 0, 1).at_once
