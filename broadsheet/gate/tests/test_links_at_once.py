"""Links asked by many at once, through a gate that is killed, over real sockets."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from broadsheet.gate import links
from broadsheet.gate.ended import LinkEnd
from broadsheet.gate.journal import others_in, segments
from broadsheet.gate.links import Link
from broadsheet.gate.pressed import PressRun
from broadsheet.gate.tests.conftest import CANARY, SECRET, Paper, article
from tests.waiting import is_prompt, wait_until

PATH = "/2026/11/21/tides"


def gift(most: int, number: int = 12) -> Link:
    return Link("gift", number, 1, int(time.time()) + 600, most, right="premium")


def browser(paper: Paper, link: Link) -> str:
    """The Cookie field of a new browser that followed the link."""
    token = links.sign_link(link, links.link_key(SECRET))
    return paper.ask(f"{PATH}?link={token}").get("set-cookie").partition(";")[0]


def opens(paper: Paper, cookie: str) -> bool:
    try:
        return CANARY.encode() in paper.ask(PATH, cookie=cookie).body
    except OSError:
        return False


def recorded(paper: Paper) -> set[str]:
    found = segments(paper.home / "journal")
    return {record.key for path in found for _, _, record in others_in(path.read_bytes())}


def test_eighty_browsers_at_once_open_exactly_ten(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    link = gift(10)
    cookies = [browser(paper, link) for _ in range(80)]
    with ThreadPoolExecutor(16) as pool:
        opened = list(pool.map(lambda cookie: opens(paper, cookie), cookies))
    assert sum(opened) == 10
    again = [opens(paper, cookie) for cookie in cookies]
    assert again == opened
    assert len(recorded(paper)) == 10


def test_a_gate_that_is_killed_forgets_no_opening(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    link, sent, lock = gift(60), list[str](), threading.Lock()
    cookies = [browser(paper, link) for _ in range(120)]

    def ask(some: list[str]) -> None:
        for cookie in some:
            if opens(paper, cookie):
                with lock:
                    sent.append(cookie)
                    if len(sent) == 25:
                        paper.kill()

    askers = [threading.Thread(target=ask, args=(cookies[n::4],)) for n in range(4)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    # Sent implies recorded: who has the report is in the journal, and the next gate knows it.
    assert 25 <= len(sent) < 60
    known = recorded(paper)
    assert {f"b{cookie.partition('=')[2][:22]}" for cookie in sent} <= known
    paper.start()
    opened = [cookie for cookie in cookies if opens(paper, cookie)]
    assert set(sent) <= set(opened)
    assert len(opened) == 60
    assert len(recorded(paper)) == 60


def test_an_ended_link_closes_in_a_running_gate_within_a_second(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    numbers = count(100)

    def closes() -> float:
        link = gift(10, next(numbers))
        cookie = browser(paper, link)
        assert opens(paper, cookie)

        def take_back(run: PressRun) -> None:
            now = time.time()
            run.end_links([LinkEnd(link.number, now, link.until)], now)

        paper.press_event(take_back)
        took = wait_until(lambda: not opens(paper, cookie))
        assert browser(paper, link) == ""
        return took

    assert is_prompt(closes, within=1.0)
