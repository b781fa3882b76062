from ipaddress import ip_network

import pytest

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
    clients = Clients([ip_network("127.0.0.1/32")])
    clients.address("127.0.0.1:5000", ["8.8.8.8"])
    clients.address("8.8.8.8:5000", [])
    assert clients.doubts == set()
    clients.address("172.17.0.1:5000", ["8.8.8.8"])
    assert clients.doubts == {"private"}
    clients.address("[::ffff:8.8.4.4]:5000", ["8.8.8.8"])
    assert clients.doubts == {"private", "public"}
    note_doubts(tmp_path, clients.doubts)
    assert noted_doubts(tmp_path) == {"private", "public"}
    assert b"8.8" not in (tmp_path / "run" / "forwarded.json").read_bytes()


@pytest.mark.parametrize("text", ["", "{", "7"])
def test_a_damaged_note_says_nothing(tmp_path, text):
    assert noted_doubts(tmp_path) == frozenset()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "forwarded.json").write_text(text)
    assert noted_doubts(tmp_path) == frozenset()
