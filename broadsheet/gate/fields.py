"""What a request asks for, read from its fields."""

from functools import lru_cache

from broadsheet.gate.rsgi import Headers

PREFETCH = frozenset({"sec-purpose", "purpose", "x-moz"})
CONDITIONAL = frozenset(
    {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"}
)


def cookie_field(headers: Headers) -> str:
    """The Cookie field, several joined (RFC 6265, 5.4 has clients send one)."""
    first = headers.get("cookie")
    if first is None:
        return ""
    every = headers.get_all("cookie")
    return first if len(every) == 1 else "; ".join(every)


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip is acceptable (RFC 9110, 12.5.3); `*` alone is not taken as a wish for it."""
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return _weight(weight) > 0
    return False


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=").strip() or 1)
    except ValueError:
        return 0.0


def is_prefetch(headers: Headers) -> bool:
    """Whether a browser asks ahead of the reader, who may never look at the page."""
    told = PREFETCH.intersection(headers.keys())
    return any("prefetch" in word.lower() for name in told for word in headers.get_all(name))


def is_conditional(headers: Headers) -> bool:
    """Whether the client may be content with what it has (RFC 9110, 13)."""
    return not CONDITIONAL.isdisjoint(headers.keys())
