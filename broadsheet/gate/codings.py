"""Content codings: which ones a client takes, and texts packed in them.

`br` (RFC 7932), `gzip` (RFC 1952), `zstd` (RFC 8878), and "" for the text as it is. What each
costs and saves was measured: docs/decisions/0026-codings.md.
"""

import gzip
import re
from functools import lru_cache
from typing import Literal

import brotli
import zstandard

Coding = Literal["br", "gzip", "zstd", ""]

AS_IT_IS: frozenset[Coding] = frozenset(("",))
OURS: tuple[Coding, ...] = ("br", "gzip", "zstd")
"""Those that the gate knows, the one with the fewest bytes first."""

QUICK: tuple[Coding, ...] = ("zstd", "gzip", "br", "")
"""The same by the time they take: some 35, 190 and 220 µs for an article of 17 kB."""

LIKE_GZIP = {"x-gzip": "gzip"}
"""Names that mean the same (RFC 9110, 8.4.1.3)."""

BR_QUALITY, GZIP_LEVEL, ZSTD_LEVEL = 5, 6, 3

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@lru_cache(maxsize=512)
def codings_of(accept_encoding: str) -> frozenset[Coding]:
    """The codings that a client likes best, equally: any of them may be sent. Never empty.

    By the weights of Accept-Encoding (RFC 9110, 12.5.3): one that weighs nothing is refused, one
    whose weight cannot be read too. `*` is taken as a wish for gzip, which every client that
    writes it understands. Nothing is packed for a client that does not say what it takes, nor for
    one that refuses everything: it can do more with a text than with an error.
    """
    weights = _weights(accept_encoding)
    rest = weights.get("*", 0.0)
    known = {coding: weights.get(coding, 0.0) for coding in OURS}
    known["gzip"] = weights.get("gzip", rest)
    most = max(known.values())
    if most <= 0 or most < weights.get("identity", 0.0):
        return AS_IT_IS
    return frozenset(coding for coding in OURS if known[coding] == most)


def _weights(accept_encoding: str) -> dict[str, float]:
    """The weight of each name; of a name written twice the lower one."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, semicolon, parameter = part.partition(";")
        name = LIKE_GZIP.get(name.strip(), name.strip())
        weight = _weight(parameter.strip()) if semicolon else 1.0
        weights[name] = min(weight, weights.get(name, 1.0))
    return weights


def _weight(parameter: str) -> float:
    found = _WEIGHT.fullmatch(parameter)
    return float(found[1]) if found else 0.0


def smallest(codings: frozenset[Coding]) -> Coding:
    """Of codings that a client likes equally, the one with the fewest bytes."""
    return next((coding for coding in OURS if coding in codings), "")


def quickest(codings: frozenset[Coding]) -> Coding:
    """Of codings that a client likes equally, the one made fastest."""
    return next(coding for coding in QUICK if coding in codings)


def packed(text: bytes, coding: Coding) -> bytes:
    """The text in a coding: the same bytes for the same text each time."""
    if coding == "br":
        return bytes(brotli.compress(text, quality=BR_QUALITY))
    if coding == "zstd":
        # One for each call: a compressor must not be used by two threads at the same time.
        return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(text)
    return gzip.compress(text, GZIP_LEVEL, mtime=0) if coding == "gzip" else text


def tag_of(etag: str, coding: Coding) -> str:
    """The strong entity tag of a text in a coding, made of the text's own.

    Each coding is a representation of its own, and so needs a tag of its own (RFC 9110, 8.8.3.3).
    """
    return f'{etag[:-1]}-{coding}"' if coding else etag
