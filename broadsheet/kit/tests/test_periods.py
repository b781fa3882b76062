from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.periods import Interval, start_of

MONTH = Interval("month", 1)
BERLIN = "Europe/Berlin"
ZONES = ["UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]

anchors = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(ZONES)
intervals = st.builds(
    Interval, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 24)
)
calendar_intervals = st.builds(Interval, st.sampled_from(["month", "year"]), st.integers(1, 24))
numbers = st.integers(0, 60)


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0, zone: str = "UTC"):
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


def dates(anchor: datetime, interval: Interval, count: int, zone: str = "UTC") -> list[str]:
    """The local dates of the first periods."""
    starts = (start_of(anchor, number, interval, zone) for number in range(count))
    return [str(start.astimezone(ZoneInfo(zone)).date()) for start in starts]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (29, ["2025-01-29", "2025-02-28", "2025-03-29", "2025-04-29", "2025-05-29"]),
        (30, ["2025-01-30", "2025-02-28", "2025-03-30", "2025-04-30", "2025-05-30"]),
        (31, ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]),
    ],
)
def test_a_late_anchor_day_comes_back_after_a_short_month(day: int, expected: list[str]) -> None:
    assert dates(at(2025, 1, day), MONTH, 5) == expected


@pytest.mark.parametrize("day", [29, 30, 31])
def test_a_leap_february_has_its_29th(day: int) -> None:
    assert dates(at(2028, 1, day), MONTH, 2)[1] == "2028-02-29"


def test_three_months_from_the_end_of_november() -> None:
    assert dates(at(2026, 11, 30), Interval("month", 3), 5) == [
        "2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30", "2027-11-30",
    ]  # fmt: skip


def test_a_leap_day_by_the_year() -> None:
    assert dates(at(2024, 2, 29), Interval("year", 1), 5) == [
        "2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29",
    ]  # fmt: skip


@pytest.mark.parametrize("interval", [Interval("year", 2), Interval("month", 24)])
def test_a_leap_day_by_two_years(interval: Interval) -> None:
    assert dates(at(2024, 2, 29), interval, 3) == ["2024-02-29", "2026-02-28", "2028-02-29"]


def test_no_leap_day_in_a_century_that_has_none() -> None:
    assert dates(at(2096, 2, 29), Interval("year", 4), 3) == [
        "2096-02-29", "2100-02-28", "2104-02-29",
    ]  # fmt: skip


def test_days_and_weeks_are_counted_through() -> None:
    assert dates(at(2028, 2, 27), Interval("day", 2), 3) == [
        "2028-02-27", "2028-02-29", "2028-03-02",
    ]  # fmt: skip
    assert dates(at(2026, 12, 28), Interval("week", 1), 2) == ["2026-12-28", "2027-01-04"]


@pytest.mark.parametrize(
    ("anchor", "interval", "after"),
    [
        (at(2026, 2, 28, 2, 30, BERLIN), Interval("day", 29), at(2026, 4, 27, 2, 30, BERLIN)),
        (at(2026, 3, 22, 2, 30, BERLIN), Interval("week", 1), at(2026, 4, 5, 2, 30, BERLIN)),
        (at(2025, 12, 29, 2, 30, BERLIN), Interval("month", 3), at(2026, 6, 29, 2, 30, BERLIN)),
        (at(2025, 3, 29, 2, 30, BERLIN), Interval("year", 1), at(2027, 3, 29, 2, 30, BERLIN)),
    ],
)
def test_money_case_18_a_time_the_clocks_skip_becomes_the_one_an_hour_later(
    anchor: datetime, interval: Interval, after: datetime
) -> None:
    half_past_three = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert start_of(anchor, 1, interval, BERLIN) == half_past_three
    assert start_of(anchor, 2, interval, BERLIN) == after


def test_money_case_18_a_time_the_clocks_show_twice_is_the_first_of_the_two() -> None:
    anchor = at(2026, 9, 25, 2, 30, BERLIN)
    start = start_of(anchor, 1, MONTH, BERLIN)
    assert start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 1])
