import gc
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import pytest

from broadsheet.gate import uptake
from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.meter import Meter
from broadsheet.gate.rules import Asking, Decision, Reader, Report
from broadsheet.gate.uptake import TRIED_AGAIN

ONE = "A" * 22
KOLKATA = ZoneInfo("Asia/Kolkata")


class Clock:
    def __init__(self, year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> None:
        self.at = datetime(year, month, day, hour, minute, tzinfo=KOLKATA).timestamp()

    def __call__(self) -> float:
        return self.at


def meter_at(folder: Path, clock: Clock) -> Meter:
    return Meter(folder, zone="Asia/Kolkata", clock=clock)


def ask(
    meter: Meter,
    article: int,
    *,
    number: int = 0,
    anonymous: str = ONE,
    counts: bool = True,
    entitlements: frozenset[str] = frozenset(),
) -> Decision:
    work = meter.ask(
        Report(article, "metered"),
        Reader(number > 0, entitlements),
        number=number,
        anonymous=anonymous,
        now=meter._clock(),
        asking=Asking(counts=counts),
    )
    try:
        work.send(None)
    except StopIteration as answered:
        decision: Decision = answered.value
        return decision
    raise AssertionError("The meter in memory must not wait between decision and record.")


def opened(meter: Meter, articles: range, **more: object) -> int:
    return sum(ask(meter, n, **more).variant == "full" for n in articles)  # type: ignore[arg-type]


def lines(folder: Path) -> list[str]:
    return [one.outcome for path in segments(folder) for one in read_segment(path)[0]]


def test_the_limit_is_exact_and_rereading_is_free(tmp_path: Path) -> None:
    meter = meter_at(tmp_path, Clock(2026, 11, 10))
    assert opened(meter, range(1, 10)) == 3
    assert opened(meter, range(1, 4)) == 3
    assert lines(tmp_path) == ["read"] * 3


def test_a_new_start_knows_what_was_read(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 10)
    opened(meter_at(tmp_path, clock), range(1, 3))
    again = meter_at(tmp_path, clock)
    assert again.reads(f"a{ONE}") == (1, 2)
    assert opened(again, range(10, 20)) == 1


def test_pythons_garbage_collector_need_not_look_at_reads(tmp_path: Path) -> None:
    meter = meter_at(tmp_path, Clock(2026, 11, 10))
    opened(meter, range(1, 4))
    again = meter_at(tmp_path, Clock(2026, 11, 10))
    for _ in range(3):
        gc.collect()
    for one in (meter, again):
        assert one._reads and not any(map(gc.is_tracked, one._reads.values()))


def test_a_month_begins_in_the_papers_zone(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 30, 23, 59)
    meter = meter_at(tmp_path, clock)
    assert opened(meter, range(1, 5)) == 3
    clock.at += 59
    assert ask(meter, 9).reason == "limit_anonymous"
    clock.at += 1
    assert meter.month == "2026-11"
    assert ask(meter, 9).counted
    assert meter.month == "2026-12"
    assert [path.name for path in segments(tmp_path, "2026-12")] == ["2026-12.000001.journal"]


def test_a_clock_set_back_an_hour_gives_no_second_month(tmp_path: Path) -> None:
    clock = Clock(2026, 12, 1, 0, 30)
    meter = meter_at(tmp_path, clock)
    assert opened(meter, range(1, 5)) == 3
    clock.at -= 3600
    assert opened(meter, range(11, 15)) == 0
    assert meter.month == "2026-12"


def test_an_account_takes_over_what_was_read_without_one(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 10)
    meter = meter_at(tmp_path, clock)
    opened(meter, range(1, 4))
    assert ask(meter, 2, number=7) == Decision("full", "again", "", False, 3, 5)
    assert opened(meter, range(20, 30), number=7) == 2
    assert lines(tmp_path).count(f"merge:a{ONE}") == 1
    assert meter_at(tmp_path, clock).reads("u7") == (1, 2, 3, 20, 21)


def test_money_case_58_a_merge_may_exceed_the_limit_but_closes_nothing_that_was_open(
    tmp_path: Path,
) -> None:
    meter = meter_at(tmp_path, Clock(2026, 11, 10))
    opened(meter, range(1, 4))
    opened(meter, range(11, 16), number=7, anonymous="")
    assert opened(meter, range(1, 4), number=7) == 3
    assert opened(meter, range(11, 16), number=7) == 5
    assert ask(meter, 50, number=7).reason == "limit_registered"


def test_a_head_request_spends_nothing_and_gets_nothing(tmp_path: Path) -> None:
    meter = meter_at(tmp_path, Clock(2026, 11, 10))
    assert ask(meter, 1, counts=False) == Decision("teaser", "metered", "", False, 0, 3)
    assert meter.reads(f"a{ONE}") == ()


def test_unlimited_readers_are_not_counted(tmp_path: Path) -> None:
    meter = meter_at(tmp_path, Clock(2026, 11, 10))
    assert opened(meter, range(50), number=7, entitlements=frozenset({"unlimited"})) == 50
    assert lines(tmp_path) == []


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond 90 bytes: what a full disk does to an append.

    Only around the very requests: the test runner's own output may be a file too.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (90, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_money_case_60_on_a_full_disk_metered_articles_close(tmp_path: Path) -> None:
    meter = meter_at(tmp_path, Clock(2026, 11, 10))
    with full_disk():
        first = ask(meter, 1)
        others = [ask(meter, n).variant for n in (2, 3, 4)]
        again = ask(meter, 1)
        writable = meter.check()
    assert first.counted
    assert others == ["teaser"] * 3
    assert again.variant == "full"
    assert not writable


def test_the_journal_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    clock = Clock(2026, 11, 10)
    meter = meter_at(tmp_path, clock)
    with full_disk():
        answers = [ask(meter, n).variant for n in (1, 2)]
    assert answers == ["full", "teaser"]
    assert ask(meter, 3).counted and meter.check()
    assert meter_at(tmp_path, clock).reads(f"a{ONE}") == (1, 3)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_without_the_right_to_write_metered_articles_close(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    folder.mkdir(mode=0o500)
    meter = meter_at(folder, Clock(2026, 11, 10))
    assert ask(meter, 1) == Decision("teaser", "unrecorded", "", False, 0, 3)


def test_reads_that_cannot_be_read_back_close_metered_articles_until_they_can(
    tmp_path: Path,
) -> None:
    clock = Clock(2026, 11, 10)
    opened(meter_at(tmp_path, clock), range(1, 4))
    segment = segments(tmp_path)[0]
    content = segment.read_bytes()
    segment.unlink()
    segment.mkdir()
    meter = meter_at(tmp_path, clock)
    assert ask(meter, 5) == Decision("teaser", "unrecorded", "", False, 0, 3)
    assert ask(meter, 5, number=7, entitlements=frozenset({"unlimited"})).variant == "full"
    segment.rmdir()
    segment.write_bytes(content)
    clock.at += TRIED_AGAIN
    assert ask(meter, 5).reason == "limit_anonymous"


def test_a_journal_that_cannot_be_read_is_not_tried_for_each_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, tried = Clock(2026, 11, 30, 23, 59), 0
    clock.at += 55

    def failing(*_: object, **__: object) -> NoReturn:
        nonlocal tried
        tried += 1
        raise OSError("Input/output error")

    monkeypatch.setattr(uptake, "taken_up", failing)
    meter = meter_at(tmp_path, clock)
    for _ in range(300):
        assert ask(meter, 1).rule == "unrecorded"
        clock.at += 0.1
    # At the start and each ten seconds; the new month that begins after five changes nothing.
    assert tried == 3
    monkeypatch.undo()
    clock.at += TRIED_AGAIN
    assert ask(meter, 1).counted


def test_a_journal_that_is_no_folder_closes_metered_articles(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    folder.write_text("not a folder")
    meter = meter_at(folder, Clock(2026, 11, 10))
    assert ask(meter, 1) == Decision("teaser", "unrecorded", "", False, 0, 3)
    assert not meter.check()
