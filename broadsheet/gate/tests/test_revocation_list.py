"""The list of revocations in the pressed store, and how the gate's memory takes it over."""

import sqlite3
from pathlib import Path

import pytest

from broadsheet.gate import passes
from broadsheet.gate.memory import Memory
from broadsheet.gate.passes import Pass
from broadsheet.gate.pressed import event, open_store, read_revoked, store_path
from broadsheet.gate.tests.conftest import page

NOW = 1_800_000_000.0
KEPT = passes.ACCEPTED + passes.SKEW


@pytest.fixture
def store(tmp_path: Path) -> sqlite3.Connection:
    connection = open_store(store_path(tmp_path))
    yield connection
    connection.close()


def revoke(store: sqlite3.Connection, *pairs: tuple[int, float]) -> None:
    with event(store) as run:
        for reader, at in pairs:
            run.revoke(reader, at)


def older_store(path: Path) -> None:
    """A store as it was before there were revocations."""
    store = open_store(path)
    store.execute("DROP TABLE revoked")
    with event(store) as run:
        run.put(page("/", "<h1>Front</h1>", "plain"))
    store.close()


@pytest.mark.parametrize(
    ("reader", "issued", "revoked"),
    [(7, NOW - 1, True), (7, NOW, True), (7, NOW + 0.001, False), (8, NOW - 1, False)],
)
def test_passes_up_to_the_revocation_are_void(reader: int, issued: float, revoked: bool) -> None:
    assert passes.is_revoked(Pass(reader, frozenset(), issued), {7: NOW}) is revoked


def test_a_revocation_is_raised_and_never_lowered(store: sqlite3.Connection) -> None:
    revoke(store, (7, NOW), (8, NOW))
    revoke(store, (7, NOW - 5), (8, NOW + 5))
    assert read_revoked(store) == {7: NOW, 8: NOW + 5}


def test_revocations_are_kept_as_long_as_a_pass_could_open_something(
    store: sqlite3.Connection,
) -> None:
    revoke(store, (1, NOW - KEPT - 1), (2, NOW - KEPT), (3, NOW - 60))
    revoke(store, (7, NOW))
    assert read_revoked(store) == {2: NOW - KEPT, 3: NOW - 60, 7: NOW}


def test_an_event_that_fails_revokes_nothing(store: sqlite3.Connection) -> None:
    with pytest.raises(LookupError), event(store) as run:
        run.revoke(7, NOW)
        raise LookupError
    assert read_revoked(store) == {}


def test_a_store_of_an_older_version_is_completed_when_opened(tmp_path: Path) -> None:
    older_store(store_path(tmp_path))
    store = open_store(store_path(tmp_path))
    revoke(store, (7, NOW))
    assert read_revoked(store) == {7: NOW}
    store.close()


def test_the_gate_reads_a_store_of_an_older_version_and_its_completion(tmp_path: Path) -> None:
    older_store(store_path(tmp_path))
    memory = Memory(store_path(tmp_path))
    assert (memory.fault, memory.revoked) == ("", {})
    assert memory.find("/") is not None
    store = open_store(store_path(tmp_path))
    revoke(store, (7, NOW))
    store.close()
    assert memory.notice() and memory.revoked == {7: NOW}
    memory.close()


def test_memory_reads_the_list_again_only_when_it_changed(
    tmp_path: Path, store: sqlite3.Connection
) -> None:
    revoke(store, (7, NOW))
    memory = Memory(store_path(tmp_path))
    before, number = memory.revoked, memory.revocation
    with event(store) as run:
        run.put(page("/", "<h1>Front</h1>", "plain"))
    assert memory.notice() and memory.revoked is before
    revoke(store, (7, NOW + 1))
    assert memory.notice() and memory.revoked == {7: NOW + 1} and memory.revocation > number
    memory.close()


def test_a_revocation_drops_no_page_from_memory(tmp_path: Path, store: sqlite3.Connection) -> None:
    with event(store) as run:
        run.put(page("/", "<h1>Front</h1>", "plain"))
    memory = Memory(store_path(tmp_path))
    held = memory.find("/")
    revoke(store, (7, NOW))
    assert memory.notice() and memory.find("/") is held
    memory.close()


def test_the_list_of_a_store_put_in_its_place_counts(tmp_path: Path) -> None:
    homes = tmp_path / "one", tmp_path / "two"
    for home, reader in zip(homes, (7, 8), strict=True):
        home.mkdir()
        store = open_store(store_path(home))
        revoke(store, (reader, NOW))
        store.close()
    memory = Memory(store_path(homes[0]))
    assert memory.revoked == {7: NOW}
    store_path(homes[1]).rename(store_path(homes[0]))
    assert memory.notice() and memory.revoked == {8: NOW}
    memory.close()
