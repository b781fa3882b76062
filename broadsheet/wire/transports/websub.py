"""WebSub (W3C Recommendation, 23 January 2018) from the subscriber's side: which hub a feed names,
whether what is pushed was signed, whether a hub could reach this paper at all.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from lxml import etree

from broadsheet.kit.addresses import why_refused

SIGNATURES = ("sha1", "sha256", "sha384", "sha512")
"""What X-Hub-Signature may be made with (WebSub 7.1)."""

# RFC 8288, 3: <target>; name=value; name="value", each link after a comma.
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)')
_PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))')
_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_HEADS = frozenset({"feed", "channel"})


@dataclass(frozen=True, slots=True)
class Hub:
    """Where a feed can be subscribed to, and the name it has there."""

    address: str
    topic: str


def discovered(link_header: str, body: bytes, url: str) -> Hub | None:
    """The hub that a feed fetched from `url` names, None when there is none.

    HTTP Link headers count before the document (WebSub 4), the first hub before others. A feed
    that does not say what it is called (rel="self") is called by its address.
    """
    for links in (_in_header(link_header), _in_document(body)):
        found: dict[str, str] = {}
        for rel, target in links:
            found.setdefault(rel, _absolute(url, target))
        if found.get("hub"):
            return Hub(found["hub"], found.get("self") or url)
    return None


def _absolute(url: str, target: str) -> str:
    try:
        address = urljoin(url, target.strip())
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and parts.hostname
    return address[:2000] if is_web and len(address) <= 2000 else ""


def _in_header(value: str) -> Iterator[tuple[str, str]]:
    for target, parameters in _LINK.findall(value):
        for parameter, quoted, bare in _PARAMETER.findall(parameters):
            if parameter.lower() == "rel":
                yield from ((name, target) for name in (quoted or bare).lower().split())


def _in_document(body: bytes) -> Iterator[tuple[str, str]]:
    if b"hub" not in body:
        return iter(())
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return _in_json(body) if start.startswith(b"{") else _in_xml(body)


def _in_json(body: bytes) -> Iterator[tuple[str, str]]:
    """The hubs of a JSON Feed (jsonfeed.org, "hubs")."""
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        return
    hubs = feed.get("hubs") if isinstance(feed, dict) else None
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and str(hub.get("type", "")).lower() == "websub":
            yield "hub", str(hub.get("url", ""))
            yield "self", str(feed.get("feed_url") or "")


def _in_xml(body: bytes) -> Iterator[tuple[str, str]]:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    for link in root.iter(_ATOM_LINK) if root is not None else ():
        around = link.getparent()
        if around is not None and etree.QName(around).localname in _HEADS:
            for name in link.get("rel", "").lower().split():
                yield name, link.get("href", "")


def is_signed(secret: str, header: str, body: bytes) -> bool:
    """Whether X-Hub-Signature ("sha256=…") fits the body, compared in constant time."""
    method, _, stated = header.strip().partition("=")
    if method.lower() not in SIGNATURES:
        return False
    made = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(made.encode(), stated.strip().lower().encode("utf-8", "replace"))


def is_reachable(origin: str) -> bool:
    """Whether the paper's address looks like one that a hub elsewhere can call: no loopback or
    private address, no name that only this machine or network knows.
    """
    host = (urlsplit(origin).hostname or "").rstrip(".").lower()
    try:
        return not why_refused(ip_address(host))
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".lan", ".internal"))
