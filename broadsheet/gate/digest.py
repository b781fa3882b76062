"""The digest of the journal: what its segments hold, in one file that is quick to read.

The journal stays the truth. The digest says how far into each segment it goes, and whoever starts
reads it and the lines after it. One that is damaged, half there, of another version or does not fit
the segments is not used, and then all lines are read: it can be lost at any moment. It does not
depend on the paper's zone or on the period of free reading.

Layout: a line that names the format; a line of JSON; blocks of some readers, each one its sizes,
the keys as text, and numbers in the machine's order; at the end the CRC-32 (zlib) of all before it.
"""

import json
import logging
import os
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

from broadsheet.gate.journal import Plain, segments
from broadsheet.kit.clock import DAY

log = logging.getLogger("broadsheet.gate")

NAME, UNFINISHED = "digest", "digest.new"
FORMAT = b"broadsheet digest 1\n"

KEPT = 32 * DAY
"""Seconds that reads are kept in a digest: as long as segments are."""

AT_ONCE = 1024
"""Readers in a block: one or two milliseconds, for which everything else in the process waits."""

RENEWED_WITHIN = DAY
"""Seconds; an older digest is deleted."""

MARK_BYTES = 256

Kept = tuple[Plain, ...]
"""The reads of a reader: plain tuples of numbers, which Python's garbage collector lets out of its
sight. As named ones a million of them would stop the gate for a tenth of a second now and then."""

Opened = dict[tuple[str, str], int]
"""By the rule of a link with a bound and the key of a browser, when it last came in (Unix
seconds)."""

_READS, _OPENED = b"r", b"o"
_BLOCK = Struct("<cIII")
_CHECK = Struct("<I")


class Cover(NamedTuple):
    """How far a segment is known: its first `offset` bytes, of which the last ones have the
    checksum `mark`. `last` is the latest moment in them (Unix seconds)."""

    offset: int
    mark: int
    last: int


@dataclass(slots=True)
class Found:
    """What the journal holds: of reads those at or after `reads_since`, of all else what is not
    older than `since` (Unix seconds). `tail` bytes of it are in no digest."""

    since: float
    reads_since: float
    reads: dict[str, Kept] = field(default_factory=dict)
    opened: Opened = field(default_factory=dict)
    covers: dict[str, Cover] = field(default_factory=dict)
    tail: int = 0


class Unusable(Exception):
    """Why a digest is not used."""


def mark_of(path: Path, offset: int) -> int:
    """A checksum of the bytes before an offset of a segment, by which it is known again."""
    with path.open("rb") as file:
        file.seek(max(0, offset - MARK_BYTES))
        return zlib.crc32(file.read(min(offset, MARK_BYTES)))


def read_digest(folder: Path, since: float, reads_since: float) -> Found:
    """What the digest of a journal holds; nothing when there is none, or none that can be used.

    A segment that was deleted does no harm when nothing in it was as young as `since`.
    """
    try:
        head, blocks = _parts((folder / NAME).read_bytes())
        found = Found(since, reads_since, covers=_covers(folder, head, since))
        for block in blocks:
            block.put_into(found)
    except (FileNotFoundError, NotADirectoryError):
        return Found(since, reads_since)
    except (Unusable, OSError) as reason:
        log.warning("The digest of the journal %s; the journal itself is read.", reason)
        return Found(since, reads_since)
    return found


def _parts(data: bytes) -> tuple[dict[str, Any], Iterator["Block"]]:
    """The JSON of a digest, and its blocks. Raises Unusable."""
    if not data.startswith(FORMAT):
        raise Unusable("is of another version")
    whole = memoryview(data)[: -_CHECK.size]
    if data[-_CHECK.size :] != _CHECK.pack(zlib.crc32(whole)):
        raise Unusable("is damaged")
    end = data.index(b"\n", len(FORMAT)) + 1
    head = json.loads(data[len(FORMAT) : end])
    if head["order"] != sys.byteorder:
        raise Unusable("was made by another kind of machine")
    return head, _blocks(whole[end:])


