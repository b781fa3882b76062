"""Bodies that arrive compressed, taken in piece by piece under a cap on the decoded size."""

from __future__ import annotations

import zlib

from broadsheet.kit.fetch_errors import NotReached, TooLarge

_PLAIN = frozenset({"", "identity", "none"})
_GZIP = frozenset({"gzip", "x-gzip"})
MOST_RATIO = 200
"""Decoded bytes for each one received. Feeds reach 30; the worst that gzip can do is 1,030."""
_SMALL = 2**20
"""Below this size no ratio does harm."""
_GZIP_START = b"\x1f\x8b"


class Body:
    """Collects a body and decodes it on the way (gzip RFC 1952, deflate RFC 1950 and 1951).

    Decoding stops one byte after `cap`, so a gzip bomb costs no more memory than an honest body;
    and it stops where a body unpacks to more than `MOST_RATIO` times its size, as no text does.
    """

    def __init__(self, encoding: str, cap: int) -> None:
        """Raises NotReached for an encoding that was not asked for, nested ones included."""
        self._encoding = encoding.strip().lower()
        self._cap = cap
        self._taken = 0
        self._decoded = bytearray()
        self._waiting = b""
        self._inflate: zlib._Decompress | None = None
        if self._encoding not in _PLAIN | _GZIP | {"deflate"}:
            raise NotReached(
                f'The server answered in the encoding "{encoding}", which was not asked for; '
                "ask the agency to send gzip or no compression."
            )

    def take(self, chunk: bytes) -> None:
        """Add what arrived. Raises TooLarge past the cap and NotReached when it is damaged."""
        self._taken += len(chunk)
        if self._taken > self._cap:
            raise too_large(self._cap)
        if self._encoding in _PLAIN:
            self._decoded += chunk
            return
        try:
            self._inflate_all(chunk)
        except zlib.error:
            raise _damaged() from None

    def whole(self) -> bytes:
        """The decoded body. Raises NotReached when the compressed stream was cut short."""
        cut_short = self._inflate is not None and not self._inflate.eof
        if cut_short or self._waiting:
            raise _damaged()
        return bytes(self._decoded)

    def _inflate_all(self, chunk: bytes) -> None:
        data = self._waiting + chunk
        self._waiting = b""
        while data:
            if self._inflate is None and len(data) < 2:
                self._waiting = data
                return
            data = self._inflate_member(data)

    def _inflate_member(self, data: bytes) -> bytes:
        if self._inflate is None:
            self._inflate = zlib.decompressobj(self._window(data))
        elif self._inflate.eof:
            return self._next_member(data)
        room = self._cap - len(self._decoded)
        self._decoded += self._inflate.decompress(data, room + 1)
        if len(self._decoded) > self._cap:
            raise too_large(self._cap)
        if len(self._decoded) > max(_SMALL, MOST_RATIO * self._taken):
            raise _bomb()
        return self._inflate.unused_data if self._inflate.eof else b""

    def _next_member(self, data: bytes) -> bytes:
        """A gzip body is a series of members (RFC 1952, 2.2); other bytes after one are padding."""
        if self._encoding in _GZIP and _GZIP_START.startswith(data[:2]):
            self._inflate = None
            return data
        return b""

    def _window(self, data: bytes) -> int:
        if self._encoding in _GZIP:
            return zlib.MAX_WBITS | 16
        # "deflate" means zlib (RFC 9110, 8.4.1.2), yet some servers send it bare (RFC 1951).
        has_zlib_header = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
        return zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS


def too_large(cap: int) -> TooLarge:
    """The refusal of a body over `cap` bytes."""
    return TooLarge(
        f"The answer is larger than {cap / 2**20:g} MiB and was cut off; "
        "ask whoever sends it for a smaller one."
    )


def _bomb() -> TooLarge:
    return TooLarge(
        f"The answer is too large: it unpacks to more than {MOST_RATIO} times its size, as no feed "
        "does, and was cut off; ask whoever sends it what it is."
    )


def _damaged() -> NotReached:
    return NotReached(
        "The compressed answer is damaged or was cut short; it is fetched again next time."
    )
