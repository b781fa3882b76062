"""Header fields that nobody needs hold up nobody."""

import socket

import pytest

from broadsheet.gate.serve import MOST_FIELDS
from broadsheet.gate.tests.conftest import CANARY, Paper, article, unpacked


@pytest.fixture(scope="module")
def open_paper(shared_paper: Paper) -> Paper:
    shared_paper.press(*article("/open", 1, "open"), *article("/premium", 2, "premium"))
    shared_paper.start()
    return shared_paper


def first_line(paper: Paper, name: str, value: str) -> bytes:
    """The status line of the answer; "" when the gate hung up while it was still told."""
    head = f"GET /open HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{name}: {value}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", paper.port), timeout=5) as connection:
        try:
            connection.sendall(head.encode())
            return connection.recv(4096).partition(b"\r\n")[0]
        except ConnectionError:
            return b""


@pytest.mark.parametrize("name", ["accept-encoding", "cookie", "x-forwarded-for", "x-other"])
def test_more_fields_than_anyone_needs_are_refused_unread(open_paper: Paper, name: str) -> None:
    assert b"200" in first_line(open_paper, name, "a," * (MOST_FIELDS // 3))
    refused = first_line(open_paper, name, "a," * MOST_FIELDS)
    assert refused == b"" or b" 431 " in refused
    assert open_paper.ask("/open").status == 200


def test_in_a_cookie_field_longer_than_a_browsers_nothing_is_looked_for(open_paper: Paper) -> None:
    own = open_paper.pass_cookie(7, "premium")

    def asked(filling: int) -> tuple[bool, str]:
        reply = open_paper.ask("/premium", cookie=f"{'x=1; ' * filling}{own}")
        return CANARY.encode() in unpacked(reply), reply.get("cache-control")

    assert asked(1000) == (True, "private, no-store")
    assert asked(2000) == (False, "private, no-store")
