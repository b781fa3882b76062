"""The rules of gifts, for any moment and any code."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.periods import Interval
from broadsheet.ledger.rules import (
    DEFERRED,
    GIFTS,
    SALES,
    Line,
    is_balanced,
    payment_lines,
    redeemed_lines,
    refund_lines,
)
from broadsheet.subscriptions.gift_codes import LENGTH, NONE, SIGNS, code_of, digest_of
from broadsheet.subscriptions.gift_rules import GIFT_RULES, begins, ends, expires, gift_rule

ZONES = st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "UTC", "Pacific/Apia"])
MOMENTS = st.datetimes(
    datetime(2024, 1, 1),
    datetime(2032, 1, 1),
    timezones=st.just(UTC),
)
HOURS = st.integers(0, 5000)


@given(MOMENTS, ZONES)
def test_a_gift_is_good_for_three_years_at_least_to_the_second(bought, zone):
    local, last = bought.astimezone(ZoneInfo(zone)), expires(bought, zone)
    assert last.astimezone(ZoneInfo(zone)).year - local.year >= 3
    assert last > bought + timedelta(days=3 * 365 + 1)
    end_of_third = datetime(local.year + 4, 1, 1, tzinfo=ZoneInfo(zone))
    assert last > end_of_third, "BGB, 199: three years from the end of the year"


def test_every_rule_says_why_and_where_and_they_stand_in_order():
    assert [rule.since for rule in GIFT_RULES] == sorted(rule.since for rule in GIFT_RULES)
    assert all(rule.years >= 3 and rule.lead and rule.source for rule in GIFT_RULES)
    assert gift_rule(date(1999, 1, 1)) == GIFT_RULES[0]


@given(MOMENTS, st.lists(st.tuples(HOURS, HOURS), max_size=6))
def test_it_begins_when_nothing_that_is_paid_for_is_open_and_never_later(now, hours):
    spans = [
        (now + timedelta(hours=a - 2500), now + timedelta(hours=a - 2500 + b)) for a, b in hours
    ]
    start = begins(spans, now)
    assert start >= now
    assert not any(opens <= start < closes for opens, closes in spans)
    at = now
    while at < start:  # Every moment before is inside of something paid.
        inside = [closes for opens, closes in spans if opens <= at < closes]
        assert inside
        at = max(inside)


@given(MOMENTS, ZONES, st.sampled_from([Interval("month", 3), Interval("year", 1)]))
def test_it_ends_at_the_same_time_of_day(starts, zone, interval):
    assert ends(starts, interval, zone) > starts + timedelta(days=85)


@given(st.text(min_size=1, max_size=30), st.integers(0, 500), st.integers(0, 500))
def test_codes_are_long_plain_and_differ(key, one, other):
    code = code_of(key, one)
    assert len(code.replace("-", "")) == LENGTH
    assert set(code) <= {*SIGNS, "-"}
    assert (code == code_of(key, other)) == (one == other)
    assert digest_of(code.lower().replace("-", " ")) == digest_of(code) != NONE


@given(st.text(max_size=100))
def test_what_is_no_code_is_none(text):
    digest = digest_of(text)
    assert digest == NONE or len(digest) == 64


@given(st.integers(1, 10**9), st.integers(0, 10**8), st.data())
def test_a_gift_held_redeemed_and_given_back_leaves_nothing_behind(total, tax, data):
    owed = (Line("tax:GST:1800", min(tax, total)),)
    net = total - owed[0].amount
    paid = payment_lines("fakepay", total, owed, 0, GIFTS)
    back = refund_lines("fakepay", total, owed, 0, GIFTS)
    assert is_balanced(paid)
    assert [-line.amount for line in paid] == [line.amount for line in back]
    assert all(line.account not in (SALES, DEFERRED) for line in (*paid, *back))
    later = data.draw(st.integers(0, net))
    moved = redeemed_lines(net, later)
    assert is_balanced(moved)
    sums = {line.account: 0 for line in (*paid, *moved)}
    for line in (*paid, *moved):
        sums[line.account] += line.amount
    assert sums.get(GIFTS, 0) == 0
