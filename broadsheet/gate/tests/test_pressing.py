"""What the press does to the store is seen by readers."""

import time
from pathlib import Path

from broadsheet.gate.pressed import PressRun, open_store, store_path
from broadsheet.gate.tests.conftest import CANARY, Paper, article, page

PATH = "/2026/11/21/story"
NOTICED_SECONDS = 0.3


def test_a_withdrawal_is_seen_within_300_ms(paper: Paper) -> None:
    paper.press(*article(PATH, 1), page("/", f"<a>{CANARY}</a>", "plain"))
    paper.start()
    cookie = paper.pass_cookie(7, "unlimited")
    assert CANARY.encode() in paper.ask(PATH, cookie=cookie, accept_encoding="identity").body

    def withdraw(run: PressRun) -> None:
        run.remove(PATH)
        run.put(page(PATH, "<h1>Withdrawn</h1>", "plain", status=410))
        run.put(page("/", "<h1>Front</h1>", "plain"))

    paper.press_event(withdraw)
    start = time.monotonic()
    while paper.ask(PATH, cookie=cookie).status != 410:
        assert time.monotonic() - start < NOTICED_SECONDS
        time.sleep(0.005)
    assert CANARY.encode() not in paper.ask("/", accept_encoding="identity").body


def test_a_page_taken_away_is_gone_within_300_ms(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "open"))
    paper.start()
    assert paper.ask(PATH).status == 200
    paper.press_event(lambda run: run.remove(PATH))
    start = time.monotonic()
    while paper.ask(PATH).status != 404:
        assert time.monotonic() - start < NOTICED_SECONDS
        time.sleep(0.005)


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
    time.sleep(NOTICED_SECONDS)
    reply = paper.ask(PATH, accept_encoding="identity")
    assert b"new price" in reply.body and b"wall" not in reply.body


def test_pages_open_and_close_to_the_second(paper: Paper) -> None:
    now = time.time()
    opens, closes = now + 1.2, now + 1.9
    paper.press(
        *article(PATH, 1, "open", not_before=opens, not_after=closes),
        page("!410", "<h1>No longer here</h1>", "plain", status=410),
    )
    paper.start()
    seen = []
    while time.time() < closes + 0.3:
        before = time.time()
        status = paper.ask(PATH).status
        seen.append((before, status, time.time()))
        time.sleep(0.02)
    assert {status for before, status, after in seen if after < opens} == {404}
    assert {status for before, status, after in seen if opens < before and after < closes} == {200}
    assert {status for before, status, after in seen if before > closes} == {410}
    assert b"No longer here" in paper.ask(PATH, accept_encoding="identity").body


def test_a_missing_store_is_waited_for(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.start()
    try:
        reply = paper.ask("/")
        assert reply.status == 503 and reply.get("retry-after")
        paper.press(page("/", "<h1>Front</h1>", "plain"))
        time.sleep(NOTICED_SECONDS)
        assert paper.ask("/").status == 200
    finally:
        paper.kill()


def test_memory_is_served_while_the_store_is_away_and_a_new_one_is_taken_up(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "open"))
    paper.start()
    assert paper.ask(PATH).status == 200
    store = store_path(paper.home)
    store.rename(store.with_suffix(".away"))
    time.sleep(NOTICED_SECONDS)
    assert paper.ask(PATH).status == 200
    for name in ("pressed.sqlite3-wal", "pressed.sqlite3-shm"):
        (paper.home / name).unlink(missing_ok=True)
    paper.press(page("/", "<h1>Another paper</h1>", "plain"))
    time.sleep(NOTICED_SECONDS)
    assert b"Another paper" in paper.ask("/", accept_encoding="identity").body
    assert paper.ask(PATH).status == 404


def test_a_locked_store_does_not_keep_readers_waiting(paper: Paper) -> None:
    paper.press(*article(PATH, 1, "open"))
    paper.start()
    assert paper.ask(PATH).status == 200
    writer = open_store(store_path(paper.home))
    writer.execute("BEGIN EXCLUSIVE")
    start = time.monotonic()
    assert paper.ask(PATH).status == 200
    assert paper.ask("/").status == 200
    assert time.monotonic() - start < 0.5
    writer.execute("ROLLBACK")
    writer.close()
