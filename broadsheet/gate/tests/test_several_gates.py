"""Four real gate processes on one port, counting together in a real Valkey or Redis."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.gate.journal import read_segment, segments
from broadsheet.gate.policy import Allowance, Policy, policy_text
from broadsheet.gate.tests.conftest import Reply
from broadsheet.gate.tests.load import (
    PATHS,
    is_open,
    journaled,
    key_of,
    opened,
)
from broadsheet.gate.tests.tallies import (
    KEYS,
    PREMIUM,
    Gates,
    Server,
    needs_server,
    several,
)
from tests.waiting import is_prompt, seconds_of

pytestmark = needs_server


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gates]:
    """For all tests that leave them as they found them; each comes with readers of its own."""
    with several(tmp_path_factory.mktemp("several")) as made:
        yield made


@pytest.fixture
def own_gates(tmp_path: Path) -> Iterator[Gates]:
    """For a test that disturbs them."""
    with several(tmp_path) as made:
        yield made


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
    sent = opened(wanted, replies)[cookie]
    assert len(sent) == 3 and all(reply and reply.status == 200 for reply in replies)
    records = [one for one in journaled(gates.paper) if one.key == key_of(cookie)]
    assert {one.article for one in records} == sent and len(records) == 3
    assert counted(gates.server, key_of(cookie)) == sent
    assert sorted(one.reads for one in records) == [1, 2, 3]


def test_one_article_asked_forty_times_at_once_counts_once(gates: Gates) -> None:
    cookie = gates.paper.reader_cookie()
    assert all(map(is_open, gates.asked([(PATHS[0], cookie)] * 40)))
    mine = [one.article for one in journaled(gates.paper) if one.key == key_of(cookie)]
    assert mine == [1]
    assert [is_open(r) for r in gates.asked([(p, cookie) for p in PATHS[1:5]], at_once=1)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_accounts_take_over_what_was_read_before_while_all_gates_are_busy(gates: Gates) -> None:
    paper = gates.paper
    browsers = [paper.reader_cookie() for _ in range(3)]
    for number, browser in enumerate(browsers):
        replies = gates.asked([(p, browser) for p in PATHS[number * 3 : number * 3 + 3]], at_once=1)
        assert all(map(is_open, replies))
    accounts = [paper.pass_cookie(7), paper.pass_cookie(8), paper.pass_cookie(8)]
    signed_in = [f"{one}; {two}" for one, two in zip(browsers, accounts, strict=True)]
    wanted = [(path, cookie) for path in PATHS for cookie in signed_in for _ in range(4)]
    random.Random(7).shuffle(wanted)
    replies = gates.asked(wanted)
    mine = {path for (path, cookie), r in zip(wanted, replies, strict=True)
            if cookie == signed_in[0] and is_open(r)}  # fmt: skip
    assert len(mine) == 5 == len(counted(gates.server, "u7")) and set(PATHS[:3]) <= mine
    # Two browsers of one account: what was open stays open, and the limit is one for both.
    assert set(range(4, 10)) <= counted(gates.server, "u8")
    assert sum(one.key == "u8" and one.outcome == "read" for one in journaled(paper)) <= 2
    merges = [one for one in journaled(paper) if one.merged]
    assert Counter(one.key for one in merges) == {"u7": 1, "u8": 2}


def test_a_gate_killed_again_and_again_loses_no_read_and_gives_none_too_many(
    own_gates: Gates,
) -> None:
    cookies = [own_gates.paper.reader_cookie() for _ in range(60)]
    wanted = [(path, cookie) for path in PATHS[:12] for cookie in cookies for _ in range(3)]
    random.Random(9).shuffle(wanted)
    replies: list[Reply | None] = []
    load = threading.Thread(target=lambda: replies.extend(own_gates.asked(wanted, at_once=24)))
    load.start()
    kills = 0
    while load.is_alive():
        own_gates.kill_one(kills % 4)
        kills += 1
        time.sleep(0.15)
    load.join()
    assert kills > 3 and replies.count(None) > 0
    own_gates.wait_for(4)
    # Whose requests died asks again, so that all have used up what is free.
    once = list(dict.fromkeys(wanted))
    agree(own_gates, wanted + once, replies + own_gates.asked(once))


def agree(gates: Gates, wanted: list[tuple[str, str]], replies: list[Reply | None]) -> None:
    """Nothing was given twice or beyond the limit, and what was given is recorded."""
    records = journaled(gates.paper)
    assert len({(one.key, one.article) for one in records}) == len(records)
    unwritten = 0
    for cookie, articles in opened(wanted, replies).items():
        spent = counted(gates.server, key_of(cookie))
        lines = {one.article for one in records if one.key == key_of(cookie)}
        assert articles <= spent and lines <= spent and len(spent) == 3
        unwritten += len(spent - lines)
    # A gate that died between tally and journal: spent, and not sent by that request.
    assert unwritten <= replies.count(None)


def test_money_case_60_while_the_tally_is_down_subscribers_read_and_the_publisher_decides(
    own_gates: Gates,
) -> None:
    paper = own_gates.paper
    reader, before = paper.reader_cookie(), paper.reader_cookie()
    assert all(map(is_open, own_gates.asked([(p, before) for p in PATHS[:3]])))
    own_gates.server.stop()
    subscriber = paper.pass_cookie(7, "unlimited", "premium")
    assert all(map(is_open, own_gates.asked([(p, subscriber) for p in (*PATHS[:8], PREMIUM)])))
    closed = own_gates.asked([(p, reader) for p in (*PATHS[:8], PREMIUM)])
    assert not any(map(is_open, closed)) and all(r and r.status == 200 for r in closed)
    assert own_gates.health()["meter"] == "failing" and own_gates.health()["journal"] == "ok"
    paper.press(policy=policy_text(Policy(open_when_down=True)))
    own_gates.taken_up()
    replies = own_gates.asked([(p, reader) for p in (*PATHS[:8], PREMIUM)])
    assert [is_open(reply) for reply in replies] == [True] * 8 + [False]
    assert [one.key for one in journaled(paper)] == [key_of(before)] * 3
    own_gates.server.start()
    own_gates.wait_for(4)
    assert not any(map(is_open, own_gates.asked([(p, before) for p in PATHS[3:20]])))
    assert sum(map(is_open, own_gates.asked([(p, reader) for p in PATHS]))) == 3


def test_a_tally_that_stands_still_delays_nobody_for_long(own_gates: Gates) -> None:
    cookie = own_gates.paper.reader_cookie()
    assert is_open(own_gates.asked([(PATHS[0], cookie)])[0])
    own_gates.server.send(signal.SIGSTOP)

    def all_are_closed() -> None:
        replies = own_gates.asked([(p, cookie) for p in (*PATHS, PREMIUM)])
        assert not any(map(is_open, replies)) and all(r and r.status == 200 for r in replies)

    assert is_prompt(lambda: seconds_of(all_are_closed), within=1.5)
    subscriber = own_gates.paper.pass_cookie(7, "unlimited")

    def all_are_open() -> None:
        assert all(map(is_open, own_gates.asked([(p, subscriber) for p in PATHS])))

    assert is_prompt(lambda: seconds_of(all_are_open), within=0.5)
    own_gates.server.send(signal.SIGCONT)
    own_gates.wait_for(4)
    # What it was told while nobody waited for it any more may have been spent.
    spent = len(counted(own_gates.server, key_of(cookie)))
    assert 1 <= spent <= 3
    replies = own_gates.asked([(p, cookie) for p in PATHS])
    assert sum(map(is_open, replies)) == 3 == len(counted(own_gates.server, key_of(cookie)))


def test_an_emptied_tally_is_filled_again_by_one_gate(gates: Gates) -> None:
    cookies = [gates.paper.reader_cookie() for _ in range(30)]
    for cookie in cookies:
        assert sum(map(is_open, gates.asked([(p, cookie) for p in PATHS[:5]]))) == 3
    with gates.server.client() as client:
        client.flushall()
    wanted = [(path, cookie) for path in PATHS for cookie in cookies]
    random.Random(3).shuffle(wanted)
    gates.asked(wanted)
    assert all(len(counted(gates.server, key_of(cookie))) == 3 for cookie in cookies)
    keys = Counter(one.key for one in journaled(gates.paper))
    assert all(keys[key_of(cookie)] == 3 for cookie in cookies)


def test_limits_changed_in_the_middle_of_the_month_are_in_force_in_all_gates(
    gates: Gates,
) -> None:
    cookie = gates.paper.reader_cookie()
    wanted = [(path, cookie) for path in PATHS]
    assert sum(map(is_open, gates.asked(wanted))) == 3
    for limit, number in ((6, 6), (1, 6), (0, 6), (9, 9), (3, 9)):
        policy = Policy((Allowance("anonymous", limit),))
        gates.paper.press(policy=policy_text(policy))
        gates.taken_up()
        assert sum(map(is_open, gates.asked(wanted))) == number


def test_a_head_and_a_prefetch_request_spend_and_get_nothing(gates: Gates) -> None:
    paper, cookie = gates.paper, gates.paper.reader_cookie()
    for path in PATHS[:12]:
        assert paper.ask(path, "HEAD", cookie=cookie).status == 200
        assert paper.ask(path, cookie=cookie, sec_purpose="prefetch").status == 503
    assert counted(gates.server, key_of(cookie)) == set()
    assert not any(one.key == key_of(cookie) for one in journaled(paper))


def test_a_gate_that_dies_does_not_stop_the_others(own_gates: Gates) -> None:
    for process in own_gates.processes[:3]:
        process.kill()
        process.wait(timeout=30)
    cookie = own_gates.paper.reader_cookie()
    assert sum(map(is_open, own_gates.asked([(p, cookie) for p in PATHS], at_once=8))) == 3


def test_each_gate_writes_segments_of_its_own(gates: Gates) -> None:
    cookies = [gates.paper.reader_cookie() for _ in range(200)]
    assert all(map(is_open, gates.asked([(PATHS[0], cookie) for cookie in cookies])))
    found = segments(gates.paper.home / "journal")
    keys = Counter(one.key for one in journaled(gates.paper))
    assert all(keys[key_of(cookie)] == 1 for cookie in cookies)
    assert len(found) == 4 and sum(bool(read_segment(path)[0]) for path in found) > 1
