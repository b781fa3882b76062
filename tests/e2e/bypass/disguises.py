"""Looks for words in an answer, however they are written there."""

import base64
import binascii
import html
import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

import httpx

BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
ESCAPE = re.compile(
    r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})|&#x?([0-9a-fA-F]+);"
)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What base64 runs hold, compressed or not."""
    for run in BASE64.findall(data):
        padded = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for cut in range(4):
            try:
                plain = base64.b64decode(padded[cut:] + b"=" * (-len(padded[cut:]) % 4))
            except binascii.Error:
                continue
            yield plain
            try:
                yield zlib.decompressobj(47).decompress(plain, 1_000_000)
            except zlib.error:
                continue


def forms(reply: httpx.Response) -> Iterator[str]:
    """The answer's fields and body, plain and in every writing that we know to undo."""
    fields = "\n".join(f"{name}: {value}" for name, value in reply.headers.multi_items())
    body = reply.content
    text = body.decode("utf-8", "replace")
    for plain in (fields, text):
        yield plain
        yield html.unescape(html.unescape(plain))
        yield unquote_plus(plain)
        if "\\" in plain:
            yield ESCAPE.sub(lambda m: chr(int(next(g for g in m.groups() if g), 16)), plain)
        yield re.sub(r"<[^>]*>|[\s\u00ad\u200b-\u200f\u2060\ufeff]", "", plain)
    for plain_bytes in _unpacked(body + b" " + fields.encode()):
        yield plain_bytes.decode("utf-8", "replace")


def found(reply: httpx.Response, words: Iterable[str]) -> set[str]:
    """Those of the words that the answer holds, also backwards and in any case."""
    wanted = {word: (word, word[::-1]) for word in words}
    every = "\0".join(forms(reply)).casefold()
    return {word for word, ways in wanted.items() if any(way in every for way in ways)}
