from ipaddress import ip_network

import pytest

from broadsheet.gate.clients import Clients

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
