"""While the journal is taken up the answers go on, by the best that is known, and lose nothing."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from broadsheet.gate import uptake
from broadsheet.gate.app import Gate
from broadsheet.gate.digest import NAME, Found
from broadsheet.gate.digesting import RENEWED_EACH, TAIL_BYTES, Digester
from broadsheet.gate.journal import Journal, Record, segments
from broadsheet.gate.meter import Meter
from broadsheet.gate.policy import Policy
from broadsheet.gate.replay import taken_up
from broadsheet.gate.rules import Asking, Decision, Reader, Report
from broadsheet.gate.tests.asking import Answer, Clock, Request
from broadsheet.gate.tests.conftest import SECRET, Paper, article, unpacked
from broadsheet.gate.uptake import TRIED_AGAIN

NOON = 1_795_348_800  # Sunday, 22 November 2026.
DAY = 86_400
WEEK, MONTH = Policy(period="week"), Policy()
ONE = "A" * 22


def record(number: int, at: float, month: str = "2026-11") -> Record:
    return Record(int(at), month, f"a{ONE}", number, "read", 0, "metered", number, 3)


def write(folder: Path, *records: Record) -> None:
    journal = Journal(folder)
    for one in records:
        journal.append(one)
    journal.close()


def large_segment(folder: Path, lines: int, at: float = NOON) -> None:
    """A segment of so many readers who opened one article each."""
    folder.mkdir(parents=True, exist_ok=True)
    month = time.strftime("%Y-%m", time.gmtime(at))
    text = "".join(
        f"{int(at)} {month} a{number:022} {number % 900 + 1} read 3 metered 1/3\n"
        for number in range(lines)
    )
    (folder / f"{month}.000001.journal").write_text(text)


async def ask(
    meter: Meter, number: int, *, anonymous: str = ONE, account: int = 0, at: float = NOON
) -> Decision:
    return await meter.ask(
        Report(number, "metered"),
        Reader(account > 0),
        number=account,
        anonymous=anonymous,
        now=at,
        asking=Asking(),
    )


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


class Held:
    """Holds the reading of the journal back until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.number = 0

    def taken_up(self, folder: Path, since: float, reads_since: float) -> Found:
        self.number += 1
        found = taken_up(folder, since, reads_since)
        assert self.go.wait(20)
        return found


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held()
    monkeypatch.setattr(uptake, "taken_up", made.taken_up)
    yield made
    made.go.set()


