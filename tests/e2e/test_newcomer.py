"""A newcomer starts the demo paper and looks around."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml import html

from tests.e2e.house import House, broadsheet, free_port, served
from tests.waiting import wait_until

SECTIONS = ["World", "Markets", "Politics", "Technology", "Investing", "Culture", "Sport"]


@pytest.fixture(scope="module")
def house(demo_home: Path) -> Iterator[House]:
    """Started a second time, by the command that `make run` gives."""
    started = time.monotonic()
    with served(demo_home, command="demo") as house:
        print(f"The second start of the demo took {time.monotonic() - started:.1f} s.")
        yield house


def test_the_first_lines_say_where_to_look_and_how_to_sign_in(house: House) -> None:
    wait_until(lambda: "Ctrl-C" in house.said(), what="the welcome is printed")
    first = house.said().splitlines()[:7]
    text = "\n".join(first)
    assert f"{house.url}/" in first[0] or f"{house.url}/" in first[1]
    for words in ("/desk/", "/accounts/login/", "editor", "subscriber", "reader", "password"):
        assert words in text


def test_home_shows_thirty_articles_each_with_a_link_from_the_root(house: House) -> None:
    articles = html.fromstring(house.get("/").text).xpath("//article")
    assert len(articles) == 30
    for article in articles:
        assert article.xpath(".//a[starts-with(@href, '/') and not(starts-with(@href, '//'))]")


def test_every_link_of_home_leads_to_a_page(house: House) -> None:
    found = html.fromstring(house.get("/").text).xpath("//a/@href")
    paths = sorted({path.partition("#")[0] for path in found if path.startswith("/")})
    with httpx.Client(base_url=house.url, timeout=60) as client:
        answers = {path: client.head(path).status_code for path in paths}
    assert {p: s for p, s in answers.items() if s not in (200, 302)} == {}


def test_there_are_seven_sections_each_with_articles(house: House) -> None:
    page = html.fromstring(house.get("/").text)
    names = page.xpath("//nav[contains(@class, 'section-nav')]//a/text()")
    assert names[:7] == SECTIONS
    for name in SECTIONS:
        front = html.fromstring(house.get(f"/{name.lower()}/").text)
        assert len(front.xpath("//article")) >= 4, name


def test_the_agencies_send_while_the_paper_runs(house: House) -> None:
    folder = house.home / "demo" / "northline"
    started = len(list(folder.glob("*.json")))
    assert started >= 5
    sent = broadsheet(house.home, "wire", "list")
    assert "Northline" in sent.stdout
    assert "failures in a row" not in sent.stdout


def test_machine_readable_surfaces_answer(house: House) -> None:
    kinds = {
        "/feed.rss": "rss+xml", "/feed.atom": "atom+xml", "/feed.json": "json",
        "/sitemap.xml": "xml", "/news-sitemap.xml": "xml", "/robots.txt": "text/plain",
        "/world/feed.rss": "rss+xml", "/premium/": "text/html",
    }  # fmt: skip
    for path, kind in kinds.items():
        answer = house.get(path)
        assert answer.status_code == 200, path
        assert kind in answer.headers["content-type"], path


def test_what_does_not_exist_yet_is_not_there(house: House) -> None:
    for path in ("/archive/", "/epaper/", "/newsletters/", "/-/pass", "/-/health", "/nothing"):
        assert house.get(path).status_code == 404, path


def test_another_host_is_refused(house: House) -> None:
    assert house.get("/", headers={"host": "elsewhere.example"}).status_code == 421


def test_the_demo_refuses_a_host_that_is_not_loopback(demo_home: Path) -> None:
    refused = broadsheet(demo_home, "demo", "--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "not served on 0.0.0.0" in refused.stderr


def test_an_unknown_setting_is_an_error(demo_home: Path) -> None:
    refused = broadsheet(demo_home, "demo", "--no-serve", BROADSHEET_HOEM="here")
    assert refused.returncode == 2
    assert "BROADSHEET_HOEM is not a setting" in refused.stderr
    assert "BROADSHEET_HOME" in refused.stderr


def test_making_a_paper_where_there_is_one_changes_nothing(demo_home: Path) -> None:
    refused = broadsheet(demo_home, "init", str(demo_home.parent))
    assert refused.returncode == 2
    assert "already" in refused.stderr


def test_a_port_in_use_is_named_and_nothing_is_left_behind(house: House, demo_home: Path) -> None:
    refused = broadsheet(demo_home, "serve", "--port", str(house.port))
    assert refused.returncode == 2
    assert "already in use" in refused.stderr
    wait_until(house.is_up, what="it goes on, and what the agencies sent is pressed")


def test_a_paper_that_is_served_is_not_served_twice(house: House, demo_home: Path) -> None:
    refused = broadsheet(demo_home, "serve", "--port", str(free_port()))
    assert refused.returncode == 2
    assert "being served already" in refused.stderr
    wait_until(house.is_up, what="it goes on, and what the agencies sent is pressed")


def test_the_doctor_says_what_is_in_force(house: House) -> None:
    told = broadsheet(house.home, "doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    assert str(house.home) in told.stdout
    assert not re.search(r"\{[{%]|Traceback", told.stdout + told.stderr)
