"""The wall's fragment carries the path of the report it stands in front of."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.gate.answers import compose, fillings
from broadsheet.gate.policy import Policy
from broadsheet.gate.pressed import PATH_MARK, SIGNED_IN, WALL_MARK, Page
from broadsheet.gate.rules import Face, Reader, Report, choose
from broadsheet.gate.tests.conftest import Paper, page

PATH = "/2026/11/21/story"
WALL = f'<a href="/accounts/login/?next={PATH_MARK}&amp;from=wall">Log in</a>'
PREMIUM = Face("teaser", "premium")
ADDRESSES = [
    PATH,
    "/2026/11/21/\"quoted\" 'twice'",
    "/2026/11/21/salt&pepper=1;x#y?z",
    "/2026/11/21/<script>alert(1)</script>",
    "/2026/11/21/समाचार-größer",
    "/2026/11/21/100%25+sure",
    f"/2026/11/21/{PATH_MARK}",
]


def filled(one: Page, wall: str) -> str:
    """The page as a reader without the right gets it."""
    return compose(one, fillings(one, {"premium": wall}, PREMIUM), "").data.decode()


def teaser(path: str, text: str = "") -> str:
    return filled(page(path, f"<p>{text}</p>{WALL_MARK}", "teaser"), WALL)


class Links(HTMLParser):
    """Where the links of a page lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [value or "" for name, value in attributes if name == "href"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_link_of_the_wall_leads_back_to_the_report(path: str) -> None:
    links = Links(teaser(path))
    (link,) = links.found
    assert parse_qs(urlsplit(link).query) == {"next": [path], "from": ["wall"]}
    assert links.tags == ["p", "a"]


def test_a_plain_path_stays_readable() -> None:
    assert f"next={PATH}&amp;from=wall" in teaser(PATH)


def test_every_mark_in_the_wall_is_replaced() -> None:
    html = filled(page(PATH, WALL_MARK, "teaser"), f"<i>{PATH_MARK}</i><b>{PATH_MARK}</b>")
    assert html == f"<i>{PATH}</i><b>{PATH}</b>"


def wall_of(access: str, reader: Reader, fragments: dict[str, str]) -> str:
    decision = choose(Report(1, access), reader, Policy(), (), now=0)
    one = page(PATH, WALL_MARK, "teaser")
    return compose(one, fillings(one, fragments, decision.face), "").data.decode()


def test_who_is_signed_in_gets_the_wall_that_asks_nobody_to_sign_in() -> None:
    walls = {"premium": "sign in", f"premium{SIGNED_IN}": "account"}
    assert wall_of("premium", Reader(), walls) == "sign in"
    assert wall_of("premium", Reader(True), walls) == "account"
    assert wall_of("epaper", Reader(True), walls) == "account", "it has no wall of its own"
    own = walls | {"epaper": "own"}
    assert wall_of("epaper", Reader(True), own) == "own", "pressed before there were two"
    assert wall_of("epaper", Reader(), own) == "own"


def test_the_articles_own_words_stay_as_they_are() -> None:
    assert f"<p>Write to {PATH_MARK}.</p>" in teaser(PATH, f"Write to {PATH_MARK}.")


def test_a_full_page_stays_as_it_is() -> None:
    assert filled(page(PATH, f"<p>{PATH_MARK}</p>", "full"), WALL) == f"<p>{PATH_MARK}</p>"


def test_the_gate_sends_each_report_with_its_own_path(paper: Paper) -> None:
    other = "/2026/11/21/größe"
    paths = (PATH, other)
    paper.press(*(page(path, WALL_MARK, "teaser", access="premium", article=1) for path in paths))
    paper.press_event(lambda run: run.put_fragment("premium", WALL))
    paper.start()
    plain = paper.ask(PATH, accept_encoding="identity").body
    quoted = paper.ask("/2026/11/21/gr%C3%B6%C3%9Fe", accept_encoding="identity").body
    assert f"next={PATH}&amp;".encode() in plain
    assert b"next=/2026/11/21/gr%C3%B6%C3%9Fe&amp;" in quoted
