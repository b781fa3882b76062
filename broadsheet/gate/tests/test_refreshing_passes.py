import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from broadsheet.gate import passes
from broadsheet.gate.pressed import open_store, store_path
from broadsheet.gate.tests.conftest import CANARY, SECRET, Asked, Newsroom, Paper, article

PATH = "/2026/11/21/handpicked"
QUARTER = 16 * 60
TWO_DAYS = 2 * 86_400


@pytest.fixture(scope="module")
def stocked(shared_paper: Paper) -> Paper:
    shared_paper.press(*article(PATH, 1, "premium"))
    return shared_paper


def renew(
    paper: Paper, *entitlements: str, calls: list[str] | None = None, seconds: float = 0
) -> object:
    """A newsroom that signs a new pass with these entitlements."""

    def answer(asked: Asked) -> None:
        if calls is not None:
            calls.append(f"{asked.path} {asked.headers['x-broadsheet-gate']}")
        time.sleep(seconds)
        asked.say(200, b"", ("set-cookie", f"{paper.pass_cookie(7, *entitlements)}; Path=/"),
                  ("set-cookie", "session=1"))  # fmt: skip

    return answer


def opens(paper: Paper, cookie: str) -> bool:
    return CANARY.encode() in paper.ask(PATH, cookie=cookie, accept_encoding="identity").body


@pytest.mark.parametrize("age", [QUARTER, TWO_DAYS])
def test_an_older_pass_is_renewed_before_deciding(
    stocked: Paper, shared_newsroom: Newsroom, age: float
) -> None:
    calls: list[str] = []
    shared_newsroom.answer = renew(stocked, "premium", calls=calls)  # type: ignore[assignment]
    reply = stocked.ask(PATH, cookie=stocked.pass_cookie(7, age=age), accept_encoding="identity")
    assert CANARY.encode() in reply.body
    (set_cookie,) = reply.all("set-cookie")
    assert set_cookie.startswith("pass=") and reply.get("cache-control") == "private, no-store"
    assert calls == [f"/-/pass {passes.gate_token(SECRET)}"]


def test_a_right_that_ended_is_lost_with_the_renewal(
    stocked: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = renew(stocked)  # type: ignore[assignment]
    assert not opens(stocked, stocked.pass_cookie(7, "premium", age=QUARTER))


def test_a_fresh_pass_is_not_asked_about(stocked: Paper, shared_newsroom: Newsroom) -> None:
    calls: list[str] = []
    shared_newsroom.answer = renew(stocked, calls=calls)  # type: ignore[assignment]
    assert opens(stocked, stocked.pass_cookie(7, "premium", age=60))
    assert calls == []


def test_a_pass_the_newsroom_does_not_know_is_cleared(
    stocked: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = lambda asked: asked.say(401)
    cookie = stocked.pass_cookie(7, "premium", age=QUARTER)
    reply = stocked.ask(PATH, cookie=cookie, accept_encoding="identity")
    assert CANARY.encode() not in reply.body
    (set_cookie,) = reply.all("set-cookie")
    assert set_cookie.startswith("pass=;") and "Max-Age=0" in set_cookie


def test_a_device_signed_out_for_another_is_led_to_where_it_is_told_why(
    stocked: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = lambda asked: asked.say(401, b"", ("x-broadsheet-signed-out", "1"))
    cookie = stocked.pass_cookie(7, "premium", age=QUARTER)
    reply = stocked.ask(PATH, cookie=cookie, accept_encoding="identity")
    assert reply.status == 303 and CANARY.encode() not in reply.body
    assert reply.get("location") == f"/account/signed-out/?next={PATH}"
    assert "no-store" in str(reply.get("cache-control"))
    (set_cookie,) = reply.all("set-cookie")
    assert set_cookie.startswith("pass=;") and "Max-Age=0" in set_cookie


def test_while_the_newsroom_is_down_a_pass_opens_for_a_day(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    assert opens(paper, paper.pass_cookie(7, "premium", age=86_000))
    assert not opens(paper, paper.pass_cookie(7, "premium", age=86_500))


def test_a_newsroom_that_hangs_or_fails_costs_one_second_at_most(
    paper: Paper, newsroom: Newsroom
) -> None:
    calls: list[str] = []
    over = threading.Event()

    def hang(asked: Asked) -> None:
        calls.append(asked.path)
        over.wait(60)

    newsroom.answer = hang
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    start = time.monotonic()
    assert opens(paper, paper.pass_cookie(7, "premium", age=QUARTER))
    assert time.monotonic() - start > 0.9
    assert opens(paper, paper.pass_cookie(8, "premium", age=QUARTER))
    assert not over.is_set() and len(calls) == 1, "the newsroom was not waited for again"
    over.set()


def test_a_failing_newsroom_leaves_the_pass_as_it_is(
    stocked: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = lambda asked: asked.say(500)
    assert opens(stocked, stocked.pass_cookie(7, "premium", age=QUARTER))


def test_one_renewal_serves_parallel_requests(stocked: Paper, shared_newsroom: Newsroom) -> None:
    calls: list[str] = []
    answer = renew(stocked, "premium", calls=calls, seconds=0.5)
    shared_newsroom.answer = answer  # type: ignore[assignment]
    cookie = stocked.pass_cookie(7, age=QUARTER)
    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(lambda _: opens(stocked, cookie), range(10)))
    assert len(calls) == 1


def test_a_store_that_fails_meanwhile_is_said_in_the_papers_words(
    paper: Paper, newsroom: Newsroom
) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    assert opens(paper, paper.pass_cookie(7, "premium"))

    def answer(asked: Asked) -> None:
        paper.press(*article(PATH, 1, "premium", section=2))
        with closing(open_store(store_path(paper.home))) as store:
            store.execute("ALTER TABLE page RENAME COLUMN body TO lost")
        asked.say(200, b"", ("set-cookie", paper.pass_cookie(7, "premium")))

    newsroom.answer = answer
    reply = paper.ask(PATH, cookie=paper.pass_cookie(7, "premium", age=QUARTER))
    assert (reply.status, reply.get("retry-after")) == (503, "10")
