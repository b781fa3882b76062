"""Only files that a pressed article shows are sent, and none a second longer than its rights."""

import sqlite3
import time

from broadsheet.gate.app import Gate
from broadsheet.gate.media import MediaFile
from broadsheet.gate.tests.asking import Clock, asked
from broadsheet.gate.tests.conftest import SECRET, Paper, Reply
from tests.waiting import before_its_time

SIZES = ("a.480.webp", "a.800.webp", "a.1200.webp", "a.1200.jpg", "a.square.webp")
PIXELS = b"RIFF the very pixels of the quay"


def stock(paper: Paper, **bounds: float) -> None:
    folder = paper.home / "media" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name in SIZES:
        (folder / name).write_bytes(PIXELS)
    files = [MediaFile(f"images/{name}", 7, **bounds) for name in SIZES]
    paper.press_event(lambda run: run.show_media(1, files))


def test_case_50_every_file_is_there_one_second_before_and_gone_at_the_second(
    paper: Paper,
) -> None:
    end = 2_000_000_000.0
    stock(paper, not_after=end)
    clock = Clock(end - 1)
    gate = Gate(paper.home, SECRET, clock=clock)
    for name in SIZES:
        assert asked(gate, f"/media/images/{name}").status == 200
    clock.now = end - 0.001
    assert asked(gate, "/media/images/a.480.webp").body == PIXELS
    clock.now = end
    for name in SIZES:
        answer = asked(gate, f"/media/images/{name}")
        assert answer.status == 410
        assert b"pixels" not in answer.body


def test_case_50_the_end_needs_no_newsroom_and_no_worker(paper: Paper) -> None:
    paper.start()  # The gate alone: there is no newsroom behind it.

    def look(end: float) -> dict[str, Reply]:
        stock(paper, not_after=end)
        return {name: paper.ask(f"/media/images/{name}") for name in SIZES}

    first, end = before_its_time(look, seconds=1.0)
    assert {reply.status for reply in first.values()} == {200}
    time.sleep(max(0.0, end - time.time()) + 0.01)
    for name, reply in first.items():
        path, tag = f"/media/images/{name}", reply.get("etag")
        again = [
            paper.ask(path),
            paper.ask(path, "HEAD"),
            paper.ask(path, if_none_match=tag),
            paper.ask(path, if_none_match="*"),
            paper.ask(path, range="bytes=0-3"),
            paper.ask(path, if_modified_since="Sun, 22 Nov 2026 06:00:00 GMT"),
            paper.ask(path, range="bytes=0-3", if_range=tag),
            paper.ask(path, accept_encoding="gzip"),
        ]
        assert {answer.status for answer in again} == {410}
        assert not any(b"pixels" in answer.body or b"RIFF" in answer.body for answer in again)
        assert {answer.get("cache-control") for answer in again} == {"no-store"}


def test_a_picture_under_embargo_is_as_if_not_there(paper: Paper) -> None:
    opens = 2_000_000_000.0
    stock(paper, not_before=opens)
    clock = Clock(opens - 1)
    gate = Gate(paper.home, SECRET, clock=clock)
    assert asked(gate, "/media/images/a.480.webp").status == 404
    clock.now = opens
    assert asked(gate, "/media/images/a.480.webp").status == 200


def test_a_file_that_no_article_shows_is_as_if_not_there(paper: Paper) -> None:
    stock(paper)
    (paper.home / "media" / "images" / "draft.webp").write_bytes(PIXELS)
    paper.start()
    assert paper.ask("/media/images/draft.webp").status == 404
    assert paper.ask("/media/images/a.480.webp").status == 200


def test_a_picture_ends_with_the_last_article_that_shows_it(paper: Paper) -> None:
    stock(paper)
    file = MediaFile("images/a.480.webp", 7)
    paper.press_event(lambda run: run.show_media(2, [file]))
    paper.start()
    paper.press_event(lambda run: run.show_media(1, []))
    assert paper.ask("/media/images/a.480.webp").status == 200
    assert paper.ask("/media/images/a.800.webp").status == 410
    paper.press_event(lambda run: run.show_media(2, []))
    assert paper.ask("/media/images/a.480.webp").status == 410
    paper.press_event(lambda run: run.show_media(2, [file]))
    assert paper.ask("/media/images/a.480.webp").status == 200


def test_a_withdrawn_picture_ends_in_every_article(paper: Paper) -> None:
    stock(paper)
    paper.press_event(lambda run: run.show_media(2, [MediaFile("images/a.480.webp", 7)]))
    paper.press_event(lambda run: run.end_picture(7))
    paper.start()
    assert {paper.ask(f"/media/images/{name}").status for name in SIZES} == {410}


def test_a_look_at_a_picture_is_one_search_in_an_index(paper: Paper) -> None:
    stock(paper)
    store = sqlite3.connect(paper.home / "pressed.sqlite3")
    query = "EXPLAIN QUERY PLAN SELECT not_before, not_after FROM media WHERE path=?"
    plan = [row[3] for row in store.execute(query, ("images/a.480.webp",))]
    assert len(plan) == 1
    assert plan[0].startswith("SEARCH media USING PRIMARY KEY")


def test_without_the_store_no_picture_is_sent(paper: Paper) -> None:
    stock(paper)
    gate = Gate(paper.home, SECRET)
    gate._memory.close()
    assert asked(gate, "/media/images/a.480.webp").status == 503
