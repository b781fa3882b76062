"""A link opens its article, nothing else, for as many browsers as it may, and leaves no trace."""

import re
from pathlib import Path

import pytest

from broadsheet.gate import links, passes
from broadsheet.gate.app import Gate
from broadsheet.gate.ended import LinkEnd
from broadsheet.gate.journal import others_in, segments
from broadsheet.gate.links import Link
from broadsheet.gate.policy import Allowance, Policy, Turn, policy_text
from broadsheet.gate.pressed import event, open_store, store_path
from broadsheet.gate.tests.asking import Answer, Clock, asked
from broadsheet.gate.tests.conftest import CANARY, SECRET, Paper, article, new_paper

NOW = 1_800_000_000.0
METERED, PREMIUM, OPEN = "/2027/01/15/tides", "/2027/01/15/ledgers", "/2027/01/15/weather"
GIFT = Link("gift", 12, 1, int(NOW) + 600, 10, right="unlimited")
SHARE = Link("share", 13, 2, int(NOW) + 600)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    paper = new_paper(tmp_path)
    pages = article(METERED, 1), article(PREMIUM, 2, "premium"), article(OPEN, 3, "open")
    nothing_free = policy_text(Policy(()))
    paper.press(*(page for several in pages for page in several), policy=nothing_free)
    return tmp_path


@pytest.fixture
def gate(home: Path, clock: Clock) -> Gate:
    return Gate(home, SECRET, clock=clock)


def token(link: Link) -> str:
    return links.sign_link(link, links.link_key(SECRET))


def come(gate: Gate, path: str, link: Link, method: str = "GET", **fields: str) -> Answer:
    return asked(gate, f"{path}?link={token(link)}", method, **fields)


def cookie_of(answer: Answer) -> str:
    set_cookie = dict(answer.fields).get("set-cookie", "")
    return set_cookie.partition(";")[0]


def browser(gate: Gate, path: str, link: Link) -> str:
    """The Cookie field of a new browser that followed the link."""
    return cookie_of(come(gate, path, link))


def is_full(answer: Answer) -> bool:
    return answer.status == 200 and CANARY.encode() in answer.body


def openings(home: Path) -> list[str]:
    return [
        record.rule
        for path in segments(home / "journal")
        for _, _, record in others_in(path.read_bytes())
    ]


def end(home: Path, number: int, ends: float, until: float = NOW + 600) -> None:
    store = open_store(store_path(home))
    with event(store) as run:
        run.end_links([LinkEnd(number, ends, until)], NOW)
    store.close()


def test_the_token_is_taken_out_of_the_address_at_once(gate: Gate) -> None:
    answer = come(gate, METERED, GIFT)
    fields = dict(answer.fields)
    assert answer.status == 303
    assert fields["location"] == METERED
    assert fields["cache-control"] == "private, no-store"
    assert fields["referrer-policy"] == "no-referrer"
    assert fields["set-cookie"].startswith("links=")
    assert answer.body == b""
    assert token(GIFT).rpartition(".")[2] not in repr(answer.fields)


@pytest.mark.parametrize(("path", "link"), [(METERED, GIFT), (PREMIUM, SHARE)])
def test_with_the_cookie_the_article_opens_and_spends_no_read(
    gate: Gate, home: Path, path: str, link: Link
) -> None:
    answer = asked(gate, path, cookie=browser(gate, path, link))
    assert is_full(answer)
    fields = dict(answer.fields)
    assert fields["cache-control"] == "private, no-store"
    assert "set-cookie" not in fields
    assert "etag" not in fields
    gate._door.meter.tick()
    assert openings(home) == [link.rule]
    assert " read " not in "".join(path.read_text() for path in segments(home / "journal"))


def test_only_its_own_article_opens(gate: Gate) -> None:
    other = come(gate, PREMIUM, GIFT)
    assert other.status == 200
    assert not is_full(other)
    assert not is_full(asked(gate, PREMIUM, cookie=browser(gate, METERED, GIFT)))


def test_ten_browsers_and_no_more_and_each_as_often_as_it_likes(gate: Gate, home: Path) -> None:
    came = [browser(gate, METERED, GIFT) for _ in range(30)]
    assert len(set(came)) == 30
    first = [is_full(asked(gate, METERED, cookie=one)) for one in came]
    assert first == [True] * 10 + [False] * 20
    assert [is_full(asked(gate, METERED, cookie=one)) for one in came] == first
    assert openings(home) == ["gift:12"] * 10


def test_a_newsletter_link_forwarded_to_a_hundred_opens_in_three_browsers(
    gate: Gate, home: Path
) -> None:
    link = Link("newsletter", 7, 2, int(NOW) + 600, 3, reader=77)
    seen = [is_full(asked(gate, PREMIUM, cookie=browser(gate, PREMIUM, link))) for _ in range(100)]
    assert seen == [True] * 3 + [False] * 97
    assert openings(home) == ["newsletter:7:77"] * 3
    # Another reader's copy of the same link is that reader's own.
    other = link._replace(reader=78)
    assert is_full(asked(gate, PREMIUM, cookie=browser(gate, PREMIUM, other)))


