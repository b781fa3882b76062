"""Four real gate processes on one port, counting together in a real Valkey or Redis."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.gate.passes import derived_key
from broadsheet.gate.tests.conftest import CANARY, SECRET, Paper, Reply, article, new_paper
from broadsheet.gate.tests.tallies import Gates, Server, needs_server, running

pytestmark = needs_server

PATHS = [f"/2026/11/21/story-{n}" for n in range(1, 41)]
PREMIUM = "/2026/11/21/premium"
KEYS = f"broadsheet:{derived_key(SECRET, 'tally')[:6].hex()}:"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "tally").mkdir()
    with running(tmp_path / "tally") as made:
        yield made


@pytest.fixture
def gates(tmp_path: Path, server: Server) -> Iterator[Gates]:
    (tmp_path / "home").mkdir()
    paper = new_paper(tmp_path / "home")
    paper.press(*(page for n, path in enumerate(PATHS, 1) for page in article(path, n)))
    paper.press(*article(PREMIUM, 99, "premium"))
    made = Gates(paper, server)
    yield made
    made.end()


def is_open(reply: Reply | None) -> bool:
    return reply is not None and CANARY.encode() in reply.body


def key_of(cookie: str) -> str:
    return "a" + cookie.removeprefix("reader=")[:22]


def journaled(paper: Paper) -> list[Record]:
    found = segments(paper.home / "journal")
    return [one for path in found for one in read_segment(path)[0] if one.outcome != "stop"]


def counted(server: Server, key: str) -> set[int]:
    with server.client() as client:
        return {int(one) for one in client.hkeys(KEYS + key) if one != b"v"}


def test_five_hundred_parallel_requests_for_forty_articles_open_exactly_the_limit(
    gates: Gates,
) -> None:
    cookie = gates.paper.reader_cookie()
    wanted = [(PATHS[n % 40], cookie) for n in range(500)]
    random.Random(5).shuffle(wanted)
    replies = gates.asked(wanted)
    opened = {path for (path, _), reply in zip(wanted, replies, strict=True) if is_open(reply)}
    assert len(opened) == 3 and all(reply and reply.status == 200 for reply in replies)
    records = [one for one in journaled(gates.paper) if one.key == key_of(cookie)]
    assert {PATHS[one.article - 1] for one in records} == opened and len(records) == 3
    assert counted(gates.server, key_of(cookie)) == {one.article for one in records}
    assert sorted(one.reads for one in records) == [1, 2, 3]


def test_one_article_asked_forty_times_at_once_counts_once(gates: Gates) -> None:
    cookie = gates.paper.reader_cookie()
    assert all(map(is_open, gates.asked([(PATHS[0], cookie)] * 40)))
    assert [one.article for one in journaled(gates.paper)] == [1]
    assert [is_open(r) for r in gates.asked([(p, cookie) for p in PATHS[1:5]], at_once=1)] == [
        True, True, False, False,
    ]  # fmt: skip
