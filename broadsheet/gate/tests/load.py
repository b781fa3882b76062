"""Many readers at once, while gates may die."""

import http.client
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.gate.tests.conftest import CANARY, Paper, Reply, article

PATHS = [f"/2026/11/21/story-{n}" for n in range(1, 41)]
"""Forty metered articles, numbered from 1."""

Asked = tuple[str, str]
"""The path and the cookie of a request."""


def press_forty(paper: Paper) -> None:
    paper.press(*(page for n, path in enumerate(PATHS, 1) for page in article(path, n)))


def ask_all(paper: Paper, requests: Sequence[Asked], at_once: int = 64) -> list[Reply | None]:
    """The reply to each request, None where the gate died meanwhile."""

    def one(request: Asked) -> Reply | None:
        try:
            return paper.ask(request[0], cookie=request[1], accept_encoding="identity")
        except (OSError, http.client.HTTPException):
            return None

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, requests))


def is_open(reply: Reply | None) -> bool:
    return reply is not None and CANARY.encode() in reply.body


def opened(requests: Iterable[Asked], replies: Iterable[Reply | None]) -> dict[str, set[int]]:
    """The articles that were sent in full, by cookie."""
    sent: dict[str, set[int]] = {}
    for (path, cookie), reply in zip(requests, replies, strict=True):
        sent.setdefault(cookie, set())
        if is_open(reply):
            sent[cookie].add(PATHS.index(path) + 1)
    return sent


def key_of(cookie: str) -> str:
    """The meter key of an anonymous reader's cookie."""
    return "a" + cookie.removeprefix("reader=")[:22]


def journaled(paper: Paper) -> list[Record]:
    """The reads and merges in the journal."""
    found = segments(paper.home / "journal")
    return [
        one
        for path in found
        for one in read_segment(path)[0]
        if one.outcome not in ("stop", "open")
    ]


def openings(folder: Path) -> list[Record]:
    """What links opened, by the journal in a folder."""
    found = (one for path in segments(folder) for one in read_segment(path)[0])
    return [one for one in found if one.outcome == "open"]
