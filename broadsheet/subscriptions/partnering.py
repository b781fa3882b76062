"""What is typed about partners, read; and what a partner is told of a reader. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from broadsheet.kit.addresses import is_loopback

OPENID_SCOPE, BENEFIT_SCOPE, EMAIL_SCOPE = "openid", "entitlements", "email"
ALWAYS = (OPENID_SCOPE, BENEFIT_SCOPE)
"""The scopes without which nothing is answered; the e-mail address is the reader's to give."""


def scopes_of(*, asks_email: bool) -> list[str]:
    """What the client of a benefit may ask for."""
    return [*ALWAYS, EMAIL_SCOPE] if asks_email else [*ALWAYS]


@dataclass(frozen=True, slots=True)
class Typed:
    """The lines of an upload: codes in their order, once each; what stood twice; what is none."""

    codes: tuple[str, ...]
    twice: tuple[str, ...]
    wrong: tuple[str, ...]


def typed_codes(text: str, longest: int) -> Typed:
    """One code a line; spaces around it and empty lines mean nothing.

    Wrong is a line that is longer than `longest`, or holds what cannot be printed or a space.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wrong = [line for line in lines if not _is_code(line, longest)]
    counts = Counter(line for line in lines if _is_code(line, longest))
    twice = [code for code, count in counts.items() if count > 1]
    return Typed(tuple(counts), tuple(twice), tuple(dict.fromkeys(wrong)))


def _is_code(line: str, longest: int) -> bool:
    return len(line) <= longest and line.isprintable() and " " not in line


def refused_redirects(addresses: Iterable[str]) -> list[str]:
    """Those that a partner cannot have: no https (this machine aside), no host, a fragment, a
    wildcard (OpenID Connect Core 1.0, 3.1.2.1; RFC 9700, 2.1)."""
    return [address for address in addresses if not _is_redirect(address)]


def _is_redirect(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host or ""))
    plain = address.isprintable() and not set(address) & set("*# ")
    return bool(host and secure and plain and port != 0 and not parts.username)


def told(ends: Iterable[datetime | None], *, running: bool) -> dict[str, object]:
    """The claims of scope `entitlements`, from the ends of the grants in force (None: no end).

    `until` is when the right ends as far as is known now, ISO 8601 in UTC; a renewal moves it.
    """
    known = list(ends) if running else []
    if not known:
        return {"entitled": False, "until": None}
    dated = [end for end in known if end is not None]
    last = max(dated).astimezone(UTC) if len(dated) == len(known) else None
    return {"entitled": True, "until": last.isoformat(timespec="seconds") if last else None}
