"""A pass knows the second at which the first of its rights ends."""

import time

import pytest

from broadsheet.gate import passes
from broadsheet.gate.passes import Pass
from broadsheet.gate.tests.conftest import CANARY, Newsroom, Paper, article
from tests.waiting import before_its_time

PATH = "/2026/11/21/handpicked"
NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("until", "fresh"),
    [(0, True), (NOW + 0.001, True), (NOW, False), (NOW - 0.001, False), (1.0, False)],
)
def test_a_pass_is_fresh_until_the_second_its_first_right_ends(until: float, fresh: bool) -> None:
    assert passes.is_fresh(Pass(7, frozenset(), NOW - 60, until), NOW) is fresh


@pytest.mark.parametrize("until", [0, NOW, 1.0])
def test_an_ended_right_is_accepted_while_nobody_can_be_asked(until: float) -> None:
    assert passes.is_accepted(Pass(7, frozenset(), NOW - 60, until), NOW)
    assert not passes.is_accepted(Pass(7, frozenset(), NOW - passes.ACCEPTED, until), NOW)


def opens(paper: Paper, cookie: str) -> bool:
    return CANARY.encode() in paper.ask(PATH, cookie=cookie, accept_encoding="identity").body


def test_the_newsroom_is_asked_from_that_second_on(paper: Paper, newsroom: Newsroom) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    asked: list[float] = []

    def answer(request: object) -> None:
        asked.append(time.time())
        request.say(200, b"", ("set-cookie", paper.pass_cookie(7)))  # type: ignore[attr-defined]

    newsroom.answer = answer

    def read(until: float) -> tuple[str, bool, int]:
        asked.clear()
        cookie = paper.pass_cookie(7, "premium", age=60, until=until)
        return cookie, opens(paper, cookie), len(asked)

    (cookie, *found), until = before_its_time(read, seconds=0.5)
    assert found == [True, 0]
    time.sleep(max(0.0, until - time.time()) + 0.01)
    assert not opens(paper, cookie)
    assert len(asked) == 1


def test_an_outage_at_that_second_locks_nobody_out(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    assert opens(paper, paper.pass_cookie(7, "premium", age=60, until=time.time() - 1))
