"""Pages go out as they are at hand, and smaller once that was made beside the answers."""

from pathlib import Path

from broadsheet.gate import memory as memory_module
from broadsheet.gate.answers import SECRET
from broadsheet.gate.codings import codings_of
from broadsheet.gate.memory import Memory
from broadsheet.gate.pressed import store_path
from broadsheet.gate.rules import FULL
from broadsheet.gate.tests.conftest import Paper, Reply, article, new_paper, page, unpacked
from tests.waiting import wait_until

BROWSER = "gzip, deflate, br, zstd"
LONG = (Path(__file__).parents[3] / "LICENSE").read_text()


def smaller(paper: Paper, path: str, **fields: str) -> Reply:
    """The answer once it comes in the smallest coding."""
    replies: list[Reply] = []

    def is_smaller() -> bool:
        replies.append(paper.ask(path, **fields))
        return replies[-1].get("content-encoding") == "br"

    wait_until(is_smaller, what="it is packed smaller")
    return replies[-1]


def test_a_page_goes_out_at_once_and_smaller_later(paper: Paper) -> None:
    paper.press(page("/", LONG, "plain"))
    paper.start()
    first = paper.ask("/", accept_encoding=BROWSER)
    later = smaller(paper, "/", accept_encoding=BROWSER)
    assert first.get("content-encoding") == "gzip"
    assert unpacked(first) == unpacked(later) == LONG.encode()
    assert len(later.body) < len(first.body)
    assert first.get("etag") != later.get("etag")
    again = paper.ask("/", accept_encoding=BROWSER, if_none_match=later.get("etag"))
    assert again.status == 304


def test_a_teaser_gets_its_wall_in_every_coding(paper: Paper) -> None:
    paper.press(*article("/premium", 1, "premium"))
    paper.start()
    first = paper.ask("/premium", accept_encoding=BROWSER)
    assert first.get("content-encoding") == "zstd" and b"wall premium" in unpacked(first)
    assert unpacked(smaller(paper, "/premium", accept_encoding=BROWSER)) == unpacked(first)


def test_a_page_that_changed_meanwhile_is_not_packed_with_its_old_words(tmp_path: Path) -> None:
    paper = new_paper(tmp_path)
    memory = Memory(store_path(tmp_path))
    key = (FULL, codings_of(BROWSER), SECRET)
    address = memory.find("/")
    assert address is not None and memory.answer(address, key) is not None
    (waiting,) = memory.waiting(10)
    paper.press(page("/", "<h1>New</h1>", "plain"))
    memory.notice()
    memory.take_packed(waiting, waiting.packed())
    address = memory.find("/")
    assert address is not None and not address.answers
    answer = memory.answer(address, key)
    assert answer is not None and answer.content.coding == "gzip"


def test_what_was_packed_is_counted_and_shared(tmp_path: Path) -> None:
    new_paper(tmp_path).press(page("/", LONG, "plain"))
    memory = Memory(store_path(tmp_path))
    address = memory.find("/")
    assert address is not None
    memory.answer(address, (FULL, codings_of(BROWSER), SECRET))
    for one in memory.waiting(10):
        memory.take_packed(one, one.packed())
    chrome = memory.answer(address, (FULL, codings_of(BROWSER), SECRET))
    safari = memory.answer(address, (FULL, codings_of("gzip, br"), SECRET))
    assert chrome is not None and safari is not None
    assert chrome.content.coding == "br" and chrome.body is safari.body
    assert not memory.waiting(10)
    assert memory._bytes == address.size > len(chrome.body) + len(address.pages["plain"].body)


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(memory_module, "MOST_WAITING", 3)
    paths = [f"/{n}/" for n in range(8)]
    new_paper(tmp_path).press(*(page(path, LONG, "plain") for path in paths))
    memory = Memory(store_path(tmp_path))
    for path in paths:
        address = memory.find(path)
        assert address is not None
        assert memory.answer(address, (FULL, codings_of(BROWSER), SECRET)) is not None
    assert len(memory.waiting(10)) == 3
