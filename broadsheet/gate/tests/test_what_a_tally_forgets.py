"""What a tally lets go of, and what is lost to a server whose clock is wrong."""

from pathlib import Path

from broadsheet.gate.rules import Read
from broadsheet.gate.taking_up import MARK_LIFE
from broadsheet.gate.tests.tallies import PREFIX, Shared, needs_server
from broadsheet.gate.tests.test_meter import ONE, Clock
from broadsheet.gate.tests.test_shared_meter import OTHER, ask, fields, opened

pytestmark = needs_server
DAY = 86_400


def test_reads_that_no_period_asks_for_are_let_go(shared: Shared, tmp_path: Path) -> None:
    clock = Clock(2026, 9, 1)
    meter = shared.meter(tmp_path, clock=clock)
    shared.run(opened(meter, range(1, 4)))
    clock.at += 32 * DAY
    shared.run(meter.taking_up.keep())
    shared.run(ask(meter, 8))
    assert fields(shared, f"a{ONE}") == {b"v", b"1", b"2", b"3", b"8"}
    clock.at += 1
    shared.run(ask(meter, 9))
    assert fields(shared, f"a{ONE}") == {b"v", b"1", b"2", b"3", b"8", b"9"}
    shared.run(meter.taking_up.keep())
    shared.run(ask(meter, 10))
    assert fields(shared, f"a{ONE}") == {b"v", b"8", b"9", b"10"}


def test_a_sign_in_and_a_new_start_let_go_as_well(shared: Shared, tmp_path: Path) -> None:
    clock = Clock(2026, 9, 1)
    meter = shared.meter(tmp_path, clock=clock)
    shared.run(opened(meter, range(1, 4)))
    shared.run(opened(meter, range(4, 7), 7, ""))
    clock.at += 20 * DAY
    shared.run(ask(meter, 8, 0, OTHER))
    clock.at += 13 * DAY
    shared.run(meter.taking_up.keep())
    shared.run(ask(meter, 9))
    shared.run(ask(meter, 9, 7))
    assert fields(shared, "u7") == {b"v", b"9"}
    with shared.server.client() as client:
        client.set(f"{PREFIX}claim", meter.taking_up._name)
        client.hset(f"{PREFIX}a{OTHER}", "1", f"{int(clock.at - 33 * DAY)}.0")
    new = (Read(2, int(clock.at)),)
    shared.run(meter.taking_up.take(f"a{OTHER}", new, int(clock.at - 32 * DAY)))
    assert fields(shared, f"a{OTHER}") == {b"v", b"8", b"2"}


def test_a_mark_that_is_no_longer_renewed_ends_before_any_read_that_counts(
    shared: Shared, tmp_path: Path
) -> None:
    clock = Clock(2026, 11, 10)
    meter = shared.meter(tmp_path, clock=clock)
    assert shared.run(opened(meter, range(1, 4))) == 3
    with shared.server.client() as client:
        assert MARK_LIFE - 60 < client.ttl(f"{PREFIX}mark") <= MARK_LIFE
        # As a server does whose clock is 40 days ahead for a moment: all that ends is gone.
        client.delete(*client.keys(f"{PREFIX}*"))
        client.set(f"{PREFIX}of another paper", 1)
    assert shared.run(ask(meter, 9)).reason == "limit_anonymous"
    with shared.server.client() as client:
        client.expire(f"{PREFIX}mark", 60)
        shared.run(meter.taking_up.keep())
        assert client.ttl(f"{PREFIX}mark") > 60
    assert shared.run(opened(meter, range(1, 9))) == 3


def test_a_gate_renews_the_mark_by_itself(shared: Shared, tmp_path: Path) -> None:
    meter = shared.meter(tmp_path, clock=Clock(2026, 11, 10))
    assert shared.run(ask(meter, 1)).counted
    with shared.server.client() as client:
        client.expire(f"{PREFIX}mark", 60)

    async def one_tick() -> None:
        meter.tick()
        assert meter.taking_up._keeping is not None
        await meter.taking_up._keeping

    shared.run(one_tick())
    with shared.server.client() as client:
        assert client.ttl(f"{PREFIX}mark") > 60
