"""The meter of several gates, on a real Valkey or Redis."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.meter import Meter
from broadsheet.gate.policy import Policy
from broadsheet.gate.rules import Asking, Decision, Reader, Report
from broadsheet.gate.shared_meter import SharedMeter
from broadsheet.gate.tally_state import tally_state
from broadsheet.gate.tests.tallies import PREFIX, Shared, needs_server, running
from broadsheet.gate.tests.test_meter import ONE, Clock, full_disk
from tests.waiting import wait_until

OTHER = "o" * 22
pytestmark = needs_server


async def ask(
    meter: SharedMeter, article: int, number: int = 0, anonymous: str = ONE, *rights: str
) -> Decision:
    return await meter.ask(
        Report(article, "metered"),
        Reader(number > 0, frozenset(rights)),
        number=number,
        anonymous=anonymous,
        now=meter._clock(),
        asking=Asking(),
    )


def fields(shared: Shared, key: str) -> set[bytes]:
    with shared.server.client() as client:
        return set(client.hkeys(f"{PREFIX}{key}"))


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


def test_readers_without_a_limit_are_never_looked_up(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        shared = Shared(server)
        meter = shared.meter(tmp_path / "journal")
        server.stop()
        found = [shared.run(ask(meter, n, 7, ONE, "unlimited")) for n in range(50)]
        assert {one.variant for one in found} == {"full"} and not meter._tally.fault
        assert shared.run(ask(meter, 1)).rule == "unrecorded" and meter._tally.fault
        shared.end()


def test_keys_have_the_papers_prefix_and_end_after_the_longest_period(
    shared: Shared, tmp_path: Path
) -> None:
    meter = shared.meter(tmp_path)
    shared.run(opened(meter, range(1, 4)))
    with shared.server.client() as client:
        found = list(client.scan_iter())
        assert found and all(key.startswith(PREFIX.encode()) for key in found)
        assert 31 * 86_400 < client.ttl(f"{PREFIX}a{ONE}") <= 32 * 86_400


def test_a_month_begins_in_the_papers_zone(shared: Shared, tmp_path: Path) -> None:
    clock = Clock(2026, 11, 30, 23, 59)
    gates = [shared.meter(tmp_path, clock=clock) for _ in range(2)]
    assert shared.run(opened(gates[0], range(1, 5))) == 3
    clock.at += 59
    assert shared.run(ask(gates[1], 9)).reason == "limit_anonymous"
    clock.at += 1
    assert shared.run(ask(gates[1], 9)).counted
    assert [read.article for read in shared.run(gates[0].held(f"a{ONE}"))] == [9]


def test_a_read_that_cannot_be_journaled_is_given_back(shared: Shared, tmp_path: Path) -> None:
    meter = shared.meter(tmp_path / "journal", clock=Clock(2026, 11, 10))
    assert shared.run(ask(meter, 1)).counted
    with full_disk():
        closed = [shared.run(ask(meter, n)) for n in (2, 3, 2)]
    assert {one.rule for one in closed} == {"unrecorded"}
    assert {one.variant for one in closed} == {"teaser"}
    assert [read.article for read in shared.run(meter.held(f"a{ONE}"))] == [1]
    assert shared.run(opened(meter, range(1, 9))) == 3


def test_money_case_60_what_the_publisher_chose_holds_when_the_journal_cannot_be_written(
    shared: Shared, tmp_path: Path
) -> None:
    policy = Policy(open_when_down=True)
    meter = shared.meter(tmp_path / "journal", clock=Clock(2026, 11, 10), policy=policy)
    shared.run(ask(meter, 1))
    with full_disk():
        assert shared.run(ask(meter, 2)) == Decision("full", "unrecorded", "", False, 1, 3)


def test_a_server_that_was_started_again_is_not_believed_until_the_journal_was_read(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "journal"
    with running(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as server:
        shared = Shared(server)
        meter = shared.meter(folder)
        assert shared.run(opened(meter, range(1, 3))) == 2
        with server.client() as client:
            # As if the last second had not reached the disk: the mark stands, a read is gone.
            client.hdel(f"{PREFIX}a{ONE}", "2")
        server.stop()
        server.start()
        assert shared.run(ask(meter, 9)).rule == "unrecorded"
        wait_until(lambda: shared.run(ask(meter, 5)).counted)
        assert shared.run(opened(meter, range(6, 9))) == 0
        assert len(shared.run(meter.held(f"a{ONE}"))) == 3
        shared.end()


def test_a_claim_of_a_gate_that_died_runs_out(shared: Shared, tmp_path: Path) -> None:
    with shared.server.client() as client:
        client.set(f"{PREFIX}claim", "a gate that is no more", px=700)
    begun = time.monotonic()
    assert shared.run(ask(shared.meter(tmp_path), 1)).counted
    assert time.monotonic() - begun > 0.5


def test_only_one_gate_takes_up_the_journal(shared: Shared, tmp_path: Path) -> None:
    shared.run(opened(shared.meter(tmp_path), range(1, 4)))
    with shared.server.client() as client:
        client.flushall()
    gates = [shared.meter(tmp_path, settle=0.2) for _ in range(4)]

    async def all_at_once() -> list[Decision]:
        return list(await asyncio.gather(*(ask(gate, 7) for gate in gates)))

    assert {one.reason for one in shared.run(all_at_once())} == {"limit_anonymous"}
    with shared.server.client() as client:
        assert client.hget(f"{PREFIX}a{ONE}", "v") == b"1"


def test_a_merge_is_taken_up_whatever_gate_wrote_first(shared: Shared, tmp_path: Path) -> None:
    clock = Clock(2026, 11, 10)
    later, earlier = (shared.meter(tmp_path, clock=clock) for _ in range(2))
    # The merge stands in the first segment, the reads that it merged in the second.
    assert shared.run(opened(earlier, range(1, 3))) == 2
    assert shared.run(ask(later, 1, 7)).rule == "again"
    assert [path.name[-9:] for path in segments(tmp_path)] == ["1.journal", "2.journal"]
    assert read_segment(segments(tmp_path)[0])[0][0].merged
    with shared.server.client() as client:
        client.flushall()
    assert {read.article for read in shared.run(earlier.held("u7"))} == {1, 2}
    alone = Meter(tmp_path, zone="Asia/Kolkata", clock=clock)
    assert sorted(alone.reads("u7")) == [1, 2]


def test_a_longer_period_finds_older_reads(shared: Shared, tmp_path: Path) -> None:
    clock = Clock(2026, 9, 1)
    weekly = Policy(period="week")
    meter = shared.meter(tmp_path, clock=clock, policy=weekly)
    assert shared.run(opened(meter, range(1, 4))) == 3
    clock.at += 30 * 86_400
    assert shared.run(meter.held(f"a{ONE}")) == ()
    meter.set_policy(Policy(period="days", days=31), "Asia/Kolkata")
    assert len(shared.run(meter.held(f"a{ONE}"))) == 3


def test_a_journal_that_cannot_be_read_keeps_metered_articles_closed_until_it_can(
    shared: Shared, tmp_path: Path
) -> None:
    shared.run(opened(shared.meter(tmp_path), range(1, 4)))
    segment = segments(tmp_path)[0]
    content = segment.read_bytes()
    segment.unlink()
    segment.mkdir()
    with shared.server.client() as client:
        client.flushall()
    meter = shared.meter(tmp_path)
    found = [shared.run(ask(meter, 5)), shared.run(ask(meter, 6))]
    assert {one.rule for one in found} == {"unrecorded"}
    assert shared.run(ask(meter, 5, 7, ONE, "unlimited")).variant == "full"
    segment.rmdir()
    segment.write_bytes(content)
    wait_until(lambda: shared.run(ask(meter, 5)).reason == "limit_anonymous")


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://127.0.0.1:6379/0?lantern=1"])
def test_an_address_that_cannot_be_used_closes_metered_articles(
    tmp_path: Path, shared: Shared, url: str
) -> None:
    meter = shared.meter(tmp_path, url=url)
    assert shared.run(ask(meter, 1)).rule == "unrecorded"
    assert meter._tally.fault and tally_state(url).problem


def test_a_tally_that_does_not_answer_is_told_in_the_log_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(tmp_path) as server:
        shared = Shared(server)
        meter = shared.meter(tmp_path / "journal", patience=0.1)
        assert shared.run(ask(meter, 1)).counted
        server.send(signal.SIGSTOP)
        for n in range(5, 8):
            assert shared.run(ask(meter, n)).rule == "unrecorded"
        assert shared.run(meter.checks()) == {"journal": True, "meter": False}
        server.send(signal.SIGCONT)
        wait_until(lambda: shared.run(meter.checks()) == {"journal": True, "meter": True})
        told = [one.message for one in caplog.records if "tally of reads" in one.message]
        assert len(told) == 2 and "does not answer" in told[0] and "again" in told[1]
        shared.end()


def test_a_wrong_password_closes_metered_articles_and_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(tmp_path) as server:
        with server.client() as client:
            client.config_set("requirepass", "lantern")
        shared = Shared(server)
        meter = shared.meter(tmp_path / "journal", url=f"redis://:harbour@127.0.0.1:{server.port}")
        assert shared.run(ask(meter, 1)).rule == "unrecorded"
        assert "harbour" not in caplog.text and meter._tally.fault
        good = shared.meter(tmp_path / "journal", url=f"valkey://:lantern@127.0.0.1:{server.port}")
        assert shared.run(ask(good, 1)).counted
        shared.end()


def test_the_doctor_hears_what_the_server_is_and_whether_it_forgets(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        state = tally_state(server.url)
        assert state.name.split()[0] in ("Redis", "Valkey") and not state.problem
        assert not state.keeps and not state.evicts
        with server.client() as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
            client.config_set("appendonly", "yes")
        state = tally_state(server.url)
        assert state.keeps and state.evicts == "allkeys-lru"
    assert tally_state(server.url).problem


def test_a_connection_that_was_idle_is_looked_at_and_used_again(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadsheet.gate.tally.IDLE_SECONDS", 0)
    meter = shared.meter(tmp_path)
    assert shared.run(opened(meter, range(1, 3))) == 2
    with shared.server.client() as client:
        connected = client.info("stats")["total_connections_received"]
        assert shared.run(opened(meter, range(3, 10))) == 1 and not meter._tally.fault
        assert client.info("stats")["total_connections_received"] == connected


def test_a_connection_that_ended_while_it_was_idle_costs_no_reader_anything(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadsheet.gate.tally.IDLE_SECONDS", 0)
    meter = shared.meter(tmp_path)
    assert shared.run(opened(meter, range(1, 3))) == 2
    with shared.server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert shared.run(opened(meter, range(3, 10))) == 1 and not meter._tally.fault
