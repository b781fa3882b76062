"""Only public addresses are asked, whatever a name or a redirect says."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.addresses import why_refused
from broadsheet.kit.fetch import AddressRefused, NotReached, fetch
from broadsheet.kit.tests.loopback import redirect, reply, serving
from broadsheet.kit.tests.names import Names

PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8",
    "168.63.129.16", "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.0.1",
    "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2001::1", "2001:db8::1",
    "3fff::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NOWHERE_PORT = 9


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_has_a_reason_against_it(address: str) -> None:
    assert why_refused(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_has_none(address: str) -> None:
    assert why_refused(ip_address(address)) == ""


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_alike(inner: IPv4Address) -> None:
    number = int(inner)
    mapped = IPv6Address(0xFFFF << 32 | number)
    translated = IPv6Address(0x64FF9B << 96 | number)
    tunnelled = IPv6Address(0x2002 << 112 | number << 80)
    reasons = {bool(why_refused(a)) for a in (inner, mapped, translated, tunnelled)}
    assert len(reasons) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::1]",
             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "169.254.169.254"],
)  # fmt: skip
def test_no_spelling_of_a_private_address_is_asked(host: str) -> None:
    with serving({"/": reply(200)}) as server, pytest.raises(AddressRefused):
        fetch(f"http://{host}:{server.port}/")
    assert server.asked == []


def test_the_refusal_says_how_to_allow_a_server_of_ones_own() -> None:
    place = f"127.0.0.1:{NOWHERE_PORT}"
    with pytest.raises(AddressRefused, match=f"{place} in BROADSHEET_WIRE_ALLOW_HOSTS"):
        fetch(f"http://{place}/")


def test_a_listed_host_is_asked() -> None:
    with serving({"/": reply(200, b"news")}) as server:
        fetched = fetch(server.url(), allow_hosts=[server.place])
    assert (fetched.status, fetched.body, fetched.url) == (200, b"news", server.url())


def test_a_name_for_a_listed_address_is_asked() -> None:
    with serving({"/": reply(200, b"news")}) as server:
        fetched = fetch(f"http://localhost:{server.port}/", allow_hosts=both_loopbacks(server.port))
    assert fetched.body == b"news"


def both_loopbacks(port: int) -> list[str]:
    return [f"127.0.0.1:{port}", f"[::1]:{port}"]


def test_another_port_of_a_listed_host_is_refused() -> None:
    with serving({"/": reply(200)}) as server, pytest.raises(AddressRefused):
        fetch(server.url(), allow_hosts=[f"127.0.0.1:{server.port + 1}"])
    assert server.asked == []


def test_a_redirect_to_a_private_address_is_refused() -> None:
    with serving({"/": reply(200, b"secret")}) as inner:
        with serving({"/": redirect(inner.url())}) as outer:
            with pytest.raises(AddressRefused):
                fetch(outer.url(), allow_hosts=[outer.place])
    assert len(outer.asked) == 1
    assert inner.asked == []


@pytest.mark.parametrize(
    "url", ["ftp://example.com/x", "file:///etc/passwd", "gopher://example.com/", "/news.xml",
            "http://", "http:///x", "javascript:alert(1)", "http://[::1", "http://a:0/",
            "http://a:99999/", "http://name:word@example.com/", "https://example.com\\@evil.test/",
            "http://\x00/", ""],
)  # fmt: skip
def test_only_plain_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises(AddressRefused):
        fetch(url)


def test_a_redirect_may_not_change_the_kind_of_address() -> None:
    with serving({"/": redirect("file:///etc/passwd")}) as server:
        with pytest.raises(AddressRefused):
            fetch(server.url(), allow_hosts=[server.place])


def test_the_address_that_was_judged_is_the_one_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(monkeypatch, "feeds.test", ["127.0.0.1"], ["127.0.0.2"])
    with serving({"/": reply(200, b"judged")}) as server:
        fetched = fetch(f"http://feeds.test:{server.port}/", allow_hosts=[server.place])
    assert fetched.body == b"judged"
    assert names.asked == 1
    assert server.asked[0][1]["Host"] == f"feeds.test:{server.port}"


def test_a_name_that_turns_private_is_refused_at_the_next_hop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Names(monkeypatch, "feeds.test", ["127.0.0.1"], ["127.0.0.2"])
    with serving({"/": redirect("/again")}, host="0.0.0.0") as server:
        with pytest.raises(AddressRefused):
            fetch(f"http://feeds.test:{server.port}/", allow_hosts=[server.place])
    assert [path for path, _ in server.asked] == ["/"]


def test_one_private_address_among_several_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Names(monkeypatch, "feeds.test", ["127.0.0.1", "10.0.0.1"])
    with serving({"/": reply(200)}) as server, pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        fetch(f"http://feeds.test:{server.port}/", allow_hosts=[server.place])
    assert server.asked == []


def test_the_next_address_is_tried_when_one_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Names(monkeypatch, "feeds.test", ["127.0.0.2", "127.0.0.1"])
    with serving({"/": reply(200, b"second")}) as server:
        place = f"feeds.test:{server.port}"
        assert fetch(f"http://{place}/", allow_hosts=[place]).body == b"second"


def test_an_unknown_name_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, "feeds.test", [])
    with pytest.raises(NotReached, match=r"feeds\.test is unknown"):
        fetch("http://feeds.test/")


def test_a_closed_port_is_not_reached() -> None:
    place = f"127.0.0.1:{NOWHERE_PORT}"
    with pytest.raises(NotReached, match=r"127\.0\.0\.1"):
        fetch(f"http://{place}/", allow_hosts=[place])
