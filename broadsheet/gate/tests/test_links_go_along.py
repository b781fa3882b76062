"""A link is not lost on the way to where its article is now, and a popular one costs no time."""

import time
from pathlib import Path

import pytest

from broadsheet.gate import links
from broadsheet.gate.app import Gate
from broadsheet.gate.policy import Policy, policy_text
from broadsheet.gate.tests.asking import Clock, asked, at_once
from broadsheet.gate.tests.conftest import SECRET, Paper, article, new_paper, page
from broadsheet.gate.tests.test_lending import (
    GIFT,
    METERED,
    NOW,
    SHARE,
    browser,
    cookie_of,
    is_full,
    openings,
    token,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    new_paper(tmp_path).press(*article(METERED, 1), policy=policy_text(Policy(())))
    return tmp_path


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        (f"{METERED}/", 308, METERED),
        ("/old", 301, METERED),
        ("/older", 301, f"{METERED}?page=2"),
        ("/gone-elsewhere", 301, ""),
        ("/gone-there", 301, ""),
    ],
)
def test_a_link_goes_along_to_where_its_article_moved_and_nothing_else_does(
    home: Path, path: str, status: int, location: str
) -> None:
    moved = {
        "/old": METERED,
        "/older": f"{METERED}?page=2",
        "/gone-elsewhere": "https://elsewhere.example/",
        "/gone-there": "//elsewhere.example/",
    }
    facts = {"variant": "plain", "status": 301}
    Paper(home).press(*(page(old, "", location=new, **facts) for old, new in moved.items()))
    gate = Gate(home, SECRET, clock=Clock(NOW))
    answer = asked(gate, f"{path}?utm_source=x&link={token(GIFT)}&b=1")
    fields = dict(answer.fields)
    assert answer.status == status
    if not location:
        assert "link=" not in fields["location"]
        return
    sign = "&" if "?" in location else "?"
    assert fields["location"] == f"{location}{sign}link={token(GIFT)}"
    assert fields["cache-control"] == "private, no-store"
    assert fields["referrer-policy"] == "no-referrer"
    assert is_full(asked(gate, METERED, cookie=cookie_of(asked(gate, fields["location"]))))
    forged = dict(asked(gate, f"{path}?link={token(GIFT)}x").fields)
    assert forged["location"] == location


def test_a_link_for_thousands_is_taken_up_and_asked_about_quickly(home: Path) -> None:
    folder, most = home / "journal", links.MOST_READERS
    folder.mkdir(exist_ok=True)
    keys = [f"b{number:022}" for number in range(most)]
    text = (f"{int(NOW)} 2027-01 {key} 2 open 0 share:13 1/{most}\n" for key in keys)
    (folder / "2027-01.000001.journal").write_text("".join(text))
    began = time.process_time()
    gate = Gate(home, SECRET, clock=Clock(NOW + 1))
    link = SHARE._replace(most=most)
    may = gate._door.lending.openings.may
    known = [at_once(may(link, key[1:], counts=False)) for key in keys]
    took = time.process_time() - began
    assert all(known) and not at_once(may(link, "x" * 22, counts=True))
    assert took < 0.5


def test_with_a_condition_a_link_opens_and_is_spent(home: Path) -> None:
    gate, gift = Gate(home, SECRET, clock=Clock(NOW)), GIFT._replace(most=1)
    came = [browser(gate, METERED, gift) for _ in range(2)]
    seen = [is_full(asked(gate, METERED, cookie=c, **{"if-none-match": "*"})) for c in came]
    assert seen == [True, False] and openings(home) == ["gift:12"]
