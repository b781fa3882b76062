"""The journal of counted reads: append-only text, one line a read. Sent implies recorded.

A line is `seconds period key article outcome`, for example
`1795300000 2026-11 aZr0…Q 4711 read`. A merge of an anonymous reader into an account is
`1795300000 2026-11 u12 0 merge:aZr0…Q`. An appended line survives the death of the process, not
that of the machine: nothing is synced, which is what makes an append cost a microsecond.

The gate starts a new segment each time it starts, so a line torn by `kill -9` is never continued.
Segments of the present period are needed for the next start: only older ones may be deleted.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

SEGMENT_BYTES = 64 * 1024 * 1024
READ_BYTES = 4 * 1024 * 1024

_NAME = re.compile(r"(\d{4}-\d{2})\.(\d{6})\.journal")
_LINE = re.compile(
    rb"(\d+) (\d{4}-\d{2}) (a[\w-]{22}|u\d+) (\d+) (read|merge:a[\w-]{22})", re.ASCII
)


class Record(NamedTuple):
    """One line. `at` is Unix seconds; `key` is "a<id>" or "u<number>"; `outcome` is "read", or
    "merge:a<id>" when the reads of that anonymous reader became the account's as well."""

    at: int
    period: str
    key: str
    article: int
    outcome: str

    @property
    def merged(self) -> str:
        """The key of the anonymous reader whose reads are taken over, "" for a read."""
        return self.outcome.removeprefix("merge:") if self.article == 0 else ""

    def line(self) -> bytes:
        """The line in the journal, with its end."""
        return f"{self.at} {self.period} {self.key} {self.article} {self.outcome}\n".encode()


def segments(folder: Path, period: str = "") -> list[Path]:
    """Segments in the order they were written, of one period ("2026-11") when given."""
    found = []
    for path in folder.glob(f"{period}*.journal"):
        name = _NAME.fullmatch(path.name)
        if name and period in ("", name[1]):
            found.append(path)
    return sorted(found)


def read_segment(
    path: Path, offset: int = 0, *, most: int = READ_BYTES
) -> tuple[list[Record], int]:
    """Records from a byte offset on, and the offset to go on from.

    Reads about `most` bytes; the end is reached when the offset stays. A last line without its
    end is left alone: it is being written, or was torn by a kill. Lines that are none are skipped.
    """
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(most)
    end = data.rfind(b"\n") + 1
    found = map(_LINE.fullmatch, data[:end].split(b"\n"))
    return [_record(line) for line in found if line], offset + end


def _record(found: re.Match[bytes]) -> Record:
    at, period, key, article, outcome = found.groups()
    return Record(int(at), period.decode(), key.decode(), int(article), outcome.decode())


class Journal:
    """The segment being written. One writer per segment, any number of segments per folder."""

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._period = ""
        self._descriptor = -1
        self._size = 0
        self._torn = False

    def append(self, record: Record) -> None:
        """Record a read before it is answered. Raises OSError when it is not recorded whole."""
        self.turn_to(record.period)
        line = b"\n" + record.line() if self._torn else record.line()
        written = os.write(self._descriptor, line)
        self._size += written
        if written < len(line):
            # What was written of the line must not become the head of the next one.
            self._torn = True
            raise OSError(f"Only {written} of {len(line)} bytes fitted on the disk.")
        self._torn = False

    def turn_to(self, period: str) -> None:
        """Have a segment of this period open, a new one where need be. Raises OSError."""
        if self._descriptor >= 0 and period == self._period and self._size < self._segment_bytes:
            return
        self.close()
        self._descriptor = self._new_segment(period)
        self._period, self._size, self._torn = period, 0, False

    def _new_segment(self, period: str) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = max((int(p.name.split(".")[1]) for p in segments(self._folder, period)), default=0)
        while True:
            number += 1
            path = self._folder / f"{period}.{number:06}.journal"
            try:
                return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            except FileExistsError:
                continue

    def close(self) -> None:
        """Close the segment; the next append starts another."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1