def test_an_anchor_in_the_doubled_hour_is_kept(hour: int) -> None:
    anchor = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert start_of(anchor, 0, MONTH, BERLIN) == anchor
    assert start_of(anchor, 1, MONTH, BERLIN) == datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def test_money_case_21_the_month_is_that_of_the_papers_zone() -> None:
    evening = datetime(2026, 1, 30, 20, 0, tzinfo=UTC)
    in_india = start_of(evening, 1, MONTH, "Asia/Kolkata")
    assert in_india == datetime(2026, 2, 27, 20, 0, tzinfo=UTC)
    assert start_of(evening, 1, MONTH, "UTC") == datetime(2026, 2, 28, 20, 0, tzinfo=UTC)
    assert start_of(evening, 2, MONTH, "Asia/Kolkata") == datetime(2026, 3, 30, 20, 0, tzinfo=UTC)


def test_wall_clock_time_stays_when_the_clocks_change() -> None:
    anchor = at(2026, 1, 15, 9, 0, BERLIN)
    assert start_of(anchor, 0, MONTH, BERLIN).hour == 8
    assert start_of(anchor, 6, MONTH, BERLIN).hour == 7


@pytest.mark.parametrize(
    ("unit", "count"), [("month", 0), ("month", -1), ("fortnight", 1), ("", 1)]
)
def test_what_is_no_interval_is_refused(unit: str, count: int) -> None:
    with pytest.raises(ValueError, match="no interval"):
        Interval(unit, count)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("interval", "months"),
    [
        (Interval("month", 3), 3),
        (Interval("year", 2), 24),
        (Interval("week", 4), 0),
        (Interval("day", 30), 0),
    ],
)
def test_months_of_an_interval(interval: Interval, months: int) -> None:
    assert interval.months == months


@given(anchors, intervals, zones)
def test_the_first_period_begins_at_the_anchor(
    anchor: datetime, interval: Interval, zone: str
) -> None:
    assert start_of(anchor, 0, interval, zone) == anchor


@given(anchors, numbers, intervals, zones)
def test_each_period_begins_after_the_one_before(
    anchor: datetime, number: int, interval: Interval, zone: str
) -> None:
    here = start_of(anchor, number, interval, zone)
    assert here.tzinfo is UTC
    assert here < start_of(anchor, number + 1, interval, zone)


@given(anchors, numbers, calendar_intervals, zones)
def test_no_period_drifts(anchor: datetime, number: int, interval: Interval, zone: str) -> None:
    local = anchor.astimezone(ZoneInfo(zone))
    start = start_of(anchor, number, interval, zone).astimezone(ZoneInfo(zone))
    months = (start.year - local.year) * 12 + start.month - local.month
    assert months == number * interval.months
    assert start.day == min(local.day, monthrange(start.year, start.month)[1])
    assert wall_clock(start, local)


@given(anchors, numbers, st.sampled_from(["day", "week"]), st.integers(1, 60), zones)
def test_days_are_counted_on_the_calendar(
    anchor: datetime, number: int, unit: str, count: int, zone: str
) -> None:
    local = anchor.astimezone(ZoneInfo(zone))
    start = start_of(anchor, number, Interval(unit, count), zone).astimezone(ZoneInfo(zone))
    days = number * count * (7 if unit == "week" else 1)
    assert start.date() == local.date() + timedelta(days=days)
    assert wall_clock(start, local)


def wall_clock(start: datetime, local: datetime) -> bool:
    """The same time of day, or a time that the clocks skipped, moved on by the step."""
    if start.time() == local.time():
        return True
    wanted = datetime.combine(start.date(), local.time(), tzinfo=start.tzinfo)
    exists = wanted.astimezone(UTC).astimezone(start.tzinfo).time() == local.time()
    return not exists and start == wanted.astimezone(UTC) and start.time() > local.time()