async def until(what: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def test_the_loop_goes_on_while_a_large_journal_is_taken_up(tmp_path: Path) -> None:
    large_segment(tmp_path, 250_000)

    async def work() -> None:
        meter = Meter(tmp_path, clock=lambda: NOON)
        gaps, begin = [], time.perf_counter()
        last = begin
        while meter._unread:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
        # At once, all of it would be a single gap.
        assert len(gaps) > 20 and max(gaps) < (last - begin) / 3
        assert meter.reads(f"a{7:022}") == (8,) and len(meter._reads) == 250_000

    run(work())


def test_a_longer_period_is_read_beside_the_loop_and_nothing_is_lost(
    tmp_path: Path, held: Held
) -> None:
    """Sunday: of this week's reads one is in memory, of this month's another one in the journal."""
    write(tmp_path, record(1, NOON - 10 * DAY), record(2, NOON - DAY))
    held.go.set()

    async def work() -> None:
        meter = Meter(tmp_path, policy=WEEK, clock=lambda: NOON)
        await meter.ready()
        assert meter.reads(f"a{ONE}") == (2,)
        held.go.clear()
        meter.set_policy(MONTH, "UTC")
        for number, expected in ((3, 2), (4, 3)):
            decision = await asyncio.wait_for(ask(meter, number), 0.5)
            assert decision.counted and decision.reads == expected
        # By the rule that still holds: three in this week.
        assert (await ask(meter, 5)).reason == "limit_anonymous"
        assert (await ask(meter, 8, account=7)).counted
        assert meter._policy == WEEK and meter.check()
        held.go.set()
        await until(lambda: meter._policy == MONTH)
        assert set(meter.reads(f"a{ONE}")) == {1, 2, 3, 4}
        assert set(meter.reads("u7")) == {2, 3, 4, 8}
        assert (await ask(meter, 1)).rule == "again"
        again = Meter(tmp_path, policy=MONTH, clock=lambda: NOON)
        await again.ready()
        assert set(again.reads(f"a{ONE}")) == {1, 2, 3, 4}

    run(work())


def test_the_newest_rules_are_taken_when_they_change_while_the_journal_is_read(
    tmp_path: Path, held: Held
) -> None:
    write(tmp_path, record(1, NOON - 25 * DAY, "2026-10"), record(2, NOON - 10 * DAY))
    held.go.set()

    async def work() -> None:
        meter = Meter(tmp_path, policy=WEEK, clock=lambda: NOON)
        await meter.ready()
        held.go.clear()
        meter.set_policy(MONTH, "UTC")
        longest = Policy(period="days", days=30, register_after=2)
        meter.set_policy(longest, "UTC")
        held.go.set()
        await until(lambda: meter._policy == longest)
        assert set(meter.reads(f"a{ONE}")) == {1, 2}
        held.go.clear()
        meter.set_policy(Policy(period="days", days=31), "UTC")
        meter.set_policy(WEEK, "UTC")
        assert meter._policy == WEEK
        held.go.set()
        await until(lambda: not meter._uptake.runs)
        assert meter._policy == WEEK and meter.reads(f"a{ONE}") == ()

    run(work())


def test_who_comes_at_the_start_waits_for_what_was_read_before(tmp_path: Path, held: Held) -> None:
    write(tmp_path, *(record(number, NOON - DAY) for number in (1, 2, 3)))

    async def work() -> None:
        meter = Meter(tmp_path, clock=lambda: NOON)
        asked = [asyncio.create_task(ask(meter, number)) for number in (3, 4)]
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in asked) and meter.waits and not meter.check()
        meter.tick()
        assert meter.waits
        held.go.set()
        again, wall = [await one for one in asked]
        assert (again.rule, wall.reason) == ("again", "limit_anonymous")
        meter.tick()
        assert not meter.waits and meter.check() and held.number == 1

    run(work())


@pytest.mark.parametrize(("is_open", "variant"), [(False, "teaser"), (True, "full")])
def test_who_waited_long_enough_gets_what_the_publisher_chose(
    tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch, is_open: bool, variant: str
) -> None:
    monkeypatch.setattr(uptake, "PATIENCE", 0.05)

    async def work() -> None:
        policy = Policy(open_when_down=is_open)
        meter = Meter(tmp_path, policy=policy, clock=lambda: NOON)
        decision = await ask(meter, 1)
        assert (decision.variant, decision.rule) == (variant, "unrecorded")
        # Nobody waits after that.
        assert (await asyncio.wait_for(ask(meter, 2), 0.05)).rule == "unrecorded"
        held.go.set()
        await until(lambda: not meter._unread)
        assert (await ask(meter, 1)).counted

    run(work())


def test_a_journal_that_cannot_be_read_is_tried_again_beside_the_loop(tmp_path: Path) -> None:
    write(tmp_path, record(1, NOON - DAY))
    (segment,) = segments(tmp_path)
    content = segment.read_bytes()
    segment.unlink()
    segment.mkdir()
    clock = Clock(NOON)

    async def work() -> None:
        meter = Meter(tmp_path, clock=clock)
        assert (await ask(meter, 2)).rule == "unrecorded"
        assert meter.fault and meter.take_opened() is None
        segment.rmdir()
        segment.write_bytes(content)
        clock.now += TRIED_AGAIN
        meter.tick()
        assert (await ask(meter, 2, at=clock.now)).reads == 2
        assert meter.check() and meter.take_opened() == {}

    run(work())


