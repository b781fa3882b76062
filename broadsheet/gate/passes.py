"""Signed cookies: the anonymous reader id, and the pass that carries a reader's entitlements.
The links to single articles that a browser holds are in `links.py`.

Each purpose has its own key, derived from the paper's secret, so that a value signed for one
never verifies for another. MACs are HMAC-SHA256 (RFC 2104), encoded as base64url.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import NamedTuple

FRESH = 15 * 60
"""Seconds in which a pass is taken as it is."""

ACCEPTED = 24 * 3600
"""Seconds after which a pass opens nothing, even when it cannot be refreshed."""

SKEW = 60
"""Seconds a pass may come from the future: clocks of two machines differ."""

READER_SECONDS = 395 * 24 * 3600
"""13 months: the longest life of a cookie that only counts free samples (CNIL 2020-091)."""

LONGEST_PASS = 3500
"""Characters of a pass; browsers drop cookies above 4,096 bytes (RFC 6265, 6.1)."""

ID_LENGTH = 22
"""Characters of an anonymous reader id: 128 random bits in base64url."""


class Pass(NamedTuple):
    """A signed-in reader's number and entitlements, as they were at `issued` (Unix seconds).

    `until` is when the first of these rights ends (Unix seconds), 0 when none has an end.
    """

    reader: int
    entitlements: frozenset[str]
    issued: float
    until: float = 0


def derived_key(secret: bytes, purpose: str) -> bytes:
    """The key of one purpose."""
    return hmac.digest(secret, b"broadsheet/" + purpose.encode(), "sha256")


def reader_key(secret: bytes) -> bytes:
    """Signs anonymous reader ids."""
    return derived_key(secret, "reader")


def pass_key(secret: bytes) -> bytes:
    """Signs passes."""
    return derived_key(secret, "pass")


def gate_token(secret: bytes) -> str:
    """What the gate shows the newsroom in `x-broadsheet-gate`, so that it knows who is asking."""
    return _text(derived_key(secret, "gate"))


def cookie_name(base: str, origin: str) -> str:
    """`base`, with the prefix `__Host-` when the origin is https (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{base}" if origin.startswith("https://") else base


def reader_cookie(value: str, origin: str) -> str:
    """The Set-Cookie field of an anonymous reader id."""
    return set_cookie(cookie_name("reader", origin), value, READER_SECONDS, origin)


def cleared_pass_cookie(origin: str) -> str:
    """The Set-Cookie field that takes a pass away."""
    return set_cookie(cookie_name("pass", origin), "", 0, origin)


def set_cookie(name: str, value: str, seconds: int, origin: str) -> str:
    """A Set-Cookie field for the whole paper, out of reach of scripts (RFC 6265, 4.1)."""
    secure = "; Secure" if origin.startswith("https://") else ""
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def cookie_values(header: str, name: str) -> list[str]:
    """Every value of a cookie in a Cookie field (RFC 6265, 4.2.1). More than one is suspicious."""
    start = name + "="
    if start not in header:
        return []
    skipped = len(start)
    parts = map(str.strip, header.split(";"))
    return [part[skipped:] for part in parts if part.startswith(start)]


def new_reader_id() -> str:
    """A random anonymous reader id."""
    return secrets.token_urlsafe(16)


def sign_reader_id(reader_id: str, key: bytes) -> str:
    """The value of the cookie `reader`."""
    return f"{reader_id}.{mac_of(reader_id, key)}"


def verify_reader_id(value: str, key: bytes) -> str | None:
    """The id in a cookie `reader`, or None when it was not signed by this paper."""
    reader_id, dot, mac = value.partition(".")
    if len(reader_id) != ID_LENGTH or not dot or not value.isascii():
        return None
    return reader_id if hmac.compare_digest(mac, mac_of(reader_id, key)) else None


def sign_pass(pass_: Pass, key: bytes) -> str:
    """The value of the cookie `pass`. Raises ValueError when it would not fit into a cookie."""
    content = [2, pass_.reader, pass_.issued, sorted(pass_.entitlements), pass_.until]
    body = _text(json.dumps(content, separators=(",", ":")).encode())
    value = f"{body}.{mac_of(body, key)}"
    if len(value) > LONGEST_PASS:
        raise ValueError(f"A pass of {len(value)} characters does not fit into a cookie.")
    return value


def read_pass(text: str, key: bytes) -> Pass | None:
    """The pass, whatever its age, or None when it was not signed by this paper."""
    body, dot, mac = text.partition(".")
    if not dot or len(text) > LONGEST_PASS or not text.isascii():
        return None
    if not hmac.compare_digest(mac, mac_of(body, key)):
        return None
    try:
        return _laid_out(*json.loads(_data(body).decode()))
    except (ValueError, TypeError, binascii.Error):
        return None


def _laid_out(
    form: int, reader: int, issued: float, entitlements: list[str], until: float = 0
) -> Pass | None:
    """The fields in the order they are signed. Form 1, still in browsers, ends without `until`."""
    if form not in (1, 2):
        return None
    return Pass(int(reader), frozenset(entitlements), float(issued), float(until))


def verify_pass(text: str, key: bytes, now: float) -> Pass | None:
    """The pass when it is authentic and not older than 24 hours at `now` (Unix seconds)."""
    pass_ = read_pass(text, key)
    return pass_ if pass_ and is_accepted(pass_, now) else None


def is_fresh(pass_: Pass, now: float) -> bool:
    """Whether the pass is taken without asking the newsroom: not from the second a right ends."""
    return -SKEW <= now - pass_.issued < FRESH and not 0 < pass_.until <= now


def is_accepted(pass_: Pass, now: float) -> bool:
    """Whether the pass opens anything when the newsroom cannot be asked.

    `until` does not count: who renewed meanwhile must not be locked out by an outage.
    """
    return -SKEW <= now - pass_.issued < ACCEPTED


def is_revoked(pass_: Pass, revoked: Mapping[int, float]) -> bool:
    """Whether the pass opens nothing until it is renewed, even when the newsroom cannot be asked.

    `revoked` says for a reader that passes issued at or before these Unix seconds are void.
    """
    at = revoked.get(pass_.reader) if revoked else None
    return at is not None and pass_.issued <= at


def mac_of(text: str, key: bytes) -> str:
    """The MAC of a text, 43 characters."""
    return _text(hmac.digest(key, text.encode(), hashlib.sha256))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _data(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