def test_who_may_read_anyway_leaves_the_link_to_others(gate: Gate, home: Path) -> None:
    issued = passes.Pass(7, frozenset({"unlimited"}), NOW)
    own = f"pass={passes.sign_pass(issued, passes.pass_key(SECRET))}"
    assert is_full(asked(gate, METERED, cookie=f"{browser(gate, METERED, GIFT)}; {own}"))
    assert openings(home) == []


def test_a_report_read_before_is_read_again_by_the_meter(gate: Gate, home: Path) -> None:
    Paper(home).press(policy=policy_text(Policy()))
    gate.notice()
    read = asked(gate, METERED)
    assert is_full(read)
    known = cookie_of(read)
    assert known.startswith("reader=")
    assert is_full(asked(gate, METERED, cookie=f"{browser(gate, METERED, GIFT)}; {known}"))
    assert openings(home) == []


@pytest.mark.parametrize(
    "way",
    [("HEAD", {}), ("GET", {"sec-purpose": "prefetch"})],
)
def test_head_and_prefetch_neither_spend_nor_give(
    gate: Gate, home: Path, way: tuple[str, dict[str, str]]
) -> None:
    method, fields = way
    premium = GIFT._replace(article=2, right="premium", most=1)
    cookie = browser(gate, PREMIUM, premium)
    assert not is_full(asked(gate, PREMIUM, method, cookie=cookie, **fields))
    assert openings(home) == []
    assert is_full(asked(gate, PREMIUM, cookie=cookie))
    # What the browser has opened, it has.
    assert is_full(asked(gate, PREMIUM, "GET", cookie=cookie, **fields))


def test_previews_get_the_way_and_no_cookie(gate: Gate) -> None:
    head = come(gate, METERED, GIFT, "HEAD")
    assert head.status == 303
    assert "set-cookie" not in dict(head.fields)
    ahead = come(gate, METERED, GIFT, **{"sec-purpose": "prefetch"})
    assert ahead.status == 503
    assert "set-cookie" not in dict(ahead.fields)
    assert not is_full(asked(gate, PREMIUM))


def test_a_link_ends_to_the_second(gate: Gate, clock: Clock) -> None:
    cookie = browser(gate, PREMIUM, SHARE)
    clock.now = SHARE.until - 0.001
    assert is_full(asked(gate, PREMIUM, cookie=cookie))
    clock.now = SHARE.until
    assert not is_full(asked(gate, PREMIUM, cookie=cookie))
    late = come(gate, PREMIUM, SHARE)
    assert late.status == 303
    assert "set-cookie" not in dict(late.fields)


def test_a_link_that_says_it_lasts_for_years_opens_nothing(gate: Gate) -> None:
    long = SHARE._replace(until=int(NOW) + 40 * 86_400)
    assert "set-cookie" not in dict(come(gate, PREMIUM, long).fields)


def test_a_link_that_is_taken_back_ends_at_once(gate: Gate, home: Path, clock: Clock) -> None:
    cookie = browser(gate, PREMIUM, SHARE)
    assert is_full(asked(gate, PREMIUM, cookie=cookie))
    end(home, SHARE.number, NOW)
    gate.notice()
    assert not is_full(asked(gate, PREMIUM, cookie=cookie))
    assert "set-cookie" not in dict(come(gate, PREMIUM, SHARE).fields)
    end(home, SHARE.number, NOW + 60)
    gate.notice()
    assert is_full(asked(gate, PREMIUM, cookie=cookie))
    clock.now = NOW + 60
    assert not is_full(asked(gate, PREMIUM, cookie=cookie))
    end(home, SHARE.number, SHARE.until)
    gate.notice()
    assert is_full(asked(gate, PREMIUM, cookie=cookie))


def test_a_right_opens_no_more_than_it_opens_its_giver(gate: Gate, home: Path) -> None:
    lesser = GIFT._replace(article=2)
    assert not is_full(asked(gate, PREMIUM, cookie=browser(gate, PREMIUM, lesser)))
    assert openings(home) == []


@pytest.mark.parametrize(
    "form", ["{}x", "g{}", "{}&link=x", "", "%00{}", "s13.2.9999999999.0.0.ANY."]
)
def test_a_forged_token_is_as_if_it_were_not_there(gate: Gate, form: str) -> None:
    answer = asked(gate, f"{PREMIUM}?link={form.format(token(SHARE))}")
    plain = asked(gate, PREMIUM)
    assert (answer.status, answer.body, answer.fields) == (200, plain.body, plain.fields)


