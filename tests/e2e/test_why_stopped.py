""" "Why was I stopped?", from the wall by the reader's code to the desk; and a fold that is killed
again and again: nothing lost, nothing doubled."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from playwright.sync_api import Browser, Page

from broadsheet.gate.journal import Journal, Record
from tests.e2e import desk
from tests.e2e.conftest import DESK
from tests.e2e.house import COMMAND, House, broadsheet, copied, environment
from tests.waiting import wait_until

CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}\b")
LINES = 30_000
KILLS = 6
FOLD = "from broadsheet.subscriptions.actions import fold_journal\nwhile fold_journal(): pass"
SUMS = {
    "decisions": "SELECT count(*) FROM subscriptions_gatedecision",
    "counts": "SELECT coalesce(sum(number), 0) FROM subscriptions_readingcount WHERE month=%s",
    "days": "SELECT coalesce(sum(number), 0) FROM subscriptions_daycount",
}


def test_a_reader_sees_what_was_counted_and_the_desk_finds_it_by_the_code(
    own_house: House, window: Callable[..., Page], browser: Browser
) -> None:
    paths = own_house.addresses("metered")[:4]
    page = window()
    for path in paths:
        page.goto(own_house.url + path)
    page.get_by_role("link", name="Why do I see this?").click()

    def counted() -> bool:
        page.reload()
        return page.locator(".door-list li a").count() == 3

    wait_until(counted, what="the three reads are on the reader's page")
    found = page.locator(".door-list li a").evaluate_all("all => all.map(a => a.pathname)")
    assert set(found) == set(paths[:3])
    assert page.get_by_text("3 of 3 free articles opened this month.").count() == 1
    code = CODE.search(page.locator("main").inner_text())
    assert code
    cookie = next(c["value"] for c in page.context.cookies() if c["name"] == "reader")
    assert cookie.partition(".")[0] not in page.content()
    context = browser.new_context(viewport=DESK)
    try:
        screen = desk.sign_in(context, own_house)
        screen.goto(f"{own_house.url}/desk/business/decisions/")
        screen.fill("main input[name=q]", code[0].lower().replace("-", " "))
        screen.keyboard.press("Enter")
        stop = screen.locator("tbody tr", has_text="Stopped: 3 of 3 free articles")
        stop.wait_for()
        assert stop.locator(f"a[href='{paths[3]}']").count() == 1
        assert screen.locator("tbody tr", has_text="Opened: free article").count() == 3
    finally:
        context.close()


def write_journal(home: Path) -> str:
    """Many lines of the present month; returns the month."""
    dice, now = Random(7), int(time.time())
    month = time.strftime("%Y-%m", time.gmtime(now))
    keys = ["a" + f"{number:022}" for number in range(900)]
    journal = Journal(home / "journal", segment_bytes=400_000)
    for number in range(LINES):
        outcome = dice.choice(("read", "stop"))
        facts = (dice.choice(keys), dice.randrange(1, 300), outcome, 3, "metered", number % 3, 3)
        journal.append(Record(now, month, *facts))
    journal.close()
    return month


def test_a_fold_killed_at_any_moment_neither_loses_nor_doubles(
    demo_home: Path, tmp_path: Path
) -> None:
    home = copied(demo_home, tmp_path / "var")
    ended = subprocess.Popen(["true"])
    ended.wait()
    paper = House(home, 0, ended, tmp_path / "none")
    month = time.strftime("%Y-%m", time.gmtime())
    before = sums(paper, month)
    assert write_journal(home) == month
    dice = Random(11)
    for _ in range(KILLS):
        reached = sums(paper, month)["decisions"]
        fold = subprocess.Popen([*COMMAND, "shell", "-c", FOLD], env=environment(home))
        while sums(paper, month)["decisions"] == reached and fold.poll() is None:
            time.sleep(0.02)
        time.sleep(dice.random() * 0.15)
        os.kill(fold.pid, signal.SIGKILL)
        assert fold.wait(10) == -signal.SIGKILL, "it was not killed in the middle"
        after = sums(paper, month)
        assert len({after[name] - before[name] for name in SUMS}) == 1, "all move together"
    assert broadsheet(home, "shell", "-c", FOLD).returncode == 0
    after = sums(paper, month)
    assert {name: after[name] - before[name] for name in SUMS} == dict.fromkeys(SUMS, LINES)


def sums(paper: House, month: str) -> dict[str, int]:
    """How much was folded, by each of the tables, at one moment."""
    found = {}
    for name, question in SUMS.items():
        values = (month,) if "%s" in question else ()
        found[name] = int(paper.rows(question, *values)[0][0])
    return found
