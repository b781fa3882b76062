"""How often a feed is asked, when its silence is strange, and who is asked next."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import rhythm
from broadsheet.wire.rhythm import Due, choose, is_believed, is_quiet, pause

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = 60, 3600, 86_400
hosts = st.sampled_from(["a", "b", "c", "d", "e", "f"])
feeds = st.lists(st.builds(Due, st.integers(1, 999), hosts, st.booleans()), max_size=30)


def every(seconds: int, times: int = 60) -> list[int]:
    start = int(MONDAY.timestamp()) - seconds * times
    return rhythm.merged([], [start + n * seconds for n in range(times + 1)])


def test_the_rhythm_is_the_median_gap() -> None:
    assert rhythm.rhythm_of(every(10 * MINUTE)) == 10 * MINUTE
    assert rhythm.rhythm_of([0, 600, 1200, 90_000]) == 600
    assert rhythm.rhythm_of([0, 600]) is None


def test_a_busy_feed_is_asked_often_and_a_rare_one_seldom() -> None:
    bounds = {"least": 120, "most": 4 * HOUR}
    assert pause(10 * MINUTE, 0, **bounds) == 120
    assert pause(HOUR, 0, **bounds) == 6 * MINUTE
    assert pause(7 * DAY, 0, **bounds) == 4 * HOUR
    assert pause(None, 0, **bounds) == 120


def test_a_hint_makes_a_pause_longer_never_longer_than_the_publisher_says() -> None:
    assert pause(10 * MINUTE, 1800, least=120, most=HOUR) == 1800
    assert pause(10 * MINUTE, DAY, least=120, most=HOUR) == HOUR


@given(st.none() | st.integers(0, 10**7), st.floats(0, 10**6), st.integers(1, 999))
def test_a_pause_stays_within_its_bounds(gap: int | None, hint: float, least: int) -> None:
    assert least <= pause(gap, hint, least=least, most=least * 7) <= least * 7


def test_silence_is_strange_after_eight_gaps_and_six_hours() -> None:
    def quiet(hours: float, gap: int | None) -> bool:
        return is_quiet(MONDAY - timedelta(hours=hours), MONDAY, gap, [])

    assert not quiet(5.9, 10 * MINUTE)
    assert quiet(6.1, 10 * MINUTE)
    assert not quiet(31, 4 * HOUR)
    assert quiet(33, 4 * HOUR)
    assert not quiet(999, None)


def office_hours() -> list[int]:
    """A feed that publishes from nine to five, Monday to Friday."""
    days = [MONDAY + timedelta(days=n) for n in range(-28, 0)]
    return rhythm.counted(
        [], (d.replace(hour=h) for d in days if d.weekday() < 5 for h in range(9, 17))
    )


def test_a_feed_that_sleeps_at_night_and_at_weekends_is_not_strange_then() -> None:
    friday = datetime(2026, 11, 13, 17, tzinfo=UTC)
    monday = datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert not is_quiet(friday, monday, HOUR // 4, office_hours())
    assert is_quiet(friday, monday + timedelta(hours=7), HOUR // 4, office_hours())
    assert is_quiet(friday, monday, HOUR // 4, [])


@given(st.lists(st.integers(0, 20), min_size=48, max_size=48), st.integers(0, 400))
def test_no_more_than_the_whole_silence_counts(hours: list[int], silent: int) -> None:
    since = MONDAY - timedelta(hours=silent)
    assert timedelta(0) <= rhythm.awake(since, MONDAY, hours) <= MONDAY - since


def test_a_move_is_believed_after_three_sightings_and_a_day() -> None:
    assert is_believed(3, MONDAY - timedelta(hours=24), MONDAY)
    assert not is_believed(2, MONDAY - timedelta(hours=48), MONDAY)
    assert not is_believed(9, MONDAY - timedelta(hours=23), MONDAY)


@given(feeds, st.dictionaries(hosts, st.booleans()), st.integers(1, 8))
def test_a_host_is_asked_by_one_at_a_time_and_slots_are_never_exceeded(
    due: list[Due], busy: dict[str, bool], most: int
) -> None:
    chosen = choose(due, busy, most)
    asked = [one.host for one in chosen]
    assert len(set(asked)) == len(asked)
    assert not set(asked) & busy.keys()
    assert not chosen or len(chosen) + len(busy) <= most


@given(feeds, st.integers(2, 8))
def test_feeds_that_fail_never_take_all_slots(due: list[Due], most: int) -> None:
    assert sum(one.failing for one in choose(due, {}, most)) <= most // 2


@given(feeds)
def test_a_host_that_is_well_is_asked_whenever_there_is_room(due: list[Due]) -> None:
    well = {one.host for one in due if not one.failing}
    assert well <= {one.host for one in choose(due, {}, 99)}
