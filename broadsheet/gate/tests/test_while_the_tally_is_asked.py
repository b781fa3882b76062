"""What changes while a gate waits for the tally is not overlooked."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from broadsheet.gate.app import Gate
from broadsheet.gate.policy import Policy, policy_text
from broadsheet.gate.tests.asking import Answer, Clock, Request
from broadsheet.gate.tests.conftest import CANARY, SECRET, Paper, article, page
from broadsheet.gate.tests.tallies import Server, needs_server, running

pytestmark = needs_server

PATH = "/2026/11/21/story"


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that stands still: every question is waited for, for half a second."""
    with running(tmp_path_factory.mktemp("tally")) as server:
        server.send(signal.SIGSTOP)
        yield server


def answered(paper: Paper, server: Server, meanwhile: Callable[[Clock], None]) -> Answer:
    """The answer to a request for a metered article, open while reads cannot be counted."""
    paper.press(
        *article(PATH, 1, not_after=time.time() + 3600),
        policy=policy_text(Policy(open_when_down=True)),
    )
    clock = Clock(time.time())

    async def ask() -> Answer:
        gate = Gate(paper.home, SECRET, meter_url=server.url, clock=clock)
        answer = Answer()
        asked = asyncio.ensure_future(gate.__rsgi__(Request(PATH), answer))  # type: ignore[arg-type]
        await asyncio.sleep(0)  # Until it asks the tally.
        assert not asked.done()
        meanwhile(clock)
        gate.notice()
        await asked
        await gate.close()
        return answer

    return asyncio.run(ask())


def test_as_long_as_nothing_changes_the_article_is_open(paper: Paper, silent: Server) -> None:
    answer = answered(paper, silent, lambda _: None)
    assert answer.status == 200 and CANARY.encode() in answer.body


def test_a_withdrawn_report_is_not_sent(paper: Paper, silent: Server) -> None:
    gone = page(PATH, "<p>This report was withdrawn.</p>", "plain", status=410)
    answer = answered(paper, silent, lambda _: paper.press(gone))
    assert answer.status == 410 and CANARY.encode() not in answer.body


def test_a_report_that_became_premium_is_not_sent(paper: Paper, silent: Server) -> None:
    answer = answered(paper, silent, lambda _: paper.press(*article(PATH, 1, "premium")))
    assert answer.status == 200 and CANARY.encode() not in answer.body


def test_a_report_whose_time_is_over_is_not_sent(paper: Paper, silent: Server) -> None:
    def later(clock: Clock) -> None:
        clock.now += 3601

    answer = answered(paper, silent, later)
    assert answer.status == 410 and CANARY.encode() not in answer.body


def test_a_report_that_is_gone_is_unknown(paper: Paper, silent: Server) -> None:
    answer = answered(paper, silent, lambda _: paper.press_event(lambda run: run.remove(PATH)))
    assert answer.status == 404
