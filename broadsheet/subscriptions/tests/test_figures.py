"""MRR, its movements and cohorts: they add up exactly, whatever readers did."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.subscriptions.figures import (
    BACK,
    CHURN,
    CONTRACTION,
    EXPANSION,
    NEW,
    Hold,
    Movement,
    Paid,
    Price,
    cohorts,
    holds,
    monthly,
    months,
    months_in,
    movements,
)

LAST = 40
PRICES = st.builds(
    Price, st.integers(0, 10**7), st.sampled_from(["day", "week", "month", "year"]),
    st.integers(1, 36),
)  # fmt: skip
QUARTER, YEAR = Price(76271, "month", 3), Price(228814, "year", 1)


@st.composite
def held(draw):
    """Holds one after the other, with and without gaps, the last perhaps open; or two at once."""
    edges = sorted(draw(st.lists(st.integers(1, 60), min_size=2, max_size=9, unique=True)))
    found = []
    for first, until in pairwise(edges):
        if draw(st.booleans()):
            found.append(Hold(first, until, draw(PRICES)))
    if draw(st.booleans()):
        found.append(Hold(draw(st.integers(1, 60)), None, draw(PRICES)))
    return found


PEOPLE = st.lists(held(), max_size=8)


def in_force(holds, month):
    return [h.price for h in holds if h.first <= month < (h.until or 10**6)]


def everything(people):
    return [move for reader in people for move in movements(reader, LAST)]


@given(PEOPLE)
def test_movements_add_up_to_what_is_in_force(people):
    for row in months(everything(people), 1, LAST):
        standing = [in_force(reader, row.month) for reader in people]
        assert row.after == sum((monthly(prices) for prices in standing), Fraction(0))
        assert row.readers == sum(bool(prices) for prices in standing)
        assert row.after - row.before == sum(row.moved.values())


@given(PEOPLE, st.integers(1, LAST))
def test_a_later_start_of_the_table_changes_no_month(people, first):
    found = everything(people)
    assert months(found, first, LAST) == months(found, 1, LAST)[first - 1 :]


@given(PEOPLE)
def test_every_movement_has_its_sign_and_churn_is_a_share(people):
    for row in months(everything(people), 1, LAST):
        assert all(row.moved[kind] >= 0 for kind in (NEW, EXPANSION, BACK))
        assert all(row.moved[kind] <= 0 for kind in (CHURN, CONTRACTION))
        assert row.churn is None or 0 <= row.churn <= 1
        assert row.lost is None or 0 <= row.lost <= 1


@given(PEOPLE, st.integers(1, LAST))
def test_what_comes_later_changes_no_month_before(people, now):
    cut = [[h for h in reader if h.first <= now] for reader in people]
    cut = [[h._replace(until=None) if (h.until or 0) > now else h for h in one] for one in cut]
    before = [move for reader in cut for move in movements(reader, now)]
    assert months(before, 1, now) == months(everything(people), 1, now)


@given(PEOPLE)
def test_cohorts_are_all_readers_each_in_one(people):
    found = cohorts(everything(people), LAST)
    rows = {row.month: row for row in months(everything(people), 1, LAST)}
    assert sum(one.began for one in found) == sum(
        any(in_force(reader, month) for month in range(1, LAST + 1)) for reader in people
    )
    for month, row in rows.items():
        assert row.readers == sum(c.kept[month - c.month] for c in found if c.month <= month)
    for one in found:
        assert one.kept[0] == one.began > 0
        assert all(0 <= kept <= one.began for kept in one.kept)


@given(PEOPLE)
def test_without_returns_a_cohort_never_grows(people):
    once = [reader for reader in people if all(m.kind != BACK for m in movements(reader, LAST))]
    for one in cohorts(everything(once), LAST):
        assert list(one.kept) == sorted(one.kept, reverse=True)


def test_a_price_per_month_is_exact_and_of_days_the_average_month():
    assert monthly([QUARTER] * 3) == 76271
    assert monthly([YEAR]) == Fraction(228814, 12)
    assert months_in("week", 1) * 365.2425 == 84
    assert months_in("day", 365) < 12 < months_in("day", 366)


def kinds(*found):
    return [(move.month, move.kind, move.number) for move in movements(found, LAST)]


def test_each_movement_by_its_name():
    found = (
        Hold(3, 6, QUARTER), Hold(6, 9, Price(900000, "year", 1)), Hold(9, 12, QUARTER),
        Hold(14, None, QUARTER),
    )  # fmt: skip
    met = [(3, NEW, 1), (6, EXPANSION, 1), (9, CONTRACTION, 1), (12, CHURN, -1), (14, BACK, 1)]
    told = {(month, kind): number for month, kind, number in reversed(kinds(*found))}
    assert set(told) == {(month, kind) for month, kind, _number in met}
    assert [row.readers for row in months(list(movements(found, LAST)), 1, 15)][2:] == [
        1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1,
    ]  # fmt: skip


def test_the_same_price_per_month_over_other_months_is_no_movement():
    same = (Hold(3, 6, Price(300, "month", 3)), Hold(6, 20, Price(1200, "year", 1)))
    assert [kind for _month, kind, _number in kinds(*same)] == [NEW, CHURN]
    assert months(list(movements(same, LAST)), 1, 25)[-1].after == 0


def month_of(at):
    return at.year * 12 + at.month - 1


def day(month, number=1):
    return datetime(2026, month, number, tzinfo=UTC)


def paid(month, *, late=0):
    starts = day(month, 10)
    return Paid(starts, day(month + 1, 10), starts + timedelta(days=late), QUARTER)


def spans(*periods, ended=None, grace=7):
    found = holds(periods, ended, timedelta(days=grace), month_of)
    return [(hold.first % 12 + 1, hold.until and hold.until % 12 + 1) for hold in found]


def test_a_renewal_within_the_grace_leaves_no_gap():
    assert spans(paid(1), paid(2, late=7)) == [(1, 2), (2, None)]


def test_a_renewal_after_the_grace_is_a_return():
    assert spans(paid(1), paid(2, late=50)) == [(1, 2), (4, None)]


def test_one_who_came_and_left_within_a_month_is_in_no_month():
    assert spans(paid(1), ended=day(1, 20)) == []


def test_a_period_that_was_cut_short_ends_with_the_subscription():
    assert spans(paid(1), paid(2), ended=day(2, 20)) == [(1, 2)]


def test_of_a_reader_nothing_comes_after_the_last_month():
    assert not list(movements([Hold(LAST + 1, None, QUARTER)], LAST))
    assert isinstance(next(movements([Hold(LAST, None, QUARTER)], LAST)), Movement)
