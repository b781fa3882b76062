"""The whole paper is pressed again while it is read: no error, no mixture, never back.

Every part of every page carries the number of its edition: head, middle and end of the text, and
the wall. An event presses all of them; an answer must hold one number only.
"""

import http.client
import re
import threading
import time

import pytest

from broadsheet.gate.pressed import WALL_MARK, PressRun, event, open_store, store_path
from broadsheet.gate.tests.conftest import Paper, Reply, page, unpacked
from tests.waiting import PATIENCE

PAGES = 120
LOADERS = 6
EDITION = re.compile(rb"edition-(\d+)\.")
FILLING = "<p>The harbour was quiet in the morning, and loud by noon.</p>" * 40
CODINGS = ("gzip, deflate, br, zstd", "gzip", "zstd", "br", "")


def press_edition(paper: Paper, number: int) -> None:
    """All pages and the wall, in one event."""
    mark = f"<i>edition-{number}.</i>"
    text = f"{mark}{FILLING}{mark}{FILLING}{mark}"

    def write(run: PressRun) -> None:
        for n in range(PAGES):
            facts = {"access": "premium", "article": n + 1}
            run.put(page(f"/story-{n}", text, "full", **facts))
            run.put(page(f"/story-{n}", f"{mark}{FILLING}{WALL_MARK}{mark}", "teaser", **facts))
            run.put(page(f"/open-{n}", text, "full", article=1000 + n))
        run.put_fragment("premium", f'<div class="paywall">{mark}</div>')

    store = open_store(store_path(paper.home))
    with event(store) as run:
        write(run)
    store.close()


class Loader(threading.Thread):
    """A reader in a hurry, who notes what was wrong, and the editions seen in order."""

    def __init__(self, paper: Paper, number: int, over: threading.Event) -> None:
        super().__init__()
        self._paper, self._number, self._over = paper, number, over
        self.faults: list[object] = []
        self.seen: list[tuple[float, float, int]] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._paper.port, timeout=60)
        subscriber = self._paper.pass_cookie(7, "premium")
        turn = self._number
        while not self._over.is_set():
            turn += 7
            kind = ("story", "open", "story")[turn % 3]
            fields = {"accept-encoding": CODINGS[turn % len(CODINGS)]}
            if turn % 2:
                fields["cookie"] = subscriber
            start = time.monotonic()
            connection.request("GET", f"/{kind}-{turn % PAGES}", headers=fields)
            answer = connection.getresponse()
            self.note(start, Reply(answer.status, answer.getheaders(), answer.read()))
        connection.close()

    def note(self, start: float, reply: Reply) -> None:
        editions = EDITION.findall(unpacked(reply))
        if reply.status != 200 or len(editions) != 3 or len(set(editions)) != 1:
            self.faults.append((reply.status, editions, reply.fields))
        else:
            self.seen.append((start, time.monotonic(), int(editions[0])))


def read_while_pressing(paper: Paper, seconds: float) -> list[Loader]:
    """Readers at work while one edition after the other is pressed: for so long, and until they
    saw enough."""
    over, edition = threading.Event(), 1
    loaders = [Loader(paper, n, over) for n in range(LOADERS)]
    for loader in loaders:
        loader.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end or (has_too_few(loaders) and time.monotonic() < end + PATIENCE):
        edition += 1
        press_edition(paper, edition)
        time.sleep(0.05)
    over.set()
    for loader in loaders:
        loader.join()
    return loaders


def has_too_few(loaders: list[Loader]) -> bool:
    """Whether they have not seen enough answers, and editions, to tell."""
    seen = [one for loader in loaders for one in loader.seen]
    return len(seen) <= 200 or len({edition for *_, edition in seen}) <= 6


def backward(seen: list[tuple[float, float, int]]) -> list[tuple[float, int, int]]:
    """Answers that were older than one which was complete before they were asked for."""
    ends = sorted((end, edition) for _, end, edition in seen)
    found, newest, place = [], 0, 0
    for start, _, edition in sorted(seen):
        while place < len(ends) and ends[place][0] < start:
            newest = max(newest, ends[place][1])
            place += 1
        if edition < newest:
            found.append((start, edition, newest))
    return found


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.soak)])
def test_an_answer_is_of_one_edition_and_none_is_older_than_one_before(
    paper: Paper, seconds: float
) -> None:
    press_edition(paper, 1)
    paper.start()
    loaders = read_while_pressing(paper, seconds)
    assert not [fault for loader in loaders for fault in loader.faults]
    assert not has_too_few(loaders)
    assert not backward([one for loader in loaders for one in loader.seen])