def test_links_and_meter_read_the_journal_once_together(
    tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = Record(NOON - DAY, "2026-11", "b" + "k" * 22, 4, "open", 0, "gift:3", 1, 10)
    write(tmp_path / "journal", record(1, NOON - DAY), opening)
    held.go.set()

    async def work() -> None:
        gate = Gate(tmp_path, SECRET, clock=lambda: NOON)
        await gate.ready(5)
        gate._door.tick()
        assert gate._door.meter.reads(f"a{ONE}") == (1,)
        assert set(gate._door.lending.openings._opened) == {"gift:3"}
        assert held.number == 1
        await gate.close()

    Paper(tmp_path).press()
    run(work())


def test_what_is_withdrawn_while_a_reader_waits_is_not_sent(paper: Paper, held: Held) -> None:
    paper.press(*article("/one", 1), *article("/two", 2), *article("/open", 3, "open"))
    cookie = paper.reader_cookie()

    async def work() -> None:
        gate = Gate(paper.home, SECRET, clock=lambda: NOON)
        answers = {path: Answer() for path in ("/one", "/two", "/open")}
        tasks = [
            asyncio.create_task(gate.__rsgi__(Request(path, cookie=cookie), answer))  # type: ignore[arg-type]
            for path, answer in answers.items()
        ]
        await asyncio.sleep(0.05)
        assert [one.done() for one in tasks] == [False, False, True]
        assert answers["/open"].status == 200
        paper.press_event(lambda run: run.remove("/two"))
        gate.notice()
        held.go.set()
        await asyncio.gather(*tasks)
        assert answers["/one"].status == 200 and answers["/two"].status != 200
        await gate.close()

    run(work())


def test_a_gate_leaves_a_digest_behind_and_starts_from_it_after_a_kill(paper: Paper) -> None:
    paper.press(*article("/one", 1), *article("/two", 2), free_anonymous="1")
    journal = paper.home / "journal"
    line = len(f"{NOON} 2026-11 a{0:022} 1 read 3 metered 1/3\n")
    large_segment(journal, TAIL_BYTES // line + 1, at=time.time())
    paper.start()
    cookie = paper.reader_cookie()
    assert b"second ledger" in unpacked(paper.ask("/one", cookie=cookie))
    end = time.monotonic() + 20
    while not (journal / NAME).exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    paper.kill()
    now = time.time()
    found = taken_up(journal, now - 30 * DAY, now - 30 * DAY)
    assert len(found.reads) > 60_000 and found.tail < 1000
    paper.start()
    assert b"second ledger" in unpacked(paper.ask("/one", cookie=cookie))
    assert b"wall limit_anonymous" in unpacked(paper.ask("/two", cookie=cookie))


def test_a_digest_is_renewed_twice_a_day_and_none_is_made_of_little(tmp_path: Path) -> None:
    write(tmp_path, record(1, time.time()))
    clock = Clock(time.time())
    digester = Digester(tmp_path, clock=clock)
    clock.now += RENEWED_EACH + 1
    digester.tick(100)
    assert digester._thread is None
    (tmp_path / NAME).write_bytes(b"of an older version")
    digester.tick(100)
    assert digester._thread is None
    clock.now += RENEWED_EACH + 1
    digester.tick(100)
    assert digester._thread is not None
    digester._thread.join(20)


def test_between_two_renewals_is_a_minute_however_much_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, record(1, time.time()))
    digester = Digester(tmp_path, clock=time.time)
    digester.tick(TAIL_BYTES)
    assert digester._thread is not None
    digester._thread.join(20)
    digester.tick(3 * TAIL_BYTES)
    assert digester._thread is None
    monkeypatch.setattr(digester, "_rested_at", time.monotonic())
    digester.tick(3 * TAIL_BYTES)
    assert digester._thread is not None
    digester._thread.join(20)
