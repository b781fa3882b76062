"""A paper with several gates, as `broadsheet serve` runs it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broadsheet.gate.tests.tallies import Server, listening, needs_server, running
from tests.e2e.house import House, broadsheet, copied, descendants, served
from tests.e2e.test_resilience import LIMIT
from tests.waiting import wait_until

pytestmark = needs_server

GATES = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("tally"), "--appendonly", "yes") as made:
        yield made


def settings(server: Server) -> dict[str, str]:
    return {"BROADSHEET_GATES": str(GATES), "BROADSHEET_METER_URL": server.url}


@pytest.fixture(scope="module")
def house(
    demo_home: Path, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    home = copied(demo_home, tmp_path_factory.mktemp("several") / "var")
    with served(home, **settings(server)) as made:
        wait_until(lambda: listening(made.port) == GATES, what="all gates listen")
        yield made


def gates(house: House) -> set[int]:
    return {one.pid for one in descendants(house.process.pid) if "gate" in one.words}


def read(house: House, paths: list[str], cookies: httpx.Cookies) -> list[bool]:
    """Whether each article came in full; a connection of its own for each, so any gate may."""
    found = []
    for path in paths:
        answer = httpx.get(house.url + path, cookies=cookies, timeout=60)
        cookies.update(answer.cookies)
        found.append("article-full" in answer.text)
    return found


def test_all_gates_together_give_as_much_as_one(house: House) -> None:
    assert len(gates(house)) == GATES
    cookies = httpx.Cookies()
    assert read(house, house.addresses("metered")[:10], cookies) == [True] * 3 + [False] * 7


def test_a_gate_that_was_killed_is_started_again_while_the_others_answer(house: House) -> None:
    before, cookies = gates(house), httpx.Cookies()
    metered = house.addresses("metered")
    assert read(house, metered[:2], cookies) == [True] * 2
    died = min(before)
    os.kill(died, signal.SIGKILL)
    wait_until(lambda: died not in gates(house), what="one gate is gone")
    assert read(house, metered[:2] * 5, cookies) == [True] * 10
    wait_until(lambda: listening(house.port) == GATES, what="the gate is back")
    assert before - gates(house) == {died} and len(gates(house)) == GATES
    assert read(house, metered[2:10], cookies) == [True] + [False] * 7
    answer = httpx.get(house.url + metered[9], cookies=cookies, timeout=60)
    assert LIMIT in answer.text


def test_the_worker_counts_what_every_gate_wrote(house: House) -> None:
    article = house.addresses("metered")[20]
    (number,) = house.rows("SELECT id FROM desk_article WHERE path=%s", article)[0]

    def counted() -> int:
        sql = (
            "SELECT coalesce(sum(number), 0) FROM subscriptions_readingcount"
            " WHERE article=%s AND kind='anonymous' AND outcome='read'"
        )
        return int(house.rows(sql, number)[0][0])

    before = counted()
    assert all(read(house, [article], httpx.Cookies()) == [True] for _ in range(30))
    wait_until(lambda: counted() == before + 30, what="thirty reads are counted")


def test_the_doctor_says_who_counts(house: House, server: Server) -> None:
    said = broadsheet(house.home, "doctor", **settings(server)).stdout
    assert f"ok  {GATES} gates count free reading in " in said and "tally" not in said
    with server.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
    said = broadsheet(house.home, "doctor", **settings(server)).stdout
    assert "!!  The tally forgets reads" in said and "!!  The tally writes no append-only" in said
    wrong = settings(server) | {"BROADSHEET_METER_URL": "redis://:lantern@127.0.0.1:1"}
    said = broadsheet(house.home, "doctor", **wrong).stdout
    assert "!!  The tally of free reading cannot be asked" in said and "lantern" not in said


def test_several_gates_without_a_tally_are_refused_with_the_remedy(house: House) -> None:
    refused = broadsheet(house.home, "serve", BROADSHEET_GATES="2")
    assert refused.returncode == 2 and "BROADSHEET_METER_URL" in refused.stderr
