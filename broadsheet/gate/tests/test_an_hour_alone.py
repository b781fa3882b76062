"""Newsroom and database are stopped, and the gate serves the paper for an hour, and for a day.

The hours pass by the gate's clock, which the test sets; everything else is the gate's own.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from broadsheet.gate import passes
from broadsheet.gate.app import Gate
from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.tests.asking import Answer, Clock, Request
from broadsheet.gate.tests.conftest import CANARY, SECRET, article, new_paper

START = 1_795_300_000.0
MINUTE, HOUR = 60, 3600
OPENS, CLOSES = START + 1234, START + 2345

Ask = Callable[..., Awaitable[Answer]]


def pass_issued(at: float, *entitlements: str) -> str:
    signed = passes.sign_pass(passes.Pass(7, frozenset(entitlements), at), passes.pass_key(SECRET))
    return f"pass={signed}"


def new_reader() -> str:
    signed = passes.sign_reader_id(passes.new_reader_id(), passes.reader_key(SECRET))
    return f"reader={signed}"


def is_open(answer: Answer) -> bool:
    return CANARY.encode() in answer.body


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pressed paper beside which there is neither a database nor a newsroom."""
    paper = new_paper(tmp_path)
    paper.press(
        *article("/open", 1, "open"),
        *article("/premium", 2, "premium"),
        *(one for n in range(3, 9) for one in article(f"/metered-{n}", n)),
        *article("/later", 9, "open", not_before=OPENS),
        *article("/shorter", 10, "open", not_after=CLOSES),
    )
    assert {p.name for p in tmp_path.iterdir() if "sqlite3" in p.name} == {"pressed.sqlite3"}
    monkeypatch.chdir(tmp_path)
    return tmp_path


def by_the_clock(home: Path, story: Callable[[Gate, Clock, Ask], Awaitable[None]]) -> None:
    """Tell a story to a gate whose clock starts at START."""

    async def told() -> None:
        clock = Clock(START)
        gate = Gate(home, SECRET, clock=clock)
        await gate.ready(5)

        async def ask(path: str, method: str = "GET", **fields: str) -> Answer:
            answer = Answer()
            await gate.__rsgi__(Request(path, method, **fields), answer)  # type: ignore[arg-type]
            return answer

        try:
            await story(gate, clock, ask)
        finally:
            await gate.close()

    asyncio.run(told())


def test_for_an_hour_every_page_is_there_and_every_wall(alone: Path) -> None:
    async def an_hour(gate: Gate, clock: Clock, ask: Ask) -> None:
        subscriber = pass_issued(START, "unlimited", "premium")
        reader, reads = new_reader(), 0
        for minute in range(61):
            clock.now = START + minute * MINUTE
            gate.notice()
            assert (await ask("/")).status == 200
            assert is_open(await ask("/open"))
            stranger = await ask("/premium")
            assert not is_open(stranger) and b"wall premium" in stranger.body
            assert is_open(await ask("/premium", cookie=subscriber)), minute
            assert is_open(await ask("/metered-3", cookie=subscriber)), minute
            if minute % 10 == 0:
                reads += is_open(await ask(f"/metered-{3 + minute // 10 % 6}", cookie=reader))
            assert (await ask("/later")).status == (200 if clock.now >= OPENS else 404)
            assert (await ask("/shorter")).status == (200 if clock.now < CLOSES else 410)
        # Six articles were asked for, the first of them once more at the end of the hour.
        assert reads == 3 + 1

    by_the_clock(alone, an_hour)
    (segment,) = segments(alone / "journal", "2026-11")
    told = [record for record in read_segment(segment)[0] if record.outcome == "read"]
    assert [record.article for record in told] == [3, 4, 5]


def test_embargo_and_expiry_are_kept_to_the_second(alone: Path) -> None:
    async def to_the_second(gate: Gate, clock: Clock, ask: Ask) -> None:
        for second in range(-2, 3):
            clock.now = OPENS + second
            assert (await ask("/later")).status == (200 if second >= 0 else 404), second
        for second in range(-2, 3):
            clock.now = CLOSES + second
            assert (await ask("/shorter")).status == (410 if second >= 0 else 200), second

    by_the_clock(alone, to_the_second)


def test_a_pass_opens_for_a_day_and_not_a_second_more(alone: Path) -> None:
    async def a_day(gate: Gate, clock: Clock, ask: Ask) -> None:
        subscriber = pass_issued(START, "premium")
        for hour in range(24):
            clock.now = START + hour * HOUR
            answer = await ask("/premium", cookie=subscriber)
            assert is_open(answer), hour
        clock.now = START + passes.ACCEPTED - 1
        assert is_open(await ask("/premium", cookie=subscriber))
        clock.now = START + passes.ACCEPTED
        assert not is_open(await ask("/premium", cookie=subscriber))
        assert not is_open(await ask("/premium", cookie=pass_issued(clock.now + HOUR, "premium")))

    by_the_clock(alone, a_day)


def test_a_revoked_pass_opens_nothing_although_nobody_can_be_asked(alone: Path) -> None:
    async def revoked(gate: Gate, clock: Clock, ask: Ask) -> None:
        subscriber = pass_issued(START, "premium")
        assert is_open(await ask("/premium", cookie=subscriber))
        new_paper(alone).press_event(lambda run: run.revoke(7, START + 1))
        gate.notice()
        assert not is_open(await ask("/premium", cookie=subscriber))

    by_the_clock(alone, revoked)


def test_what_only_the_newsroom_knows_is_said_to_be_away(alone: Path) -> None:
    async def asked(gate: Gate, clock: Clock, ask: Ask) -> None:
        assert (await ask("/accounts/login/")).status == 503
        assert (await ask("/desk/")).status == 503
        health = await ask("/healthz")
        told = json.loads(health.body)
        assert health.status == 200 and told["status"] == "degraded"
        assert told["checks"] == {
            "store": "ok", "journal": "ok", "newsroom": "failing", "database": "failing"
        }  # fmt: skip

    by_the_clock(alone, asked)


def test_the_next_month_begins_without_anybody(alone: Path) -> None:
    async def a_month(gate: Gate, clock: Clock, ask: Ask) -> None:
        reader = new_reader()
        opened = [is_open(await ask(f"/metered-{n}", cookie=reader)) for n in range(3, 8)]
        clock.now = START + 31 * 24 * HOUR
        again = [is_open(await ask(f"/metered-{n}", cookie=reader)) for n in range(4, 9)]
        assert opened == again == [True] * 3 + [False] * 2

    by_the_clock(alone, a_month)
