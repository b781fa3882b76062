"""What a request asks for, read from its fields."""

from broadsheet.gate.rsgi import Headers

PREFETCH = ("sec-purpose", "purpose", "x-moz")

LONGEST_ACCEPT_ENCODING = 200
"""Characters. A longer one is as if it were not there: no browser sends it, and to take it apart
and remember it would hold up all others."""


def cookie_field(headers: Headers) -> str:
    """The Cookie field, several joined (RFC 6265, 5.4 has clients send one)."""
    every = headers.get_all("cookie")
    return every[0] if len(every) == 1 else "; ".join(every)


def accept_encoding(headers: Headers) -> str:
    """The Accept-Encoding field, several joined (RFC 9110, 5.3); "" when it is too long."""
    every = headers.get_all("accept-encoding")
    field = every[0] if len(every) == 1 else ",".join(every)
    return field if len(field) <= LONGEST_ACCEPT_ENCODING else ""


def is_ahead(headers: Headers) -> bool:
    """Whether a browser asks ahead of its reader, who may never look at the page."""
    # Three looks by name cost a third of one at all names.
    if not ("sec-purpose" in headers or "purpose" in headers or "x-moz" in headers):
        return False
    return any("prefetch" in word.lower() for name in PREFETCH for word in headers.get_all(name))
