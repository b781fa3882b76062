"""The journal of decisions: append-only text, one line each. Sent implies recorded.

A line is `seconds month key article outcome section rule reads/limit`, for example
`1795300000 2026-11 aZr0…Q 4711 read 12 metered 2/3`: this reader's second of three free articles.
`stop` instead of `read` says that the wall was shown; a key "-" that the reader sent no cookie.
`open` says that a link opened it, `… b<id> 4711 open 12 gift:31 2/10` for the second of its ten
browsers.
A merge of an anonymous reader into an account says what was taken over, article@seconds.section:
`1795300000 2026-11 u12 0 merge:aZr0…Q 4711@1795200000.12,4712@1795200060.3`, so that segments of
several gates may be read in any order. Lines of older versions end after the outcome.

An appended line survives the death of the process, not that of the machine: nothing is synced,
which is what makes an append cost a microsecond. Stops are written together, ten times a second.

The gate starts a new segment each time it starts, so a line torn by `kill -9` is never continued,
and each day, so that what is old enough can be let go.
Segments of the present period are needed for the next start: only older ones may be deleted. That
the start is quick, what they hold is summed up in a digest (`digest.py`).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from broadsheet.gate.rules import Read
from broadsheet.kit.clock import DAY

SEGMENT_BYTES = 64 * 1024 * 1024

READ_BYTES = 128 * 1024
"""Read at a time: about 1,800 lines, so that nobody waits long for who reads them in a thread."""

Plain = tuple[int, int, int]
"""A read as it is kept: article, moment (Unix seconds) and section's number."""

_NAME = re.compile(r"(\d{4}-\d{2})\.(\d{6})\.journal")
_N = rb"\d{1,18}"
"""A number; with more digits it is none of ours, and does not fit into 64 bits."""

_START = rb"(%s) (\d{4}-\d{2}) (-|[ab][\w-]{22}|u%s) (%s) " % (_N, _N, _N)
_COUNTS = rb"(%s) ([\w:.+-]+) (%s)/(%s)" % (_N, _N, _N)
_TAKEN = rb"(%s@%s\.%s(?:,%s@%s\.%s)*)" % ((_N,) * 6)
_LINE = re.compile(
    rb"%s(read|stop|open|merge:a[\w-]{22})(?: %s| %s)?" % (_START, _COUNTS, _TAKEN), re.ASCII
)
_READS = re.compile(
    rb"^(%s) \d{4}-\d{2} (a[\w-]{22}|u%s) (%s) read(?: (%s) [\w:.+-]+ %s/%s)?$" % ((_N,) * 6),
    re.ASCII | re.MULTILINE,
)
_OTHERS = re.compile(rb"^\S+ \S+ \S+ \S+ (?:open|merge:).*$", re.MULTILINE)


class Record(NamedTuple):
    """One line. `at` is Unix seconds, `month` the calendar month in the paper's zone; `key` is
    "a<id>", "u<number>", "b<id>" (a browser with a link) or "-"; `outcome` is "read" (counted),
    "stop" (the wall), "open" (opened by a link, not counted as a read), or "merge:a<id>" when the
    reads of that anonymous reader became the account's as well: those `taken`. `rule`, `reads` and
    `limit` are the decision's; for a link which of how many browsers, 0 of 0 for any number."""

    at: int
    month: str
    key: str
    article: int
    outcome: str
    section: int = 0
    rule: str = "metered"
    reads: int = 0
    limit: int = 0
    taken: tuple[Read, ...] = ()

    @property
    def merged(self) -> str:
        """The key of the anonymous reader whose reads are taken over, "" for a read."""
        return self.outcome.removeprefix("merge:") if self.article == 0 else ""

    def line(self) -> bytes:
        """The line in the journal, with its end."""
        start = f"{self.at} {self.month} {self.key} {self.article} {self.outcome}"
        if self.article == 0:
            taken = ",".join(f"{read.article}@{read.at}.{read.section}" for read in self.taken)
            return f"{start} {taken}".rstrip().encode() + b"\n"
        return f"{start} {self.section} {self.rule} {self.reads}/{self.limit}\n".encode()


