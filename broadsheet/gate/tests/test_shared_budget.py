"""The budget of a network when several gates count in one real Valkey or Redis."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from broadsheet.gate.budget import UNBOUNDED, Share
from broadsheet.gate.shared_budget import SharedBudget
from broadsheet.gate.tests.asking import Clock
from broadsheet.gate.tests.tallies import PREFIX, Server, Shared, needs_server, running

pytestmark = needs_server
NOON = 1_795_348_800.0
DAY = 86_400
HOME, NEIGHBOUR, FAR_AWAY = "8.8.8.8", "8.8.8.200", "9.9.9.9"
KEY = b"a key of the paper's own"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


class Gates:
    """Several gates' budgets of one paper."""

    def __init__(
        self, shared: Shared, folder: Path, clock: Clock, number: int = 2, **more: float
    ) -> None:
        meters = [shared.meter(folder, clock=clock, **more) for _ in range(number)]  # type: ignore[arg-type]
        self.shared = shared
        self.each = [SharedBudget(m.taking_up, m._tally, KEY, clock=clock) for m in meters]

    def take(self, which: int, address: str = HOME, limit: int = 5) -> Share:
        return self.shared.run(self.each[which].take(address, limit))

    def taken(self, which: int, times: int, address: str = HOME, limit: int = 5) -> int:
        return sum(not self.take(which, address, limit).spent for _ in range(times))

    def give_back(self, which: int, share: Share) -> None:
        self.shared.run(self.each[which].give_back(share))

    def look(self) -> None:
        for one in self.each:
            self.shared.run(one.look())

    def find_again(self, server: Server) -> None:
        """Have all of them speak to a server that was silent."""
        key = f"{PREFIX}budget:{int(NOON) // DAY}"
        end = time.monotonic() + 10
        with server.client() as client:
            while any(o._tally.fault or o._run != client.hget(key, "run") for o in self.each):
                assert time.monotonic() < end
                time.sleep(0.1)
                self.look()


def test_two_gates_give_a_network_together_what_one_gives(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock)
    assert gates.taken(0, 3) == 3
    assert gates.taken(1, 4, NEIGHBOUR) == 2
    assert gates.taken(0, 4) == 0
    assert gates.taken(1, 9, FAR_AWAY) == 5
    assert gates.take(0, "127.0.0.1") == gates.take(0, HOME, 0) == UNBOUNDED


def test_three_hundred_at_once_take_exactly_twenty(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock, 4)

    async def all_at_once() -> list[Share]:
        asked = (gates.each[n % 4].take(HOME, 20) for n in range(300))
        return list(await asyncio.gather(*asked))

    assert sum(not share.spent for share in shared.run(all_at_once())) == 20


def test_what_was_given_back_can_be_taken_by_another_gate(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock)
    share = gates.take(0, limit=1)
    spent = gates.take(1, limit=1)
    assert spent.spent
    gates.give_back(1, spent)
    assert gates.take(1, limit=1).spent
    gates.give_back(0, share)
    assert not gates.take(1, limit=1).spent
    assert gates.take(0, limit=1).spent
    gates.give_back(0, UNBOUNDED)


def test_an_emptied_tally_is_told_by_all_what_they_took(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock, 3)
    assert [gates.taken(n, n + 1, limit=8) for n in range(3)] == [1, 2, 3]
    before = gates.take(0, limit=8)
    gates.take(1, FAR_AWAY)
    with shared.server.client() as client:
        client.flushall()
    gates.look()
    gates.look()
    # What was taken before is given back to a count that has it.
    gates.give_back(0, before)
    assert gates.taken(2, 9, limit=8) == 2
    assert gates.taken(0, 9, FAR_AWAY) == 4


def test_nobody_takes_until_all_gates_had_the_time_to_tell(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock, 2, settle=0.6)
    assert gates.taken(0, 3) == gates.taken(1, 2) + 1 == 3
    with shared.server.client() as client:
        client.flushall()

    async def asked_and_looked() -> Share:
        taking = asyncio.ensure_future(gates.each[0].take(HOME, 5))
        await asyncio.sleep(0.2)
        assert not taking.done()
        await gates.each[1].look()
        return await taking

    assert shared.run(asked_and_looked()).spent


