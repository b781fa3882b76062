"""A decision is made at one moment, however the clock runs while it is made."""

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.gate import links
from broadsheet.gate.app import Gate
from broadsheet.gate.journal import segments
from broadsheet.gate.links import Link
from broadsheet.gate.policy import Policy, Turn, policy_text
from broadsheet.gate.tests.asking import Answer, Clock, Request, asked
from broadsheet.gate.tests.conftest import CANARY, SECRET, Paper, article
from broadsheet.gate.tests.tallies import Server, needs_server, running

PATH = "/2026/11/21/story"
NOON = 1_795_348_800.0
HOUR = 3600
LOOKED_AT_MOST = 12


class Leap(Clock):
    """A clock that passes a turn of the rules once it was looked at so many times."""

    def __init__(self, now: float) -> None:
        super().__init__(now)
        self.left = -1

    def __call__(self) -> float:
        self.left -= 1
        if self.left == -1:
            self.now += 1
        return self.now


def is_open(answer: Answer) -> bool:
    return CANARY.encode() in answer.body


@pytest.mark.parametrize("left", range(LOOKED_AT_MOST))
@pytest.mark.parametrize(("before", "after"), [("premium", "metered"), ("metered", "premium")])
def test_nothing_uncounted_goes_out_while_an_article_turns(
    paper: Paper, before: str, after: str, left: int
) -> None:
    turns = (Turn("1", before, 0, HOUR), Turn("2", after, HOUR))
    paper.press(*article(PATH, 1, published=NOON), policy=policy_text(Policy(turns=turns)))
    clock = Leap(NOON + HOUR - 1)
    gate = Gate(paper.home, SECRET, clock=clock)
    clock.left = left
    answer = asked(gate, PATH)
    counted = sum(" read " in one.read_text() for one in segments(paper.home / "journal"))
    assert answer.status == 200 and counted == is_open(answer)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that stands still: every question is waited for, for half a second."""
    with running(tmp_path_factory.mktemp("tally")) as server:
        server.send(signal.SIGSTOP)
        yield server


def held_by(link: Link) -> str:
    signed = links.sign_held(links.Held("b" * 22, (link,)), links.held_key(SECRET))
    return f"links={signed}"


async def asked_while_it_turns(
    home: Path, server: Server, clock: Clock, link: Link, known: bool
) -> Answer:
    """Asked for with a link, when the article turns while the tally is asked. `known` is whether
    the gate knows the browser, and so asks the tally for the reader's reads alone."""
    gate = Gate(home, SECRET, meter_url=server.url, clock=clock)
    await gate.ready(5)
    if known:
        gate._door.lending.openings._add(link.rule, "b" * 22, link.until)
    answer = Answer()
    request = Request(PATH, cookie=held_by(link))
    work = asyncio.ensure_future(gate.__rsgi__(request, answer))  # type: ignore[arg-type]
    await asyncio.sleep(0)  # Until it asks the tally.
    assert not work.done()
    clock.now += 10
    await work
    await gate.close()
    return answer


@needs_server
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(("turn", "opens"), [(HOUR, False), (2 * HOUR, True)])
def test_what_a_link_does_not_open_is_decided_anew(
    paper: Paper, silent: Server, turn: float, opens: bool, known: bool
) -> None:
    now = time.time()
    policy = Policy(turns=(Turn("1", "premium", turn),), open_when_down=True)
    pages = article(PATH, 1, published=now - HOUR + 5)
    paper.press(*pages, policy=policy_text(policy))
    link = Link("gift", 12, 1, int(now) + HOUR, 1, right="unlimited")
    work = asked_while_it_turns(paper.home, silent, Clock(now), link, known)
    answer = asyncio.run(work)
    assert answer.status == 200 and is_open(answer) is opens


@needs_server
@pytest.mark.parametrize(("lasts", "opens"), [(9, False), (HOUR, True)])
def test_a_link_that_ends_while_the_tally_is_asked_opens_nothing(
    paper: Paper, silent: Server, lasts: int, opens: bool
) -> None:
    now = time.time()
    nothing_free = Policy((), open_when_down=True)
    paper.press(*article(PATH, 1), policy=policy_text(nothing_free))
    link = Link("gift", 12, 1, int(now) + lasts, 1, right="unlimited")
    answer = asyncio.run(asked_while_it_turns(paper.home, silent, Clock(now), link, True))
    assert answer.status == 200 and is_open(answer) is opens
