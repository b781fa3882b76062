from pathlib import Path

import pytest

from broadsheet.gate import memory as memory_module
from broadsheet.gate.addresses import OVERHEAD
from broadsheet.gate.answers import PUBLIC, SECRET
from broadsheet.gate.codings import codings_of
from broadsheet.gate.memory import Memory
from broadsheet.gate.pressed import WALL_MARK, event, open_store, store_path
from broadsheet.gate.rules import Face
from broadsheet.gate.tests.conftest import article, page

PREMIUM = Face("teaser", "premium")
GZIP = codings_of("gzip")


def stocked(home: Path, count: int) -> list[str]:
    store = open_store(store_path(home))
    paths = [f"/story-{n}" for n in range(count)]
    with event(store) as run:
        for number, path in enumerate(paths, 1):
            for one in article(path, number):
                run.put(one)
    store.close()
    return paths


def held_bytes(memory: Memory) -> int:
    return sum(address.size for address in memory._held.values())


def test_memory_is_bounded_and_keeps_what_was_asked_last(tmp_path: Path) -> None:
    paths = stocked(tmp_path, 30)
    most = 10 * (OVERHEAD + 400)
    memory = Memory(store_path(tmp_path), most_bytes=most)
    for path in paths:
        assert memory.find(path) is not None
        memory.find(paths[0])
    assert memory._bytes <= most
    assert paths[0] in memory._held and paths[1] not in memory._held
    assert memory._bytes == held_bytes(memory)


def test_composed_answers_are_kept_once_and_counted(tmp_path: Path) -> None:
    (path,) = stocked(tmp_path, 1)
    memory = Memory(store_path(tmp_path))
    address = memory.find(path)
    assert address is not None
    first = memory.answer(address, (PREMIUM, GZIP, SECRET))
    again = memory.answer(address, (PREMIUM, GZIP, SECRET))
    other = memory.answer(address, (PREMIUM, GZIP, PUBLIC))
    assert first is again and first is not None and other is not None
    assert first.body is other.body
    assert memory._bytes == held_bytes(memory)


def test_only_what_changed_is_dropped(tmp_path: Path) -> None:
    one, two = stocked(tmp_path, 2)
    memory = Memory(store_path(tmp_path))
    memory.find(one), memory.find(two)
    store = open_store(store_path(tmp_path))
    with event(store) as run:
        run.put(page(one, "<p>changed</p>", "full"))
    assert memory.notice() and not memory.notice()
    assert list(memory._held) == [two]
    with event(store) as run:
        run.put_fragment("premium", "<b>new</b>")
    memory.notice()
    assert list(memory._held) == []
    assert memory._bytes == 0


def test_a_whole_paper_that_changed_is_not_dropped_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_module, "MOST_DROPPED", 20)
    paths = stocked(tmp_path, 30)
    memory = Memory(store_path(tmp_path))
    for path in paths[:3]:
        memory.find(path)
    store = open_store(store_path(tmp_path))
    with event(store) as run:
        for path in paths[3:]:
            run.put(page(path, "<p>changed</p>", "full"))
    assert memory.notice() and not memory._held and memory._bytes == 0
    assert memory.find(paths[5]) is not None


def test_a_page_of_the_new_edition_brings_the_new_wall_with_it(tmp_path: Path) -> None:
    one, two = stocked(tmp_path, 2)
    memory = Memory(store_path(tmp_path))
    memory.find(two)
    store = open_store(store_path(tmp_path))
    with event(store) as run:
        run.put_fragment("premium", "<b>new price</b>")
        run.put(page(one, f"<p>new</p>{WALL_MARK}", "teaser", access="premium"))
        run.set_fact("zone", "Asia/Kolkata")
    address = memory.find(one)
    assert address is not None and list(memory._held) == [one]
    answer = memory.answer(address, (PREMIUM, codings_of(""), SECRET))
    assert answer is not None and answer.body == b"<p>new</p><b>new price</b>"
    assert memory.facts.zone == "Asia/Kolkata"


@pytest.mark.parametrize("content", [b"", b"this is no database at all" * 100])
def test_a_broken_store_is_told_and_waited_for(tmp_path: Path, content: bytes) -> None:
    store_path(tmp_path).write_bytes(content)
    memory = Memory(store_path(tmp_path))
    assert memory.fault
    store_path(tmp_path).unlink()
    stocked(tmp_path, 1)
    memory.notice()
    assert not memory.fault and memory.find("/story-0") is not None
