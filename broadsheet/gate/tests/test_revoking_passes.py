"""A revoked pass opens nothing until the newsroom has renewed it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from broadsheet.gate.tests.conftest import CANARY, Asked, Newsroom, Paper, article
from tests.waiting import is_prompt, wait_until

PATH = "/2026/11/21/handpicked"
QUARTER = 16 * 60


@pytest.fixture
def stocked(paper: Paper, newsroom: Newsroom) -> Paper:
    """A paper whose newsroom fails until the test says what it answers."""
    newsroom.answer = lambda asked: asked.say(500)
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    return paper


def give(
    paper: Paper, *entitlements: str, calls: list[str] | None = None
) -> Callable[[Asked], None]:
    """A newsroom that signs a new pass for reader 7 with these entitlements."""

    def answer(asked: Asked) -> None:
        if calls is not None:
            calls.append(asked.path)
        asked.say(200, b"", ("set-cookie", f"{paper.pass_cookie(7, *entitlements)}; Path=/"))

    return answer


def opens(paper: Paper, cookie: str) -> bool:
    return CANARY.encode() in paper.ask(PATH, cookie=cookie, accept_encoding="identity").body


def revoke(paper: Paper, reader: int, at: float | None = None) -> None:
    paper.press_event(lambda run: run.revoke(reader, time.time() if at is None else at))


def test_a_fresh_pass_loses_its_right_within_a_second(stocked: Paper, newsroom: Newsroom) -> None:
    newsroom.answer = give(stocked)
    cookie = ""

    def lose() -> float:
        nonlocal cookie
        cookie = stocked.pass_cookie(7, "premium")
        assert opens(stocked, cookie)
        revoke(stocked, 7)
        return wait_until(lambda: not opens(stocked, cookie))

    assert is_prompt(lose, within=1.0)
    reply = stocked.ask(PATH, cookie=cookie)
    (set_cookie,) = reply.all("set-cookie")
    assert set_cookie.startswith("pass=") and reply.get("cache-control") == "private, no-store"
    assert not opens(stocked, set_cookie.partition(";")[0])


def test_the_same_pass_renewed_with_more_rights_opens_more(
    stocked: Paper, newsroom: Newsroom
) -> None:
    second_device = stocked.pass_cookie(7)
    assert not opens(stocked, second_device)
    newsroom.answer = give(stocked, "premium")
    revoke(stocked, 7)
    wait_until(lambda: opens(stocked, second_device))


def test_a_renewed_pass_is_not_asked_about_again(stocked: Paper, newsroom: Newsroom) -> None:
    calls: list[str] = []
    newsroom.answer = give(stocked, "premium", calls=calls)
    revoke(stocked, 7)
    stocked.taken_up()
    reply = stocked.ask(PATH, cookie=stocked.pass_cookie(7, age=60))
    renewed = reply.get("set-cookie").partition(";")[0]
    assert calls == ["/-/pass"]
    assert all(opens(stocked, renewed) for _ in range(5))
    assert calls == ["/-/pass"]


@pytest.mark.parametrize("status", [500, 503, 200])
def test_without_a_renewed_pass_the_revoked_one_opens_nothing(
    stocked: Paper, newsroom: Newsroom, status: int
) -> None:
    newsroom.answer = lambda asked: asked.say(status)
    cookie = stocked.pass_cookie(7, "premium")
    revoke(stocked, 7)
    wait_until(lambda: not opens(stocked, cookie))
    reply = stocked.ask(PATH, cookie=cookie, accept_encoding="identity")
    assert reply.status == 200 and b"wall premium" in reply.body
    assert not reply.all("set-cookie") and reply.get("cache-control") == "private, no-store"


@pytest.mark.parametrize("age", [0, QUARTER])
def test_a_newsroom_that_is_down_closes_for_the_revoked_reader_only(
    paper: Paper, age: float
) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    revoked, other = (paper.pass_cookie(number, "premium", age=age) for number in (7, 8))
    assert opens(paper, revoked)
    revoke(paper, 7)
    wait_until(lambda: not opens(paper, revoked))
    assert opens(paper, other) and not opens(paper, revoked)


def test_a_newsroom_that_hangs_keeps_nobody_waiting_twice(
    stocked: Paper, newsroom: Newsroom
) -> None:
    calls: list[str] = []
    over = threading.Event()

    def hang(asked: Asked) -> None:
        calls.append(asked.path)
        over.wait(60)

    newsroom.answer = hang
    cookie = stocked.pass_cookie(7, "premium")
    revoke(stocked, 7)
    stocked.taken_up()
    start = time.monotonic()
    assert not opens(stocked, cookie)
    assert time.monotonic() - start > 0.9
    assert not opens(stocked, cookie)
    assert opens(stocked, stocked.pass_cookie(8, "premium", age=QUARTER))
    assert not over.is_set() and len(calls) == 1, "the newsroom was not waited for again"
    over.set()


def test_a_reader_the_newsroom_no_longer_knows_loses_the_pass(
    stocked: Paper, newsroom: Newsroom
) -> None:
    newsroom.answer = lambda asked: asked.say(401)
    revoke(stocked, 7)
    cookie = stocked.pass_cookie(7, "premium", age=1)
    wait_until(lambda: not opens(stocked, cookie))
    (set_cookie,) = stocked.ask(PATH, cookie=cookie).all("set-cookie")
    assert set_cookie.startswith("pass=;") and "Max-Age=0" in set_cookie


def test_other_readers_are_not_asked_about(stocked: Paper, newsroom: Newsroom) -> None:
    calls: list[str] = []
    newsroom.answer = give(stocked, calls=calls)
    revoke(stocked, 7)
    stocked.taken_up()
    assert opens(stocked, stocked.pass_cookie(8, "premium", age=60))
    assert calls == []


def test_a_pass_issued_after_the_revocation_opens(stocked: Paper, newsroom: Newsroom) -> None:
    calls: list[str] = []
    newsroom.answer = give(stocked, calls=calls)
    revoke(stocked, 7, time.time() - 10)
    stocked.taken_up()
    assert opens(stocked, stocked.pass_cookie(7, "premium", age=9))
    assert not opens(stocked, stocked.pass_cookie(7, "premium", age=11))
    assert len(calls) == 1


def test_what_the_newsroom_gives_is_taken_though_its_clock_is_behind(
    stocked: Paper, newsroom: Newsroom
) -> None:
    calls: list[str] = []
    newsroom.answer = give(stocked, "premium", calls=calls)
    revoke(stocked, 7, time.time() + 30)
    stocked.taken_up()
    cookie = stocked.pass_cookie(7)
    assert opens(stocked, cookie) and opens(stocked, cookie)
    assert len(calls) == 2


class Slow:
    """A newsroom whose first answer is decided before a revocation and arrives after it."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.calls = 0
        self.reached = threading.Event()
        self.may_answer = threading.Event()

    def __call__(self, asked: Asked) -> None:
        self.calls += 1
        rights = ("premium",) if self.calls == 1 else ()
        cookie = self.paper.pass_cookie(7, *rights)
        if self.calls == 1:
            self.reached.set()
            self.may_answer.wait(0.9)
        asked.say(200, b"", ("set-cookie", cookie))


def test_an_answer_overtaken_by_a_revocation_is_asked_for_again(
    stocked: Paper, newsroom: Newsroom
) -> None:
    slow = newsroom.answer = Slow(stocked)
    cookie = stocked.pass_cookie(7, "premium", age=QUARTER)
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(opens, stocked, cookie)
        assert slow.reached.wait(30)
        revoke(stocked, 7)
        slow.may_answer.set()
        assert early.result() is False
    assert slow.calls == 2


def test_a_renewal_from_before_a_revocation_is_not_shared(
    stocked: Paper, newsroom: Newsroom
) -> None:
    slow = newsroom.answer = Slow(stocked)
    cookie = stocked.pass_cookie(7, "premium", age=QUARTER)
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(opens, stocked, cookie)
        assert slow.reached.wait(30)
        revoke(stocked, 7)
        stocked.taken_up()
        assert not opens(stocked, cookie)
        assert slow.calls == 2 and not early.done()
        slow.may_answer.set()
        assert early.result() is False


def test_a_revocation_outlives_the_gate(stocked: Paper, newsroom: Newsroom) -> None:
    cookie = stocked.pass_cookie(7, "premium")
    revoke(stocked, 7)
    stocked.kill()
    stocked.start()
    assert not opens(stocked, cookie)
