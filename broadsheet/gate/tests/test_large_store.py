"""A paper of many years: the gate starts as fast, and takes no more memory."""

import http.client
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.gate.memory import MOST_BYTES
from broadsheet.gate.pressed import compressed, etag_of, event, open_store, store_path
from broadsheet.gate.tests.conftest import Paper, new_paper

MANY = 200_000
START_SECONDS = 1.0
INTERPRETER = 80 * 1024 * 1024
"""Bytes of Python, the server and the libraries."""

TABLES = 8 * 1024 * 1024
"""Bytes of the compressors' tables and of SQLite's own memory, however much is kept."""

WALK = """
import sys
from pathlib import Path
from broadsheet.gate.codings import codings_of
from broadsheet.gate.memory import Memory
from broadsheet.gate.rules import Face

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

memory = Memory(Path(sys.argv[1]), most_bytes=int(sys.argv[2]))
codings = [codings_of(field) for field in ("gzip", "gzip, br, zstd", "")]
before = resident()
for number in range(int(sys.argv[3])):
    address = memory.find(f"/story-{number}")
    for kind, coding in (("full", codings[number % 3]), ("teaser", codings[1])):
        assert memory.answer(address, (Face(kind, "premium"), coding, "private, no-store"))
    for one in memory.waiting(16):
        memory.take_packed(one, one.packed())
print(resident() - before, len(memory._held))
"""


def words(number: int, count: int) -> str:
    """Text that is like no other and packs like prose."""
    chosen = random.Random(number)
    return " ".join("".join(chosen.choices("etaoinshr", k=5)) for _ in range(count))


def fill(home: Path, articles: int, *, length: int = 60) -> None:
    """Premium articles, two pages each; every hundredth has a text of its own."""
    texts = [words(n, length) for n in range(100)]
    bodies = [(etag_of(t), compressed(f"<p>{t}</p><!--wall-->")) for t in texts]
    store = open_store(store_path(home))
    store.execute("PRAGMA synchronous=OFF")

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(articles):
            etag, body = bodies[number % 100]
            for variant in ("full", "teaser"):
                yield (f"/story-{number}", variant, 1, 200, "text/html; charset=utf-8", "premium",
                       number + 1, 0, 0, "", etag, body, 1, 0, 0)  # fmt: skip

    with event(store):
        store.executemany("INSERT INTO page VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows())
    store.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    paper = new_paper(tmp_path_factory.mktemp("large"))
    fill(paper.home, MANY // 2)
    yield paper
    paper.stop(9)


def test_the_gate_starts_after_less_than_a_second_of_work(large: Paper) -> None:
    with sqlite3.connect(store_path(large.home)) as store:
        assert store.execute("SELECT count(*) FROM page").fetchone()[0] > MANY
    large.start()
    assert large.ask(f"/story-{MANY // 4}").status == 200
    assert large.worked() < START_SECONDS
    large.stop()


def test_what_is_kept_in_memory_is_what_is_counted(tmp_path: Path) -> None:
    """The whole of it, as the system counts it: bodies, and the objects around them."""
    fill(tmp_path, 3_000, length=400)
    most = 16 * 1024 * 1024
    command = [sys.executable, "-c", WALK, str(store_path(tmp_path)), str(most), "3000"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    grown, held = map(int, said.split())
    assert held < 3_000, "Nothing had to go: the store is too small for this test."
    assert grown < most * 1.2 + TABLES, f"{grown:,} bytes for {most:,}"


@pytest.mark.soak
def test_two_hundred_thousand_pages_fit_into_the_same_memory(tmp_path: Path) -> None:
    paper = new_paper(tmp_path)
    fill(tmp_path, MANY // 2, length=400)
    paper.start()
    try:
        assert paper.process is not None
        status = Path(f"/proc/{paper.process.pid}/statm")
        connection = http.client.HTTPConnection("127.0.0.1", paper.port, timeout=60)
        most = 0
        for number in range(MANY // 2):
            fields = {"accept-encoding": ("gzip", "gzip, deflate, br, zstd", "")[number % 3]}
            connection.request("GET", f"/story-{number}", headers=fields)
            answer = connection.getresponse()
            assert answer.read() and answer.status == 200
            if number % 1000 == 0:
                most = max(most, int(status.read_text().split()[1]) * 4096)
        connection.close()
        assert most < MOST_BYTES * 1.2 + TABLES + INTERPRETER, f"{most:,} bytes"
    finally:
        paper.kill()
