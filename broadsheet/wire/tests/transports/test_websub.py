"""Which hub a feed names, and whether what comes from it was signed (WebSub 4 and 7)."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.transports.websub import Hub, discovered, is_reachable, is_signed

URL = "https://hill.example/feed"
HUB = Hub("https://hub.example/", "https://hill.example/feed.xml")
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Hill</title>
<link rel="hub" href="https://hub.example/"/><link rel="self" href="/feed.xml"/>
<entry><link rel="hub" href="https://evil.example/"/></entry></feed>"""
RSS = b"""<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<atom:link rel="self" href="https://hill.example/feed.xml"/>
<atom:link rel="hub" href="https://hub.example/"/>
<item><title>Hub &amp; spoke</title></item></channel></rss>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "feed_url": "https://hill.example/feed.xml",
"hubs": [{"type": "rssCloud", "url": "https://no.example/"},
         {"type": "WebSub", "url": "https://hub.example/"}], "items": []}"""


@pytest.mark.parametrize("body", [ATOM, RSS, JSON])
def test_a_document_names_its_hub_and_itself(body):
    assert discovered("", body, URL) == HUB


@pytest.mark.parametrize(
    "header",
    [
        '<https://hub.example/>; rel="hub", <https://hill.example/feed.xml>; rel="self"',
        "<https://hub.example/>;rel=hub,<feed.xml>;rel=self",
        '<a>; title="a, b; rel=hub", </feed.xml>; rel="alternate self"; type=x, '
        '<https://hub.example/>; type="x"; REL="hub"',
    ],
)
def test_the_header_counts_before_the_document(header):
    other = ATOM.replace(b"hub.example", b"other.example")
    assert discovered(header, other, URL) == HUB


def test_a_feed_without_a_name_is_called_by_its_address():
    assert discovered("<https://hub.example/>; rel=hub", b"", URL) == Hub(HUB.address, URL)


@pytest.mark.parametrize(
    "body", [b"", b"hub", b"{hub", b'{"hubs": "hub"}', b'{"hubs": [1, {"type": "websub"}]} hub',
             ATOM.replace(b"https://hub.example/", b"javascript:hub"), b"<feed hub"],
)  # fmt: skip
def test_no_hub_is_no_error(body):
    assert discovered('<>; rel="hub"; <', body, "") is None


@given(st.text(max_size=200), st.binary(max_size=200))
def test_discovery_never_raises(header, body):
    discovered(header, body + b"hub", URL)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_signature_of_the_standard_is_understood(method):
    signature = hmac.new(b"secret", b"news", getattr(hashlib, method)).hexdigest()
    assert is_signed("secret", f"{method}={signature}", b"news")
    assert is_signed("secret", f"{method.upper()}={signature.upper()}", b"news")
    assert not is_signed("secret", f"{method}={signature}", b"News")
    assert not is_signed("Secret", f"{method}={signature}", b"news")
    assert not is_signed("secret", f"{method}={signature[:-1]}", b"news")


@pytest.mark.parametrize(
    "header", ["", "sha256", "sha256=", "md5=" + "0" * 32, "sha256=é", "=", "x=y"]
)
def test_anything_else_is_not_signed(header):
    assert not is_signed("secret", header, b"news")


@pytest.mark.parametrize(
    ("origin", "outside"),
    [
        ("https://paper.example", True),
        ("https://paper.example:8443", True),
        ("http://1.1.1.1", True),
        ("http://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://192.168.1.5", False),
        ("http://newsroom", False),
        ("http://paper.local", False),
        ("", False),
    ],
)
def test_a_hub_can_only_reach_a_public_address(origin, outside):
    assert is_reachable(origin) is outside
