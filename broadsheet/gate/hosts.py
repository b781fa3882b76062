"""Which Host a request may name: the paper's own, and loopback names for tools on the machine."""

import re

LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_admitted(host: str, origin: str) -> bool:
    """Whether a Host field is answered at all; others get 421 (RFC 9110, 15.5.20)."""
    scheme, _, own = origin.lower().partition("://")
    host, port = host.lower(), DEFAULT_PORTS.get(scheme, "")
    if host.removesuffix(port) == own.removesuffix(port) and own:
        return True
    return LOOPBACK.fullmatch(host) is not None
