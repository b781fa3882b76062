"""Links and budgets at four real gate processes, counted together in a real Valkey or Redis."""

import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broadsheet.gate import links
from broadsheet.gate.links import Held, Link
from broadsheet.gate.passes import new_reader_id
from broadsheet.gate.policy import Policy, policy_text
from broadsheet.gate.tests.conftest import SECRET
from broadsheet.gate.tests.load import PATHS, is_open, journaled, openings
from broadsheet.gate.tests.tallies import KEYS, PREMIUM, Gates, needs_server, several

pytestmark = needs_server

HERE = "127.0.0.1/32"
BUDGET = policy_text(Policy(budget=20))
HOME, FAR_AWAY = "8.8.8.8", "9.9.9.9"


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gates]:
    """For all tests that leave them as they found them; each with a link or network of its own."""
    with several(tmp_path_factory.mktemp("several"), HERE, policy=BUDGET) as made:
        yield made


@pytest.fixture
def own_gates(tmp_path: Path) -> Iterator[Gates]:
    """For a test that disturbs them."""
    with several(tmp_path, HERE, policy=BUDGET) as made:
        yield made


def browsers(number: int, count: int = 200, most: int = 10) -> list[str]:
    """The Cookie fields of browsers that followed one link."""
    link = Link("gift", number, 99, int(time.time()) + 3600, most, right="premium")
    key = links.held_key(SECRET)
    return [f"links={links.sign_held(Held(new_reader_id(), (link,)), key)}" for _ in range(count)]


def opening(gates: Gates, cookies: Sequence[str]) -> set[str]:
    """For which of them the article opens, asked for by all at once."""
    shuffled = random.Random(len(cookies)).sample(cookies, len(cookies))
    replies = gates.asked([(PREMIUM, cookie) for cookie in shuffled])
    return {cookie for cookie, reply in zip(shuffled, replies, strict=True) if is_open(reply)}


def recorded(gates: Gates, number: int) -> list[str]:
    found = openings(gates.paper.home / "journal")
    return [one.key[1:] for one in found if one.rule == f"gift:{number}"]


def named(cookies: set[str]) -> list[str]:
    return sorted(cookie.removeprefix("links=")[:22] for cookie in cookies)


def test_a_link_for_ten_opens_for_exactly_ten_of_two_hundred(gates: Gates) -> None:
    cookies = browsers(1)
    opened = opening(gates, cookies)
    assert len(opened) == 10
    assert sorted(recorded(gates, 1)) == named(opened)
    assert opening(gates, cookies) == opened
    assert len(recorded(gates, 1)) == 10


def test_an_emptied_tally_opens_a_link_for_nobody_more(gates: Gates) -> None:
    cookies = browsers(2)
    opened = opening(gates, cookies[:6])
    assert len(opened) == 6
    with gates.server.client() as client:
        client.flushall()
    opened |= opening(gates, cookies)
    assert len(opened) == 10 and sorted(recorded(gates, 2)) == named(opened)
    with gates.server.client() as client:
        client.flushall()
    assert opening(gates, cookies) == opened


def test_a_tally_emptied_under_load_opens_a_link_for_exactly_ten(gates: Gates) -> None:
    cookies = browsers(3)

    def empty() -> None:
        while len(recorded(gates, 3)) < 3:
            time.sleep(0.002)
        with gates.server.client() as client:
            client.flushall()

    emptying = threading.Thread(target=empty)
    emptying.start()
    opened = opening(gates, cookies)
    emptying.join()
    opened |= opening(gates, cookies)
    assert len(opened) == 10 == len(recorded(gates, 3))


def test_while_the_tally_is_down_a_link_opens_for_nobody_new(own_gates: Gates) -> None:
    cookies = browsers(4)
    opened = opening(own_gates, cookies[:7])
    assert len(opened) == 7
    own_gates.server.stop()
    assert opening(own_gates, cookies) <= opened
    subscriber = own_gates.paper.pass_cookie(7, "unlimited", "premium")
    assert all(map(is_open, own_gates.asked([(PREMIUM, subscriber)] * 20)))
    # A gate that starts knows them all from the journal.
    for which in range(4):
        own_gates.kill_one(which)
    while own_gates.asked([(PREMIUM, subscriber)]) == [None]:
        time.sleep(0.05)
    assert opening(own_gates, cookies) == opened
    own_gates.server.start()
    own_gates.wait_for(4)
    time.sleep(1.1)
    opened |= opening(own_gates, cookies)
    assert opening(own_gates, cookies) == opened
    assert len(opened) == 10 and sorted(recorded(own_gates, 4)) == named(opened)


