"""For how many browsers a link opens when several gates count in one real Valkey or Redis."""

import asyncio
import signal
import time
from pathlib import Path

from broadsheet.gate.links import Link
from broadsheet.gate.openings import Openings
from broadsheet.gate.rules import Report
from broadsheet.gate.shared_openings import SharedOpenings
from broadsheet.gate.tests.load import openings
from broadsheet.gate.tests.tallies import PREFIX, Shared, needs_server, running
from broadsheet.gate.tests.test_meter import full_disk

pytestmark = needs_server
REPORT = Report(4711, "premium", 12)
LINK = f"{PREFIX}link:gift:31"


def gift(most: int = 3, days: int = 7) -> Link:
    return Link("gift", 31, 4711, int(time.time()) + days * 86_400, most, right="premium")


def gate(shared: Shared, folder: Path, *, patience: float = 5.0) -> SharedOpenings:
    meter = shared.meter(folder, patience=patience)
    return SharedOpenings(meter, meter._tally, clock=time.time)


def name(number: int) -> str:
    return f"{number:022}"


async def opens(known: Openings, link: Link, browser: str, *, counts: bool = True) -> bool:
    """As the door asks."""
    if not await known.may(link, browser, counts=counts):
        return False
    return await known.take(link, browser, REPORT, counts=counts)


def test_two_gates_open_together_for_as_many_as_one(shared: Shared, tmp_path: Path) -> None:
    one, two = gate(shared, tmp_path), gate(shared, tmp_path)
    link = gift(3)
    first = [shared.run(opens(one, link, name(n))) for n in range(2)]
    then = [shared.run(opens(two, link, name(n))) for n in range(5)]
    assert (first, then) == ([True] * 2, [True] * 3 + [False] * 2)
    assert shared.run(opens(one, link, name(2)))
    assert [(one.reads, one.limit) for one in openings(tmp_path)] == [(1, 3), (2, 3), (3, 3)]


def test_two_hundred_browsers_at_once_open_exactly_ten(shared: Shared, tmp_path: Path) -> None:
    gates = [gate(shared, tmp_path) for _ in range(4)]
    link = gift(10)

    async def all_at_once() -> list[bool]:
        return list(await asyncio.gather(*(opens(gates[n % 4], link, name(n)) for n in range(200))))

    assert sum(shared.run(all_at_once())) == 10 == len(openings(tmp_path))


def test_one_browser_that_asks_several_gates_at_once_is_one(shared: Shared, tmp_path: Path) -> None:
    gates = [gate(shared, tmp_path) for _ in range(4)]

    async def all_at_once() -> list[bool]:
        return list(await asyncio.gather(*(opens(one, gift(2), name(1)) for one in gates)))

    assert all(shared.run(all_at_once()))
    assert shared.run(opens(gates[0], gift(2), name(2)))
    assert not shared.run(opens(gates[1], gift(2), name(3)))


def test_what_may_give_nothing_new_gives_nothing_new(shared: Shared, tmp_path: Path) -> None:
    one, two = gate(shared, tmp_path), gate(shared, tmp_path)
    assert not shared.run(opens(one, gift(), name(1), counts=False))
    assert openings(tmp_path) == []
    assert shared.run(opens(one, gift(), name(1)))
    assert shared.run(opens(two, gift(), name(1), counts=False))


def test_an_emptied_tally_knows_from_the_journal_who_used_a_link(
    shared: Shared, tmp_path: Path
) -> None:
    one, two = gate(shared, tmp_path), gate(shared, tmp_path)
    link = gift(3)
    for known, n in ((one, 1), (two, 2)):
        assert shared.run(opens(known, link, name(n)))
    with shared.server.client() as client:
        client.flushall()
    assert [shared.run(opens(two, link, name(n))) for n in (1, 3, 4, 2)] == [
        True, True, False, True,
    ]  # fmt: skip
    with shared.server.client() as client:
        assert client.hgetall(LINK) == {name(n).encode(): b"+" for n in (1, 2, 3)}


def test_a_mark_that_vouched_for_reads_alone_is_not_enough(shared: Shared, tmp_path: Path) -> None:
    assert shared.run(opens(gate(shared, tmp_path), gift(1), name(1)))
    with shared.server.client() as client:
        run, since, _, nonce = client.get(f"{PREFIX}mark").split()
        client.delete(LINK)
        client.set(f"{PREFIX}mark", b" ".join((run, since, b"32", nonce)))
    assert not shared.run(opens(gate(shared, tmp_path), gift(1), name(2)))


def test_what_cannot_be_journaled_is_given_back(shared: Shared, tmp_path: Path) -> None:
    one = gate(shared, tmp_path / "journal")
    assert shared.run(opens(one, gift(2), name(1)))
    with full_disk():
        assert not shared.run(opens(one, gift(2), name(2)))
    with shared.server.client() as client:
        assert client.hkeys(LINK) == [name(1).encode()]
    assert shared.run(opens(one, gift(2), name(3)))


def test_who_was_counted_by_a_gate_that_died_is_written_down_when_let_in(
    shared: Shared, tmp_path: Path
) -> None:
    one, two = gate(shared, tmp_path), gate(shared, tmp_path)
    assert shared.run(opens(one, gift(2), name(1)))
    # As if a gate was killed between tally and journal.
    assert shared.run(two._numbered(gift(2), name(2))) == 2
    assert len(openings(tmp_path)) == 1
    assert shared.run(opens(one, gift(2), name(2)))
    assert [record.key for record in openings(tmp_path)] == [f"b{name(n)}" for n in (1, 2)]
    assert shared.run(opens(two, gift(2), name(2)))
    assert len(openings(tmp_path)) == 2


def test_while_the_tally_is_silent_links_open_for_whom_the_gate_knows(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        shared = Shared(server)
        one = gate(shared, tmp_path / "journal", patience=0.2)
        two = gate(shared, tmp_path / "journal", patience=0.2)
        assert shared.run(opens(one, gift(), name(1)))
        server.send(signal.SIGSTOP)
        assert shared.run(opens(one, gift(), name(1)))
        assert not shared.run(opens(one, gift(), name(2)))
        # Another gate may know no better than that it does not know.
        assert not shared.run(opens(two, gift(), name(1)))
        again = gate(shared, tmp_path / "journal", patience=0.2)
        assert shared.run(opens(again, gift(), name(1)))
        server.send(signal.SIGCONT)
        time.sleep(1.1)
        assert shared.run(opens(two, gift(), name(1))) and shared.run(opens(two, gift(), name(2)))
        shared.end()


def test_a_link_is_kept_for_a_day_longer_than_it_lasts(shared: Shared, tmp_path: Path) -> None:
    one = gate(shared, tmp_path)
    assert shared.run(opens(one, gift(days=7), name(1)))
    with shared.server.client() as client:
        assert 0 <= 8 * 86_400 - client.ttl(LINK) < 60
        client.delete(f"{PREFIX}mark")
        assert shared.run(opens(one, gift(days=7), name(2)))
        # When it ends is not in the journal: no link lasts longer than this.
        assert 0 <= 30 * 86_400 - client.ttl(LINK) < 60


def test_links_for_any_number_ask_no_tally(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        shared = Shared(server)
        one = gate(shared, tmp_path / "journal")
        server.stop()
        assert all(shared.run(opens(one, gift(0), name(n))) for n in range(20))
        assert not one._tally.fault
        shared.end()
