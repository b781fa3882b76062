from ipaddress import ip_network

import pytest

from broadsheet.gate import clients
from broadsheet.gate.clients import Clients, note_doubts, noted_doubts

OURS = Clients([ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"), ip_network("fd00::/8")])
NOBODY = Clients()


@pytest.mark.parametrize(
    ("connection", "forwarded", "reader"),
    [
        ("127.0.0.1:5000", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1:5000", ["6.6.6.6, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1:5000", ["6.6.6.6", "203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        ("127.0.0.1:5000", ["66.249.66.1"], "66.249.66.1"),
        ("203.0.113.7:5000", ["66.249.66.1"], "203.0.113.7"),
        ("127.0.0.1:5000", [], "127.0.0.1"),
        ("127.0.0.1:5000", ["10.9.9.9"], "10.9.9.9"),
        ("127.0.0.1:5000", ["203.0.113.7, nonsense"], "127.0.0.1"),
        ("127.0.0.1:5000", [""], "127.0.0.1"),
        ("[fd00::1]:5000", ["2001:db8::7"], "2001:db8::7"),
        ("[::ffff:10.0.0.1]:5000", ["203.0.113.7"], "203.0.113.7"),
        ("nowhere", ["203.0.113.7"], "203.0.113.7"),
    ],
)
def test_the_reader_stands_right_of_what_a_client_can_write(connection, forwarded, reader):
    assert OURS.address(connection, forwarded) == reader


def test_without_trusted_proxies_the_connection_counts():
    assert NOBODY.address("127.0.0.1:5000", ["203.0.113.7"]) == "127.0.0.1"
    assert NOBODY.address("[2001:db8::7]:1", []) == "2001:db8::7"


def test_forwarded_fields_that_nobody_trusts_are_noted_without_an_address(tmp_path):
    found = Clients([ip_network("127.0.0.1/32")])
    found.address("127.0.0.1:5000", ["8.8.8.8"])
    found.address("8.8.8.8:5000", [])
    assert found.doubts == set()
    found.address("172.17.0.1:5000", ["8.8.8.8"])
    assert found.doubts == {"private"}
    found.address("[::ffff:8.8.4.4]:5000", ["8.8.8.8"])
    assert found.doubts == {"private", "public"}
    note_doubts(tmp_path, found.doubts)
    assert noted_doubts(tmp_path) == {"private", "public"}
    assert b"8.8" not in (tmp_path / "run" / "forwarded.json").read_bytes()


@pytest.mark.parametrize("text", ["", "{", "7"])
def test_a_damaged_note_says_nothing(tmp_path, text):
    assert noted_doubts(tmp_path) == frozenset()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "forwarded.json").write_text(text)
    assert noted_doubts(tmp_path) == frozenset()


class Scope:
    """A connection, and what it forwards."""

    def __init__(self, client, *forwarded):
        self.client, self.forwarded, self.headers = client, forwarded, self

    def get_all(self, name):
        return list(self.forwarded)


def test_what_is_remembered_of_addresses_is_right_bounded_and_forgotten():
    for number in range(clients.REMEMBERED + 10):
        address = f"8.8.{number // 256}.{number % 256}"
        for _ in range(2):
            assert OURS.of(Scope("127.0.0.1:5000", f"6.6.6.6, {address}")) == address
            assert OURS.of(Scope(f"{address}:5000", "6.6.6.6")) == address
    assert OURS.of(Scope("127.0.0.1:1", "1.1.1.1", "8.8.8.8, 10.1.1.1")) == "8.8.8.8"
    assert len(OURS._known) <= clients.REMEMBERED
    before = len(OURS._known)
    OURS.of(Scope("127.0.0.1:1", "x" * 5000))
    assert len(OURS._known) == before
    OURS.forget()
    assert not OURS._known


def test_of_a_long_row_of_proxies_the_last_ones_are_read(monkeypatch):
    read = []
    real = clients._host
    monkeypatch.setattr(clients, "_host", lambda text: read.append(text) or real(text))
    row = ["10.1.1.1," * 5000 + "10.1.1.1, 10.1.1.2", "203.0.113.7, 10.1.1.3"]
    assert OURS.address("127.0.0.1:5000", row) == "203.0.113.7"
    assert OURS.address("127.0.0.1:5000", row[:1]) == "10.1.1.1"
    assert len(read) <= 2 * (clients.MOST_HOPS + 1)
