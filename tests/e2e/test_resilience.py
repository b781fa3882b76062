"""What a reader notices of a death in the house: as good as nothing."""

import os
import signal

import httpx
import pytest

from tests.e2e.house import House, Process, descendants
from tests.waiting import wait_until

LIMIT = "You've reached your limit of 3 free articles this month."


def kill(house: House, role: str) -> Process:
    """kill -9 a process of the paper; returns it when it is dead."""
    process = house.children()[role]
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not process.lives, what=f"{role} is dead")
    return process


def comes_back(house: House, role: str, died: Process) -> None:
    def is_back() -> bool:
        found = house.children().get(role)
        return found is not None and found.pid != died.pid and house.is_up()

    took = wait_until(is_back, what=f"{role} is back")
    print(f"{role} was back after {took:.1f} s")


def test_reads_outlive_the_gate(own_house: House) -> None:
    metered = own_house.addresses("metered")
    with httpx.Client(base_url=own_house.url, timeout=60) as client:
        for path in metered[:3]:
            assert "article-full" in client.get(path).text
        died = kill(own_house, "gate")
        comes_back(own_house, "gate", died)
        assert LIMIT in client.get(metered[3]).text
        assert "article-full" in client.get(metered[1]).text, "rereading is still free"


def test_the_paper_stays_up_without_its_newsroom(own_house: House) -> None:
    pages = ["/", "/world/", own_house.addresses("open")[0], own_house.addresses("metered")[9]]
    pages += ["/feed.rss", "/sitemap.xml"]
    newsroom = own_house.children()["newsroom"]
    # Held, not killed, so that it stays away for as long as the test looks.
    held = [newsroom, *descendants(newsroom.pid)]
    for process in held:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        for path in pages:
            assert own_house.get(path).status_code == 200, path
    finally:
        for process in held:
            os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not newsroom.lives, what="the newsroom is dead")
    silent = own_house.get("/search?q=ferry")
    assert silent.status_code in (200, 503)
    for path in pages:
        assert own_house.get(path).status_code == 200, path
    comes_back(own_house, "newsroom", newsroom)
    assert own_house.get("/search?q=ferry").status_code == 200


def test_search_says_in_words_that_the_newsroom_is_away(own_house: House) -> None:
    died = kill(own_house, "newsroom")
    answers: list[httpx.Response] = []

    def is_silent() -> bool:
        answers.append(own_house.get("/search?q=ferry"))
        return answers[-1].status_code == 503

    wait_until(is_silent, what="search answers 503")
    silent = answers[-1]
    assert int(silent.headers["retry-after"]) > 0
    assert "<html" in silent.text
    assert "Traceback" not in silent.text
    assert own_house.get("/healthz").status_code == 200
    comes_back(own_house, "newsroom", died)


def test_the_worker_comes_back_and_goes_on(own_house: House) -> None:
    died = kill(own_house, "worker")
    assert own_house.get("/").status_code == 200
    comes_back(own_house, "worker", died)


def test_a_killed_supervisor_leaves_no_orphan(own_house: House) -> None:
    started = descendants(own_house.process.pid)
    assert len(started) >= 3
    own_house.process.kill()
    own_house.process.wait()
    try:
        wait_until(lambda: not any(process.lives for process in started), what="nobody is left")
    finally:
        for orphan in (process for process in started if process.lives):
            os.kill(orphan.pid, signal.SIGKILL)
    with pytest.raises(httpx.ConnectError):
        own_house.get("/")
