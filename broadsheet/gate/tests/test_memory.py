from pathlib import Path

import pytest

from broadsheet.gate.addresses import OVERHEAD
from broadsheet.gate.answers import PUBLIC, SECRET
from broadsheet.gate.codings import codings_of
from broadsheet.gate.memory import Memory
from broadsheet.gate.pressed import event, open_store, store_path
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


@pytest.mark.parametrize("content", [b"", b"this is no database at all" * 100])
def test_a_broken_store_is_told_and_waited_for(tmp_path: Path, content: bytes) -> None:
    store_path(tmp_path).write_bytes(content)
    memory = Memory(store_path(tmp_path))
    assert memory.fault
    store_path(tmp_path).unlink()
    stocked(tmp_path, 1)
    memory.notice()
    assert not memory.fault and memory.find("/story-0") is not None
