"""A month, a week, some days back: which reads count, over ends, starts and clocks."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate import uptake
from broadsheet.gate.journal import segments
from broadsheet.gate.meter import SWEPT_AT_ONCE, Meter
from broadsheet.gate.periods import window_at
from broadsheet.gate.policy import Allowance, Period, Policy
from broadsheet.gate.tests.test_meter import ONE, ask, opened

BERLIN = "Europe/Berlin"
HOUR, DAY = 3600, 86_400


class Clock:
    def __init__(self, *moment: int) -> None:
        self.at = datetime(*moment, tzinfo=ZoneInfo(BERLIN)).timestamp()  # type: ignore[arg-type,misc]

    def __call__(self) -> float:
        return self.at


def meter_at(folder: Path, clock: Clock, period: Period = "month", days: int = 30) -> Meter:
    return Meter(folder, zone=BERLIN, policy=Policy(period=period, days=days), clock=clock)


def test_a_week_begins_on_monday_in_the_papers_zone(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 29, 23, 59, 59)
    meter = meter_at(tmp_path, clock, "week")
    assert opened(meter, range(1, 5)) == 3
    clock.at += 1
    assert ask(meter, 9).counted


def test_a_week_goes_on_over_the_end_of_a_month_and_a_new_start(tmp_path: Path) -> None:
    clock = Clock(2026, 9, 30, 23, 59)
    meter = meter_at(tmp_path, clock, "week")
    assert opened(meter, range(1, 3)) == 2
    clock.at += 120
    assert meter.reads(f"a{ONE}") == (1, 2)
    assert opened(meter, range(3, 6)) == 1
    again = meter_at(tmp_path, clock, "week")
    assert again.reads(f"a{ONE}") == (1, 2, 3)
    assert {path.name[:7] for path in segments(tmp_path)} == {"2026-09", "2026-10"}


def test_each_read_counts_for_so_many_days(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 1)
    meter = meter_at(tmp_path, clock, "days", 7)
    for number in (1, 2, 3):
        assert ask(meter, number).counted
        clock.at += DAY
    assert ask(meter, 4).reason == "limit_anonymous"
    clock.at += 4 * DAY - 1
    assert ask(meter, 4).reason == "limit_anonymous"
    clock.at += 1
    assert ask(meter, 4).counted
    assert ask(meter, 5).reason == "limit_anonymous"
    assert meter.reads(f"a{ONE}") == (2, 3, 4)


def test_what_left_a_rolling_period_is_read_anew_and_counts_again_after_a_start(
    tmp_path: Path,
) -> None:
    clock = Clock(2026, 10, 28)
    meter = meter_at(tmp_path, clock, "days", 7)
    ask(meter, 1)
    clock.at += 7 * DAY
    assert ask(meter, 1).counted
    assert meter_at(tmp_path, clock, "days", 7).reads(f"a{ONE}") == (1,)


def test_readers_whose_reads_are_over_are_let_go_of(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 1)
    meter = meter_at(tmp_path, clock, "days", 2)
    ask(meter, 1)
    clock.at += 3 * DAY + 1
    meter.tick()
    assert not meter._reads


def test_a_changed_period_counts_what_was_read_before(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 3)
    meter = meter_at(tmp_path, clock)
    opened(meter, range(1, 3))
    clock.at += 8 * DAY
    meter.set_policy(Policy(period="week"), BERLIN)
    assert meter.reads(f"a{ONE}") == ()
    meter.set_policy(Policy(period="days", days=9), BERLIN)
    assert meter.reads(f"a{ONE}") == (1, 2)


def test_money_case_58_a_limit_changed_in_the_month_holds_at_once_and_forgets_nothing(
    tmp_path: Path,
) -> None:
    clock = Clock(2026, 11, 10)
    meter = meter_at(tmp_path, clock)
    assert opened(meter, range(1, 9)) == 3
    meter.set_policy(Policy((Allowance("anonymous", 2),)), BERLIN)
    assert ask(meter, 9).reason == "limit_anonymous"
    assert [ask(meter, number).rule for number in (1, 2, 3)] == ["again"] * 3
    meter.set_policy(Policy((Allowance("anonymous", 4),)), BERLIN)
    assert opened(meter, range(20, 30)) == 1


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)).map(
    lambda at: at.replace(tzinfo=ZoneInfo(BERLIN)).timestamp()
)


@given(MOMENTS, st.sampled_from(("month", "week", "days")), st.integers(1, 31))
def test_a_period_holds_now_and_began_before(at: float, period: Period, days: int) -> None:
    window = window_at(at, BERLIN, Policy(period=period, days=days))
    assert window.opens <= at < window.closes
    assert window.since <= at


@given(MOMENTS, st.sampled_from(("month", "week")))
def test_one_period_follows_the_other_without_a_gap_on_days_of_23_and_25_hours(
    at: float, period: Period
) -> None:
    policy = Policy(period=period)
    window = window_at(at, BERLIN, policy)
    assert window_at(window.closes - 1, BERLIN, policy) == window
    after = window_at(window.closes, BERLIN, policy)
    assert after.opens == window.closes
    local = datetime.fromtimestamp(after.since, ZoneInfo(BERLIN))
    assert (local.hour, local.minute) == (0, 0)
    assert local.day == 1 if period == "month" else local.weekday() == 0


@pytest.mark.parametrize("period", ["month", "week"])
def test_when_a_period_begins_nothing_is_read_and_nothing_of_the_last_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, period: Period
) -> None:
    clock = Clock(2027, 1, 31, 23, 59)  # A Sunday.
    meter = meter_at(tmp_path, clock, period)
    others = [f"{number:022}" for number in range(SWEPT_AT_ONCE)]
    assert opened(meter, range(1, 5)) == 3 and all(ask(meter, 1, anonymous=o) for o in others)
    monkeypatch.setattr(uptake, "taken_up", None)
    clock.at += 120
    assert opened(meter, range(3, 9)) == 3
    assert meter.reads(f"a{ONE}") == (3, 4, 5)
    for _ in range(2):
        meter.tick()
    assert set(meter._reads) == {f"a{ONE}"} and meter.reads(f"a{ONE}") == (3, 4, 5)
    assert ask(meter, 9).reason == "limit_anonymous"


def test_a_shorter_period_is_begun_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(2026, 11, 10)
    meter = meter_at(tmp_path, clock)
    opened(meter, range(1, 3))
    clock.at += 8 * DAY
    assert ask(meter, 3).counted
    monkeypatch.setattr(uptake, "taken_up", None)
    meter.set_policy(Policy(period="week"), BERLIN)
    assert meter.reads(f"a{ONE}") == (3,)
    monkeypatch.undo()
    meter.set_policy(Policy(), BERLIN)
    assert meter.reads(f"a{ONE}") == (1, 2, 3)
