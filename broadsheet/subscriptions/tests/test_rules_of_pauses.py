"""Days of pauses, and what may follow what."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.periods import Interval, start_of
from broadsheet.subscriptions.pauses import (
    TURNS,
    is_resting,
    pausable_from,
    pause_ends,
    turned,
)

ZONES = st.sampled_from(["UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York"])
ANCHORS = st.builds(
    lambda year, month, day, hour: datetime(year, month, 1, hour, tzinfo=UTC)
    + timedelta(days=day - 1),
    st.integers(2024, 2028), st.integers(1, 12), st.integers(26, 31), st.integers(0, 23),
)  # fmt: skip
INTERVALS = st.builds(Interval, st.sampled_from(["week", "month", "year"]), st.integers(1, 3))


def length(month):
    following = month.replace(day=28) + timedelta(days=4)
    return (following - timedelta(days=following.day)).day


@given(ANCHORS, st.integers(1, 30), INTERVALS, ZONES, st.integers(1, 3))
def test_a_pause_begins_where_the_paid_time_ends_and_is_as_long_as_was_said(
    anchor, periods, interval, zone, months
):
    begins = start_of(anchor, periods, interval, zone)
    until = pause_ends(anchor, periods, interval, zone, months=months)
    assert timedelta(days=28 * months - 3) <= until - begins <= timedelta(days=31 * months + 3)


@given(ANCHORS, st.integers(1, 24), ZONES, st.integers(1, 3))
def test_the_day_of_the_anchor_comes_back(anchor, periods, zone, months):
    until = pause_ends(anchor, periods, Interval("month", 1), zone, months=months)
    local, begun = (at.astimezone(ZoneInfo(zone)) for at in (until, anchor))
    assert local.day == min(begun.day, length(local))


@given(ANCHORS, st.integers(1, 24), ZONES, st.integers(1, 3))
def test_24_months_after_a_pause_no_day_has_drifted(anchor, periods, zone, months):
    month = Interval("month", 1)
    until = pause_ends(anchor, periods, month, zone, months=months)
    day = until.astimezone(ZoneInfo(zone)).day
    for number in range(25):
        local = start_of(until, number, month, zone).astimezone(ZoneInfo(zone))
        assert local.day == min(day, length(local))


def test_leap_day():
    leap, month = datetime(2024, 2, 29, 10, tzinfo=UTC), Interval("month", 1)
    ends = [pause_ends(leap, 12, month, "UTC", months=n).date() for n in (1, 2, 3)]
    assert [str(day) for day in ends] == ["2025-03-29", "2025-04-29", "2025-05-29"]


@given(st.lists(ANCHORS, max_size=5), st.integers(0, 24), ZONES)
def test_the_next_pause_is_counted_from_the_last(begun, every, zone):
    allowed = pausable_from(begun, every, zone)
    if not begun or not every:
        assert allowed is None
    else:
        assert allowed == start_of(max(begun), every, Interval("month", 1), zone)


def test_it_rests_from_the_end_of_what_is_paid_to_the_moment_it_resumes():
    paid, back = datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 8, 31, tzinfo=UTC)
    second = timedelta(seconds=1)
    found = [is_resting(back, paid, at) for at in (paid - second, paid, back - second, back)]
    assert found == [False, True, True, False]
    assert not is_resting(None, paid, paid)


def test_every_turn_is_in_the_table():
    for state, following in TURNS.items():
        assert turned(state, state) == state
        for wanted in TURNS:
            if wanted in following:
                assert turned(state, wanted) == wanted
            elif wanted != state:
                with pytest.raises(ValueError):
                    turned(state, wanted)
    # Who owes pays first, and what ended is revived by a charge only.
    assert "paused" not in TURNS["past_due"] | TURNS["ended"]