def test_a_gate_looks_again_and_again_whether_the_tally_was_emptied(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock)
    assert gates.taken(0, 3) == 3
    with shared.server.client() as client:
        client.flushall()

    async def ticking() -> None:
        for _ in range(200):
            gates.each[0].tick()
            await asyncio.sleep(0.01)
            with shared.server.client() as client:
                if client.exists(f"{PREFIX}budget:{int(NOON) // DAY}"):
                    return

    shared.run(ticking())
    gates.look()
    assert gates.taken(1, 9) == 2


def test_a_new_day_has_a_new_budget_and_a_clock_set_back_gives_none(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock)
    assert gates.taken(0, 9) == 5
    clock.now -= 13 * 3600
    assert gates.taken(1, 9) == 0
    clock.now = NOON + DAY / 2 - 1
    assert gates.taken(1, 9) == 0
    clock.now += 1
    assert gates.taken(1, 9) == 5
    assert gates.taken(0, 9) == 0


def test_a_share_of_yesterday_is_not_given_back_to_today(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock)
    yesterday = gates.take(0)
    clock.now += DAY
    assert gates.taken(0, 9) == 5
    gates.give_back(0, yesterday)
    assert gates.taken(1, 9) == 0


def test_the_count_of_a_day_ends_with_it_and_names_nobody(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    gates = Gates(shared, tmp_path, clock)
    gates.take(0)
    with shared.server.client() as client:
        (key,) = client.keys(f"{PREFIX}budget:*")
        assert 0 <= DAY / 2 - client.ttl(key) < 60
        fields = client.hgetall(key)
        (network,) = set(fields) - {b"salt", b"run"}
        assert len(network) == 16 and bytes((8, 8, 8)) not in network
    elsewhere = shared.meter(tmp_path / "other", clock=clock)
    other = SharedBudget(elsewhere.taking_up, elsewhere._tally, b"another key", clock=clock)
    assert shared.run(other.take(HOME, 5)).network != network


def test_neither_salt_nor_networks_are_written_to_the_servers_disk(
    tmp_path: Path, clock: Clock
) -> None:
    with running(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as server:
        shared = Shared(server)
        gates = Gates(shared, tmp_path / "journal", clock)
        share = gates.take(0)
        gates.take(1)
        gates.give_back(0, share)
        with server.client() as client:
            salt = client.hget(f"{PREFIX}budget:{int(NOON) // DAY}", "salt")
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("*.aof"))
        assert b"mark" in written and salt and len(salt) == 32
        assert not any(word in written for word in (b"budget:", b"salt", salt, share.network))
        server.stop()
        server.start()
        gates.find_again(server)
        assert gates.taken(0, 9) == 4
        shared.end()


def test_while_the_tally_is_silent_each_gate_counts_for_itself(
    tmp_path: Path, clock: Clock
) -> None:
    with running(tmp_path) as server:
        shared = Shared(server)
        gates = Gates(shared, tmp_path / "journal", clock, patience=0.2)
        assert gates.taken(0, 3) == 3
        server.send(signal.SIGSTOP)
        share = gates.take(0)
        assert gates.taken(0, 9) == 1 and gates.taken(1, 9) == 5
        gates.give_back(0, share)
        assert gates.taken(0, 9) == 1
        server.send(signal.SIGCONT)
        gates.find_again(server)
        # One more may have been taken when nobody waited for it any longer.
        assert gates.taken(0, 9) + gates.taken(1, 9) <= 2
        shared.end()


def test_no_more_networks_are_kept_than_there_is_room_for(
    shared: Shared, tmp_path: Path, clock: Clock
) -> None:
    meters = [shared.meter(tmp_path, clock=clock) for _ in range(2)]
    each = [SharedBudget(m.taking_up, m._tally, KEY, clock=clock, most=20) for m in meters]
    for n in range(60):
        assert not shared.run(each[0].take(f"9.9.{n}.1", 1)).spent
    with shared.server.client() as client:
        (key,) = client.keys(f"{PREFIX}budget:*")
        assert client.hlen(key) == 22
    assert shared.run(each[1].take("9.9.0.1", 1)).spent
    assert shared.run(each[0].take("9.9.59.1", 1)).spent
