import pytest

from broadsheet.gate.hosts import is_admitted
from broadsheet.gate.tests.conftest import Paper, article, page


@pytest.mark.parametrize(
    ("host", "origin", "admitted"),
    [
        ("paper.example", "https://paper.example", True),
        ("PAPER.example:443", "https://paper.example", True),
        ("paper.example:80", "https://paper.example", False),
        ("paper.example:8443", "https://paper.example:8443", True),
        ("localhost", "https://paper.example", True),
        ("127.0.0.1:9000", "https://paper.example", True),
        ("[::1]:1", "https://paper.example", True),
        ("paper.example.evil.test", "https://paper.example", False),
        ("localhost.evil.test", "http://localhost", False),
        ("localhost:80@evil.test", "http://localhost", False),
        ("127.0.0.2", "http://localhost", False),
        ("", "", False),
    ],
)
def test_hosts_are_the_papers_own_or_loopback(host: str, origin: str, admitted: bool) -> None:
    assert is_admitted(host, origin) is admitted


def test_other_hosts_get_421(paper: Paper) -> None:
    paper.press(origin="https://paper.example")
    paper.start()
    for host in ("evil.test", "203.0.113.9", "localhost.evil.test", ""):
        assert paper.ask("/", host=host).status == 421
        assert paper.ask("/healthz", host=host).status == 421
    assert paper.ask("/", host="paper.example").status == 200
    assert paper.raw(b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 421")


def test_a_missing_or_surplus_slash_is_redirected_when_that_page_exists(paper: Paper) -> None:
    paper.press(
        page("/world/", "<h1>World</h1>", "plain"),
        *article("/2026/11/21/story", 1),
        *article("/2026/11/21/later", 2, not_before=9e9),
    )
    paper.start()
    for asked, location in (
        ("/world", "/world/"),
        ("/world?page=2", "/world/"),
        ("/2026/11/21/story/", "/2026/11/21/story"),
    ):
        reply = paper.ask(asked)
        assert (reply.status, reply.get("location")) == (308, location)
    for missing in ("/2026/11/21/later/", "/nowhere", "/nowhere/", "//world", "//"):
        assert paper.ask(missing).status == 404


def test_an_unknown_address_shows_the_papers_own_404(paper: Paper) -> None:
    paper.start()
    assert paper.ask("/nowhere").body == b"There is no page at this address.\n"
    paper.press(page("!404", "<h1>Not here</h1>", "plain", status=404))
    paper.taken_up()
    reply = paper.ask("/nowhere", accept_encoding="identity")
    assert (reply.status, reply.body) == (404, b"<h1>Not here</h1>")
    assert paper.ask("!404").status in (400, 404)


def test_queries_are_ignored_on_pressed_pages(paper: Paper) -> None:
    paper.start()
    assert paper.ask("/?utm_source=x").body == paper.ask("/").body


def test_addresses_with_other_letters_are_found(paper: Paper) -> None:
    paper.press(page("/2026/11/21/größe", "<p>Zeilen</p>", "plain"))
    paper.start()
    assert paper.ask("/2026/11/21/gr%C3%B6%C3%9Fe").status == 200
    assert paper.ask("/2026/11/21/gr%C3%B6%C3%9Fe/").get("location") == (
        "/2026/11/21/gr%C3%B6%C3%9Fe"
    )
