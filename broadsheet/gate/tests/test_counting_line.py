"""One decision drives page, wall, countdown and journal; asked of the gate itself."""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from broadsheet.gate.app import Gate
from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.gate.policy import Allowance, Policy, Turn, policy_text
from broadsheet.gate.pressed import (
    COUNT_MARK,
    LIMIT_MARK,
    READS_MARK,
    event,
    open_store,
    store_path,
)
from broadsheet.gate.tests.asking import Answer, Clock, asked
from broadsheet.gate.tests.conftest import SECRET, Paper, page

NOON = 1_795_348_800.0
SPORT = 7
Open = Callable[[Policy], Gate]


def story(number: int, **more: object) -> list:
    facts = {"access": "metered", "article": number, **more}
    text = f"<p>Opening {number}.</p>"
    return [
        page(f"/s{number}", f"{COUNT_MARK}{text}<p>All of it.</p>", "full", **facts),
        page(f"/s{number}", f"{text}<!--wall-->", "teaser", **facts),
    ]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def opened(tmp_path: Path, clock: Clock) -> Open:
    def made(policy: Policy) -> Gate:
        store = open_store(store_path(tmp_path))
        with event(store) as run:
            run.set_fact("policy", policy_text(policy))
            for name in ("limit_anonymous", "limit_anonymous:1", "premium", "register_more"):
                run.put_fragment(name, f"<b>wall {name}</b>")
            run.put_fragment("count", f"<i>{READS_MARK} of {LIMIT_MARK}</i>")
            run.put_fragment("count_last", f"<i>last of {LIMIT_MARK}</i>")
            for number in range(1, 9):
                section = SPORT if number > 4 else 0
                for one in story(number, section=section, published=NOON):
                    run.put(one)
        store.close()
        return Gate(tmp_path, SECRET, clock=clock)

    return made


def read(gate: Gate, number: int, **fields: str) -> str:
    answer: Answer = asked(gate, f"/s{number}", **fields)
    assert answer.status == 200
    return answer.body.decode()


def noted(home: Path) -> list[Record]:
    return [one for path in segments(home / "journal") for one in read_segment(path)[0]]


def test_the_page_says_how_many_of_the_free_articles_it_is(opened: Open, tmp_path: Path) -> None:
    gate, cookie = opened(Policy()), Paper(tmp_path).reader_cookie()
    said = [read(gate, number, cookie=cookie) for number in (1, 2, 1, 3, 4)]
    shown = [text.partition("<p>")[0] for text in said[:4]]
    again = COUNT_MARK
    assert shown == ["<i>1 of 3</i>", "<i>2 of 3</i>", again, "<i>last of 3</i>"]
    assert "wall limit_anonymous" in said[4] and "All of it" not in said[4]


def test_compressed_or_not_the_page_is_the_same(opened: Open, tmp_path: Path) -> None:
    gate, cookie = opened(Policy()), Paper(tmp_path).reader_cookie()
    read(gate, 1, cookie=cookie)
    plain = read(gate, 1, cookie=cookie)
    zipped = asked(gate, "/s1", cookie=cookie, **{"accept-encoding": "gzip"})
    assert gzip.decompress(zipped.body).decode() == plain


def test_subscribers_are_told_no_count(opened: Open, clock: Clock, tmp_path: Path) -> None:
    gate = opened(Policy())
    clock.now = time.time()
    said = read(gate, 1, cookie=Paper(tmp_path).pass_cookie(7, "unlimited"))
    assert "All of it" in said and "<i>" not in said


def test_a_section_with_a_limit_of_its_own_has_a_wall_of_its_own(
    opened: Open, tmp_path: Path
) -> None:
    sport = Allowance("anonymous", 1, frozenset({SPORT}))
    gate = opened(Policy((sport, Allowance("anonymous", 3))))
    cookie = Paper(tmp_path).reader_cookie()
    assert "last of 1" in read(gate, 5, cookie=cookie)
    assert "wall limit_anonymous:1<" in read(gate, 6, cookie=cookie)
    assert "1 of 3" in read(gate, 1, cookie=cookie)


def test_the_journal_tells_reads_and_walls_with_rule_and_counts(
    opened: Open, tmp_path: Path
) -> None:
    gate = opened(Policy(register_after=1))
    cookie = Paper(tmp_path).reader_cookie()
    for number in (1, 2, 2, 2, 1):
        read(gate, number, cookie=cookie)
    gate._door.meter.tick()
    told = [(r.article, r.outcome, r.rule, r.reads, r.limit) for r in noted(tmp_path)]
    assert told == [(1, "read", "metered", 1, 3), (2, "stop", "register_after", 1, 3)]


def test_an_article_turns_to_the_second_without_being_pressed_again(
    opened: Open, clock: Clock, tmp_path: Path
) -> None:
    gate = opened(Policy(turns=(Turn("1", "open", 0, 3600), Turn("2", "premium", 7200))))
    cookie = Paper(tmp_path).reader_cookie()
    assert "All of it" in read(gate, 1) and not noted(tmp_path)
    clock.now += 3600
    assert "1 of 3" in read(gate, 1, cookie=cookie)
    clock.now += 3599
    assert "All of it" in read(gate, 1, cookie=cookie)
    clock.now += 1
    assert "wall premium" in read(gate, 1, cookie=cookie)


def test_an_article_that_turned_is_no_longer_answered_by_304(
    opened: Open, clock: Clock, tmp_path: Path
) -> None:
    gate = opened(Policy(turns=(Turn("1", "open", 0, 3600),)))
    assert asked(gate, "/s1", **{"if-none-match": "*"}).status == 304
    clock.now += 3600
    later = asked(gate, "/s1", **{"if-none-match": "*"})
    assert later.status == 200 and b"1 of 3" in later.body
    assert [record.article for record in noted(tmp_path)] == [1]
