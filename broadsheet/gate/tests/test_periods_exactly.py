"""Months, weeks and rolling days of the meter, against a plain count by the calendar."""

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.gate.meter import Meter
from broadsheet.gate.policy import Allowance, Period, Policy
from broadsheet.gate.tests.asking import Clock
from broadsheet.gate.tests.test_meter import ask, opened

LIMIT = 2
HOUR = 3600
Same = Callable[[datetime, datetime], bool]

CALENDARS: dict[Period, Same] = {
    "month": lambda one, two: (one.year, one.month) == (two.year, two.month),
    "week": lambda one, two: one.isocalendar()[:2] == two.isocalendar()[:2],
    "days": lambda one, two: two.timestamp() - one.timestamp() < 7 * 24 * HOUR,
}
STARTS = (
    datetime(2026, 3, 27, 21),  # Two days before Berlin's clocks go forward, on a Friday.
    datetime(2026, 10, 23, 12),  # Two days before they go back.
    datetime(2026, 11, 29, 23),  # A Sunday whose week ends in December.
    datetime(2026, 12, 27, 23),  # A Sunday; the week after it is the first of no single year.
    datetime(2028, 2, 28, 1),
)
moves = st.sampled_from([0, 1, 60, 30 * 60, HOUR, 5 * HOUR, 23 * HOUR, 24 * HOUR, 25 * HOUR])
steps = st.lists(
    st.tuples(
        moves | st.sampled_from([3 * 24 * HOUR, 6 * 24 * HOUR]), st.integers(1, 5), st.booleans()
    ),
    min_size=5,
    max_size=60,
)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(sorted(CALENDARS)),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia"]),
    st.sampled_from(STARTS),
    steps,
)
def test_reads_count_in_their_own_period_across_month_ends_clock_changes_and_restarts(
    period: Period, zone: str, start: datetime, walk: list[tuple[float, int, bool]]
) -> None:
    here = ZoneInfo(zone)
    clock = Clock(start.replace(tzinfo=here).timestamp())
    policy = Policy((Allowance("anonymous", LIMIT),), period=period, days=7)
    known: dict[int, datetime] = {}
    with tempfile.TemporaryDirectory() as folder:
        meter = Meter(Path(folder), zone=zone, policy=policy, clock=clock)
        for seconds, article, is_killed in walk:
            clock.now += seconds
            if is_killed:
                meter = Meter(Path(folder), zone=zone, policy=policy, clock=clock)
            meter.tick()
            at = datetime.fromtimestamp(clock.now, here)
            mine = {one for one, when in known.items() if CALENDARS[period](when, at)}
            decision = ask(meter, article)
            assert decision.counted == (article not in mine and len(mine) < LIMIT)
            assert (decision.variant == "full") == (article in mine or decision.counted)
            if decision.counted:
                known[article] = at


def clock_at(*parts: int, zone: str = "Europe/Berlin") -> float:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).timestamp()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 29), 23), (datetime(2026, 10, 25), 25)]
)
def test_a_day_on_which_the_clocks_change_belongs_to_its_week_whole(
    tmp_path: Path, day: datetime, hours: int
) -> None:
    """Both are Sundays, the last days of their weeks."""
    here = ZoneInfo("Europe/Berlin")
    now = first = day.replace(tzinfo=here).timestamp()
    policy = Policy((Allowance("anonymous", 3),), period="week")
    meter = Meter(tmp_path, zone="Europe/Berlin", policy=policy, clock=lambda: now)
    assert opened(meter, range(1, 5)) == 3
    now = first + hours * HOUR - 1
    assert opened(meter, range(11, 15)) == 0
    now = first + hours * HOUR
    assert opened(meter, range(11, 15)) == 3


def test_an_hour_that_comes_twice_is_no_new_week(tmp_path: Path) -> None:
    """In Sao Paulo midnight of Sunday, 18 February 2018 became 23:00 of Saturday."""
    zone = "America/Sao_Paulo"
    now = clock_at(2018, 2, 17, 23, 30, zone=zone)
    policy = Policy((Allowance("anonymous", 3),), period="week")
    meter = Meter(tmp_path, zone=zone, policy=policy, clock=lambda: now)
    assert opened(meter, range(1, 5)) == 3
    now += HOUR
    assert datetime.fromtimestamp(now, ZoneInfo(zone)).hour == 23
    assert opened(meter, range(11, 15)) == 0


@pytest.mark.parametrize("period", ["month", "week", "days"])
def test_a_clock_set_back_by_hours_frees_nothing_even_after_a_restart(
    tmp_path: Path, period: Period
) -> None:
    now = clock_at(2026, 6, 1, 0, 30)  # A Monday, the first of its month.
    policy = Policy((Allowance("anonymous", 3),), period=period, days=7)
    meter = Meter(tmp_path, zone="Europe/Berlin", policy=policy, clock=lambda: now)
    assert opened(meter, range(1, 5)) == 3
    for step in (-HOUR, -10 * HOUR, 11 * HOUR, 20 * HOUR):
        now += step
        assert opened(meter, range(11, 15)) == 0
    now -= 20 * HOUR + 600
    opened(meter, range(21, 25))
    again = Meter(tmp_path, zone="Europe/Berlin", policy=policy, clock=lambda: now + HOUR)
    assert opened(again, range(31, 35)) == 0


def test_what_was_read_while_the_clock_was_back_counts_in_the_new_month(tmp_path: Path) -> None:
    now = clock_at(2026, 6, 1, 0, 30)
    meter = Meter(tmp_path, zone="Europe/Berlin", clock=lambda: now)
    assert opened(meter, range(1, 2)) == 1
    now -= HOUR
    assert opened(meter, range(2, 9)) == 2
    now += 2 * HOUR
    again = Meter(tmp_path, zone="Europe/Berlin", clock=lambda: now)
    assert opened(again, range(11, 15)) == 0


def test_a_rolling_read_ends_to_the_second(tmp_path: Path) -> None:
    now = clock_at(2026, 10, 20, 12)
    policy = Policy((Allowance("anonymous", 1),), period="days", days=7)
    meter = Meter(tmp_path, zone="Europe/Berlin", policy=policy, clock=lambda: now)
    assert ask(meter, 1).counted
    # Seven days of 24 hours: by the clock on the wall it is an hour earlier then.
    now += timedelta(days=7).total_seconds() - 1
    assert ask(meter, 2).reason == "limit_anonymous" and ask(meter, 1).rule == "again"
    now += 1
    assert ask(meter, 2).counted and ask(meter, 1).reason == "limit_anonymous"
