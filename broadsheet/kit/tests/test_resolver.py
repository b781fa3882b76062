"""A DNS server is named by address, never by a name that would need one."""

import pytest

from broadsheet.kit.env import read_env
from broadsheet.kit.resolver import server_of
from broadsheet.kit.say import Refusal


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)), ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("::1", ("::1", 53)), ("[::1]:5353", ("::1", 5353)), ("[2001:db8::1]", ("2001:db8::1", 53)),
    ],
)  # fmt: skip
def test_an_address_with_or_without_a_port(text, server):
    assert server_of(text) == server
    assert read_env({"BROADSHEET_RESOLVER": text}).resolver == text


@pytest.mark.parametrize("text", ["localhost:53", "dns", "127.0.0.1:x", ":53", "127.0.0.1:"])
def test_anything_else_is_refused_at_the_start(text):
    with pytest.raises(Refusal, match="BROADSHEET_RESOLVER"):
        read_env({"BROADSHEET_RESOLVER": text})


def test_nothing_is_the_systems_own():
    assert read_env({"BROADSHEET_RESOLVER": ""}).resolver == ""
