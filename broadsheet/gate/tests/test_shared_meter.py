"""The meter of several gates, on a real Valkey or Redis."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.rules import Asking, Decision, Reader, Report
from broadsheet.gate.shared_meter import SharedMeter
from broadsheet.gate.tests.tallies import Server, Shared, needs_server, running
from broadsheet.gate.tests.test_meter import ONE

pytestmark = needs_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("tally")) as made:
        yield made


@pytest.fixture
def shared(server: Server) -> Iterator[Shared]:
    with server.client() as client:
        client.flushall()
    made = Shared(server)
    yield made
    made.end()


async def ask(
    meter: SharedMeter, article: int, number: int = 0, anonymous: str = ONE, *rights: str
) -> Decision:
    return await meter.ask(
        Report(article, "metered"),
        Reader(number > 0, frozenset(rights)),
        number=number,
        anonymous=anonymous,
        asking=Asking(),
    )


async def opened(meter: SharedMeter, articles: range, number: int = 0, anonymous: str = ONE) -> int:
    found = [await ask(meter, n, number, anonymous) for n in articles]
    return sum(one.variant == "full" for one in found)


def lines(folder: Path) -> list[str]:
    return [one.outcome for path in segments(folder) for one in read_segment(path)[0]]


def test_two_gates_give_together_what_one_gives(shared: Shared, tmp_path: Path) -> None:
    one, two = shared.meter(tmp_path), shared.meter(tmp_path)
    assert shared.run(opened(one, range(1, 3))) == 2
    assert shared.run(opened(two, range(3, 10))) == 1
    assert shared.run(opened(two, range(1, 4))) == 3
    assert lines(tmp_path) == ["read"] * 3


def test_four_gates_asked_at_once_open_exactly_as_many_as_are_free(
    shared: Shared, tmp_path: Path
) -> None:
    gates = [shared.meter(tmp_path) for _ in range(4)]

    async def all_at_once() -> list[Decision]:
        asked = [ask(gates[n % 4], n % 40 + 1) for n in range(500)]
        return list(await asyncio.gather(*asked))

    found = shared.run(all_at_once())
    assert sum(one.counted for one in found) == 3 == len(lines(tmp_path))
    assert {one.rule for one in found} == {"metered", "again"}
    assert len(shared.run(gates[0].held(f"a{ONE}"))) == 3