def _covers(folder: Path, head: dict[str, Any], since: float) -> dict[str, Cover]:
    """How far the segments are known. Raises Unusable when they are not what they were."""
    if head["since"] > since:
        raise Unusable("does not reach back far enough")
    covers = {name: Cover(*cover) for name, cover in head["covers"].items()}
    there = {path.name: path for path in segments(folder)}
    for name, cover in covers.items():
        if name not in there and cover.last >= since:
            raise Unusable(f"knows {name}, which is gone")
        if name in there and mark_of(there[name], cover.offset) != cover.mark:
            raise Unusable(f"knows another {name}")
    return {name: cover for name, cover in covers.items() if name in there}


class Block(NamedTuple):
    """Some keys, how many rows each has, and the columns of these rows."""

    kind: bytes
    keys: list[str]
    sizes: Sequence[int]
    columns: tuple[Sequence[int], ...]

    def rows(self) -> Iterator[tuple[str, Kept]]:
        """Each key with its rows."""
        rows = tuple(zip(*self.columns, strict=True))
        start = 0
        for key, size in zip(self.keys, self.sizes, strict=True):
            yield key, rows[start : start + size]
            start += size

    def put_into(self, found: Found) -> None:
        """Add what is young enough."""
        if self.kind == _OPENED:
            found.opened.update(
                ((rule, key), at)
                for name, ((_, at, _),) in self.rows()
                for rule, key in [name.split(" ")]
                if at >= found.since
            )
        elif min(self.columns[1]) >= found.reads_since:
            found.reads.update(self.rows())
        elif max(self.columns[1]) >= found.reads_since:
            since = found.reads_since
            for key, reads in self.rows():
                if left := tuple([read for read in reads if read[1] >= since]):
                    found.reads[key] = left

    def packed(self) -> bytes:
        """The block in the file."""
        keys = "\n".join(self.keys).encode()
        sizes = _BLOCK.pack(self.kind, len(keys), len(self.keys), len(self.columns[0]))
        columns = (array("q", column).tobytes() for column in self.columns)
        return b"".join((sizes, keys, array("I", self.sizes).tobytes(), *columns))


def _blocks(data: memoryview) -> Iterator[Block]:
    start = 0

    def column(kind: str, number: int) -> "array[int]":
        nonlocal start
        found = array(kind)
        end = start + number * found.itemsize
        found.frombytes(data[start:end])
        start = end
        return found

    while start < len(data):
        kind, length, keys, rows = _BLOCK.unpack_from(data, start)
        start += _BLOCK.size
        names = column("B", length).tobytes().decode().split("\n")
        sizes = column("I", keys)
        yield Block(kind, names, sizes, tuple(column("q", rows) for _ in range(3)))


def write_digest(folder: Path, found: Found) -> None:
    """Put a digest in the place of the one before, whole or not at all. Raises OSError.

    One process at a time may do so.
    """
    descriptor = os.open(folder / UNFINISHED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        check = 0
        for piece in _pieces(found):
            check = zlib.crc32(piece, check)
            file.write(piece)
        file.write(_CHECK.pack(check))
        file.flush()
        os.fsync(descriptor)
    os.replace(folder / UNFINISHED, folder / NAME)


def _pieces(found: Found) -> Iterator[bytes]:
    head = {
        "order": sys.byteorder,
        "since": max(found.since, found.reads_since),
        "covers": found.covers,
    }
    yield FORMAT + json.dumps(head).encode() + b"\n"
    openings = ((" ".join(name), ((0, at, 0),)) for name, at in found.opened.items())
    for kind, rows in ((_READS, iter(found.reads.items())), (_OPENED, openings)):
        while some := list(islice(rows, AT_ONCE)):
            columns = zip(*(read for _, reads in some for read in reads), strict=True)
            keys, sizes = [key for key, _ in some], [len(reads) for _, reads in some]
            yield Block(kind, keys, sizes, tuple(columns)).packed()


def forget_digest(folder: Path, now: float) -> None:
    """Delete a digest that nobody renewed for a day: no gate runs, and what it knows is to be kept
    no longer than the segments."""
    for name in (NAME, UNFINISHED):
        path = folder / name
        try:
            if path.stat().st_mtime <= now - RENEWED_WITHIN:
                path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            continue