def segments(folder: Path, month: str = "") -> list[Path]:
    """Segments in the order they were written, from one month ("2026-11") on when given."""
    found = []
    for path in folder.glob("*.journal"):
        name = _NAME.fullmatch(path.name)
        if name and name[1] >= month:
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
        data = whole_lines(file, offset, most)
    return records_in(data), offset + len(data)


def whole_lines(file: BinaryIO, offset: int, most: int = READ_BYTES) -> bytes:
    """The lines of a segment from a byte offset on, about `most` bytes; b"" at its end."""
    file.seek(offset)
    data = file.read(most)
    return data[: data.rfind(b"\n") + 1]


def records_in(lines: bytes) -> list[Record]:
    """The records among some lines."""
    found = map(_LINE.fullmatch, lines.split(b"\n"))
    return [_record(line) for line in found if line]


def reads_in(lines: bytes) -> Iterator[tuple[str, Plain]]:
    """The reads among some lines, each with its meter key: many lines, quickly."""
    for at, key, article, section in _READS.findall(lines):
        yield key.decode(), (int(article), int(at), int(section or 0))


def others_in(lines: bytes) -> Iterator[tuple[int, int, Record]]:
    """What else changes who may read what, merges and openings: where each line begins and ends,
    and its record."""
    if b" open " not in lines and b" merge:" not in lines:
        return
    for line in _OTHERS.finditer(lines):
        found = _LINE.fullmatch(line[0])
        if found:
            yield line.start(), line.end(), _record(found)


def _record(found: re.Match[bytes]) -> Record:
    at, month, key, article, outcome, section, rule, reads, limit, taken = found.groups()
    start = (int(at), month.decode(), key.decode(), int(article), outcome.decode())
    if taken is not None:
        return Record(*start, taken=tuple(map(_taken, taken.split(b","))))
    if section is None:
        return Record(*start)
    return Record(*start, int(section), rule.decode(), int(reads), int(limit))


def _taken(text: bytes) -> Read:
    article, at, section = re.split(b"[@.]", text)
    return Read(int(article), int(at), int(section))


class Journal:
    """The segment being written. One writer per segment, any number of segments per folder."""

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._month = ""
        self._day = 0
        self._descriptor = -1
        self._size = 0
        self._closed_bytes = 0
        self._torn = False
        self._noted: list[Record] = []

    @property
    def written(self) -> int:
        """Bytes written since the start, in all segments."""
        return self._closed_bytes + self._size

    def append(self, record: Record) -> None:
        """Record a read before it is answered. Raises OSError when it is not recorded whole."""
        self.turn_to(record.month, record.at // DAY)
        self._write(record.line())

    def note(self, record: Record) -> None:
        """Record something soon, with the next `flush`."""
        self._noted.append(record)

    def flush(self) -> None:
        """Write what was noted. Raises OSError; what it could not write is lost."""
        if not self._noted:
            return
        noted, self._noted = self._noted, []
        self.turn_to(noted[-1].month, noted[-1].at // DAY)
        self._write(b"".join(record.line() for record in noted))

    def _write(self, lines: bytes) -> None:
        data = b"\n" + lines if self._torn else lines
        written = os.write(self._descriptor, data)
        self._size += written
        if written < len(data):
            # What was written of the line must not become the head of the next one.
            self._torn = True
            raise OSError(f"Only {written} of {len(data)} bytes fitted on the disk.")
        self._torn = False

    def turn_to(self, month: str, day: int) -> None:
        """Have a segment of this month and day (since 1970, UTC) open. Raises OSError."""
        present = self._month == month and self._day == day
        if self._descriptor >= 0 and present and self._size < self._segment_bytes:
            return
        self.close()
        self._closed_bytes += self._size
        self._size = 0
        self._descriptor = self._new_segment(month)
        self._month, self._day, self._size, self._torn = month, day, 0, False

    def _new_segment(self, month: str) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        found = self._folder.glob(f"{month}.*.journal")
        numbers = (int(name[2]) for path in found if (name := _NAME.fullmatch(path.name)))
        number = max(numbers, default=0)
        while True:
            number += 1
            path = self._folder / f"{month}.{number:06}.journal"
            try:
                return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            except FileExistsError:
                continue

    def close(self) -> None:
        """Close the segment; the next append starts another."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1