def test_a_tally_that_stands_still_for_a_while_opens_a_link_for_exactly_ten(
    own_gates: Gates,
) -> None:
    cookies, opened = browsers(5), set[str]()

    def stand_still() -> None:
        while len(recorded(own_gates, 5)) < 3:
            time.sleep(0.002)
        own_gates.server.send(signal.SIGSTOP)
        time.sleep(1)
        own_gates.server.send(signal.SIGCONT)

    standing = threading.Thread(target=stand_still)
    standing.start()
    opened |= opening(own_gates, cookies)
    standing.join()
    own_gates.wait_for(4)
    time.sleep(1.1)
    # Who was counted when nobody waited for it any longer has a place and comes again.
    opened |= opening(own_gates, cookies)
    assert len(opened) == 10 and set(named(opened)) == set(recorded(own_gates, 5))


def test_gates_killed_again_and_again_open_a_link_for_exactly_ten(own_gates: Gates) -> None:
    cookies, opened = browsers(6, 400), set[str]()
    load = threading.Thread(target=lambda: opened.update(opening(own_gates, cookies)))
    load.start()
    kills = 0
    while load.is_alive():
        own_gates.kill_one(kills % 4)
        kills += 1
        time.sleep(0.15)
    load.join()
    own_gates.wait_for(4)
    opened |= opening(own_gates, cookies)
    opened |= opening(own_gates, cookies)
    assert len(opened) == 10 and set(named(opened)) == set(recorded(own_gates, 6))


def cookieless(gates: Gates, address: str, count: int = 300) -> int:
    """How many of so many readers without a cookie, all at once, are sent the whole article."""

    def one(number: int) -> bool:
        path = PATHS[number % 40]
        reply = gates.paper.ask(path, x_forwarded_for=address, accept_encoding="identity")
        return is_open(reply)

    with ThreadPoolExecutor(64) as pool:
        return sum(pool.map(one, range(count)))


def counts(gates: Gates) -> list[int]:
    """What today's networks took, by the tally."""
    with gates.server.client() as client:
        found = client.hgetall(f"{KEYS}budget:{int(time.time()) // 86_400}")
    return sorted(int(value) for name, value in found.items() if len(name) == 16)


def wait_for_counts(gates: Gates, expected: list[int]) -> None:
    end = time.monotonic() + 10
    while counts(gates) != expected:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_network_gets_exactly_its_budget_from_four_gates(own_gates: Gates) -> None:
    before = len(journaled(own_gates.paper))
    assert cookieless(own_gates, HOME) == 20
    assert len(journaled(own_gates.paper)) - before == 20
    assert cookieless(own_gates, FAR_AWAY) == 20
    assert cookieless(own_gates, HOME) == 0
    assert counts(own_gates) == [20, 20]
    cookie = own_gates.paper.reader_cookie()
    assert sum(map(is_open, own_gates.asked([(path, cookie) for path in PATHS]))) == 3


def test_an_emptied_tally_gives_a_network_no_more(own_gates: Gates) -> None:
    assert cookieless(own_gates, HOME, 12) == 12
    with own_gates.server.client() as client:
        client.flushall()
    wait_for_counts(own_gates, [12])
    assert cookieless(own_gates, HOME) == 8
    with own_gates.server.client() as client:
        client.flushall()
    wait_for_counts(own_gates, [20])
    assert cookieless(own_gates, HOME) == 0


def test_a_tally_that_stood_still_or_was_stopped_gives_a_network_no_more(own_gates: Gates) -> None:
    assert cookieless(own_gates, HOME, 12) == 12
    own_gates.server.send(signal.SIGSTOP)
    assert cookieless(own_gates, HOME, 40) == 0
    own_gates.server.send(signal.SIGCONT)
    own_gates.wait_for(4)
    own_gates.server.stop()
    assert cookieless(own_gates, HOME, 40) == 0
    own_gates.server.start()
    own_gates.wait_for(4)
    wait_for_counts(own_gates, [12])
    time.sleep(1.1)
    assert cookieless(own_gates, HOME) == 8
