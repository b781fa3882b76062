"""What the press does to the store is seen by readers."""

import json
import time
from pathlib import Path

from broadsheet.gate.pressed import PressRun, open_store, store_path
from broadsheet.gate.tests.conftest import CANARY, Paper, article, page
from tests.waiting import is_prompt, seconds_of, wait_until

PATH = "/2026/11/21/story"
NOTICED_SECONDS = 0.3


def test_a_withdrawal_is_seen_within_300_ms(paper: Paper) -> None:
    paper.start()
    cookie = paper.pass_cookie(7, "unlimited")

    def write(run: PressRun) -> None:
        run.remove(PATH)
        for one in (*article(PATH, 1), page("/", f"<a>{CANARY}</a>", "plain")):
            run.put(one)

    def publish() -> None:
        paper.press_event(write)
        wait_until(lambda: paper.ask(PATH, cookie=cookie).status == 200)
        assert CANARY.encode() in paper.ask(PATH, cookie=cookie, accept_encoding="identity").body

    def withdraw(run: PressRun) -> None:
        run.remove(PATH)
        run.put(page(PATH, "<h1>Withdrawn</h1>", "plain", status=410))
        run.put(page("/", "<h1>Front</h1>", "plain"))

    def seen_withdrawn() -> float:
        publish()
        paper.press_event(withdraw)
        took = wait_until(lambda: paper.ask(PATH, cookie=cookie).status == 410)
        assert CANARY.encode() not in paper.ask("/", accept_encoding="identity").body
        return took

    assert is_prompt(seen_withdrawn, within=NOTICED_SECONDS)


def test_a_page_taken_away_is_gone_within_300_ms(paper: Paper) -> None:
    paper.start()

    def seen_gone() -> float:
        paper.press(*article(PATH, 1, "open"))
        wait_until(lambda: paper.ask(PATH).status == 200)
        paper.press_event(lambda run: run.remove(PATH))
        return wait_until(lambda: paper.ask(PATH).status == 404)

    assert is_prompt(seen_gone, within=NOTICED_SECONDS)


def test_a_page_pressed_over_an_article_hides_it(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "open"), page(PATH, "Withdrawn", "plain", status=410))
    paper.start()
    reply = paper.ask(PATH, accept_encoding="identity")
    assert (reply.status, reply.body) == (410, b"Withdrawn")


def test_a_new_wall_shows_on_every_teaser(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "premium"))
    paper.start()
    assert b"wall premium" in paper.ask(PATH, accept_encoding="identity").body
    paper.press_event(lambda run: run.put_fragment("premium", "<b>new price</b>"))
    paper.taken_up()
    reply = paper.ask(PATH, accept_encoding="identity")
    assert b"new price" in reply.body and b"wall" not in reply.body


def test_pages_open_and_close_to_the_second(paper: Paper) -> None:
    paper.press(page("!410", "<h1>No longer here</h1>", "plain", status=410))
    paper.start()
    for seconds in (0.5, 2, 8, 32):
        path = f"{PATH}-{seconds}"
        before, within, after = statuses_around(paper, path, seconds)
        assert (before <= {404}, within <= {200}, after) == (True, True, {410})
        if before and within:
            break
    assert before and within, "it was never looked at in time"
    assert b"No longer here" in paper.ask(path, accept_encoding="identity").body


def statuses_around(paper: Paper, path: str, seconds: float) -> tuple[set[int], ...]:
    """What is answered before an article opens, while it is open, and after it closed."""
    opens = time.time() + seconds
    closes = opens + seconds
    paper.press(*article(path, 1, "open", not_before=opens, not_after=closes))
    seen = []
    while not seen or seen[-1][0] <= closes:
        asked = time.time()
        seen.append((asked, paper.ask(path).status, time.time()))
        time.sleep(0.02)
    return (
        {status for _, status, answered in seen if answered < opens},
        {status for asked, status, answered in seen if opens < asked and answered < closes},
        {status for asked, status, _ in seen if asked > closes},
    )


def test_a_missing_store_is_waited_for(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.start()
    try:
        reply = paper.ask("/")
        assert reply.status == 503 and reply.get("retry-after")
        paper.press(page("/", "<h1>Front</h1>", "plain"))
        wait_until(lambda: paper.ask("/").status == 200)
    finally:
        paper.kill()


def test_memory_is_served_while_the_store_is_away_and_a_new_one_is_taken_up(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "open"))
    paper.start()
    assert paper.ask(PATH).status == 200
    store = store_path(paper.home)
    store.rename(store.with_suffix(".away"))
    wait_until(lambda: json.loads(paper.ask("/healthz").body)["checks"]["store"] != "ok")
    assert paper.ask(PATH).status == 200
    for name in ("pressed.sqlite3-wal", "pressed.sqlite3-shm"):
        (paper.home / name).unlink(missing_ok=True)
    paper.press(page("/", "<h1>Another paper</h1>", "plain"))
    wait_until(lambda: b"Another paper" in paper.ask("/", accept_encoding="identity").body)
    assert paper.ask(PATH).status == 404


def test_a_locked_store_does_not_keep_readers_waiting(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "open"))
    paper.start()
    assert paper.ask(PATH).status == 200
    writer = open_store(store_path(paper.home))
    writer.execute("BEGIN EXCLUSIVE")

    def ask() -> None:
        assert paper.ask(PATH).status == 200
        assert paper.ask("/").status == 200

    assert is_prompt(lambda: seconds_of(ask), within=0.5)
    writer.execute("ROLLBACK")
    writer.close()