def test_a_link_goes_by_the_class_in_force(home: Path, clock: Clock) -> None:
    turn = Turn("archive", "archive", after=3600)
    pages = article(METERED, 1, published=NOW - 3590)
    Paper(home).press(*pages, policy=policy_text(Policy((), turns=(turn,))))
    gate = Gate(home, SECRET, clock=clock)
    lent, house = browser(gate, METERED, GIFT), browser(gate, METERED, SHARE._replace(article=1))
    first = browser(gate, METERED, GIFT._replace(number=14, right="archive", most=1))
    assert is_full(asked(gate, METERED, cookie=lent))
    assert not is_full(asked(gate, METERED, cookie=first))
    clock.now += 20
    assert not is_full(asked(gate, METERED, cookie=lent))
    assert is_full(asked(gate, METERED, cookie=house))
    assert is_full(asked(gate, METERED, cookie=first))
    assert openings(home) == ["gift:12", "gift:14"]


def test_when_a_link_is_used_up_the_meter_decides(home: Path, clock: Clock) -> None:
    Paper(home).press(policy=policy_text(Policy((Allowance("anonymous", 1),))))
    gate = Gate(home, SECRET, clock=clock)
    once = GIFT._replace(most=1)
    came = [browser(gate, METERED, once) for _ in range(2)]
    assert is_full(asked(gate, METERED, cookie=came[0]))
    by_meter = asked(gate, METERED, cookie=came[1])
    assert is_full(by_meter)
    assert cookie_of(by_meter).startswith("reader=")
    assert openings(home) == ["gift:12"]
    reads = [line for path in segments(home / "journal") for line in path.read_text().split("\n")]
    assert sum(" read " in line for line in reads) == 1


def test_a_forged_or_doubled_cookie_holds_nothing(gate: Gate) -> None:
    cookie = browser(gate, PREMIUM, SHARE)
    for forged in (cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), f"{cookie}; {cookie}"):
        assert not is_full(asked(gate, PREMIUM, cookie=forged))
    assert not is_full(asked(gate, PREMIUM, cookie=re.sub(r"~s13\.2", "~s13.1", cookie)))


def test_on_an_open_report_the_token_goes_too(gate: Gate) -> None:
    answer = come(gate, OPEN, SHARE._replace(article=3))
    assert answer.status == 303
    assert dict(answer.fields)["cache-control"] == "private, no-store"
    assert dict(asked(gate, OPEN).fields)["cache-control"].startswith("public")
    carried = asked(gate, OPEN, cookie=cookie_of(answer))
    assert dict(carried.fields)["cache-control"].startswith("private")


def test_a_gate_that_starts_again_knows_who_used_a_link(
    gate: Gate, home: Path, clock: Clock
) -> None:
    two = GIFT._replace(article=2, right="premium", most=2)
    came = [browser(gate, PREMIUM, two) for _ in range(3)]
    assert is_full(asked(gate, PREMIUM, cookie=came[0]))
    clock.now += 40
    again = Gate(home, SECRET, clock=clock)
    assert [is_full(asked(again, PREMIUM, cookie=one)) for one in came] == [True, True, False]
    assert openings(home) == ["gift:12"] * 2


def test_what_cannot_be_recorded_is_not_opened(home: Path, clock: Clock) -> None:
    (home / "journal").write_text("no folder")
    gate = Gate(home, SECRET, clock=clock)
    premium = GIFT._replace(article=2, right="premium")
    cookie = browser(gate, PREMIUM, premium)
    assert not is_full(asked(gate, PREMIUM, cookie=cookie))
    (home / "journal").unlink()
    assert is_full(asked(gate, PREMIUM, cookie=cookie))


def test_what_is_over_is_forgotten(gate: Gate, clock: Clock) -> None:
    asked(gate, METERED, cookie=browser(gate, METERED, GIFT))
    asked(gate, PREMIUM, cookie=browser(gate, PREMIUM, GIFT._replace(article=2, right="premium")))
    known = gate._door.lending.openings
    known.tick()
    assert len(known._opened) == 1
    clock.now += 90_000
    known.tick()
    assert known._opened == {}


def test_ends_are_kept_as_long_as_their_links(home: Path) -> None:
    end(home, 1, NOW, NOW + 10)
    end(home, 2, NOW, NOW - 1)
    gate = Gate(home, SECRET, clock=Clock(NOW))
    assert gate._memory.ends == {1: NOW}
    store = open_store(store_path(home))
    with event(store) as run:
        run.end_links([LinkEnd(3, NOW, NOW + 60)], NOW + 10)
    store.close()
    gate.notice()
    assert gate._memory.ends == {3: NOW}


def test_a_store_of_an_older_version_ends_no_link(home: Path) -> None:
    store = open_store(store_path(home))
    store.execute("DROP TABLE ended_link")
    store.close()
    gate = Gate(home, SECRET, clock=Clock(NOW))
    assert gate._memory.ends == {}
    end(home, SHARE.number, NOW)
    gate.notice()
    assert gate._memory.ends == {SHARE.number: NOW}
