"""What the journal holds, in whatever order gates wrote its segments: its digest, and the lines
after it."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from broadsheet.gate.digest import Cover, Found, Kept, mark_of, read_digest
from broadsheet.gate.journal import Plain, Record, others_in, reads_in, segments, whole_lines
from broadsheet.gate.rules import Read
from broadsheet.kit.clock import DAY

Reads = tuple[Read, ...]
AnyRead = TypeVar("AnyRead", bound=Plain)


def taken_up(folder: Path, since: float, reads_since: float) -> Found:
    """The reads at or after `reads_since`, and the openings by links with a bound at or after
    `since`, not later than it (Unix seconds).

    It lets other threads go on every few milliseconds. Raises OSError when a segment cannot be
    read, but for one that was deleted meanwhile.
    """
    found = read_digest(folder, since, reads_since)
    # A day earlier, since segments are named by the month in the paper's zone.
    month = time.strftime("%Y-%m", time.gmtime(max(since - DAY, 0)))
    for path in segments(folder, month):
        try:
            _read_on(path, found)
        except FileNotFoundError:
            continue
    return found


def _read_on(path: Path, found: Found) -> None:
    """Take in what a segment holds beyond what is known of it."""
    offset, last = 0, 0
    if known := found.covers.get(path.name):
        offset, last = known.offset, known.last
    begin = offset
    with path.open("rb") as file:
        while lines := whole_lines(file, offset):
            offset += len(lines)
            last = max(last, _take_lines(lines, found))
    if offset > begin or not known:
        found.covers[path.name] = Cover(offset, mark_of(path, offset), last)
        found.tail += offset - begin


def _take_lines(lines: bytes, found: Found) -> int:
    """Take in some lines; returns the latest moment in them."""
    start, last = 0, 0
    for begin, end, record in others_in(lines):
        # Lines of older versions do not say what was taken over: it is what was read before.
        last = max(last, record.at, _take_reads(lines[start:begin], found))
        add_record(record, found)
        start = end
    return max(last, _take_reads(lines[start:], found))


def _take_reads(lines: bytes, found: Found) -> int:
    reads, since, last = found.reads, found.reads_since, 0
    for key, read in reads_in(lines):
        at = read[1]
        if at > last:
            last = at
        if at >= since:
            known = reads.get(key)
            reads[key] = _with(read, known) if known else (read,)
    return last


def _with(read: Plain, known: Kept) -> Kept:
    """As `joined`, and quick for an article that was not read before."""
    for one in known:
        if one[0] == read[0]:
            return joined(known, (read,))
    return (*known, read)


def add_records(records: Iterable[Record], found: Found) -> None:
    """Take in what was recorded since the segments were read."""
    for record in records:
        add_record(record, found)


def add_record(record: Record, found: Found) -> None:
    """Take in a line."""
    if record.outcome == "open":
        if record.limit and record.at >= found.since:
            name = (record.rule, record.key)
            found.opened[name] = max(record.at, found.opened.get(name, 0))
        return
    more: Kept = ()
    if record.outcome == "read":
        more = ((record.article, record.at, record.section),)
    elif record.merged:
        more = tuple(map(tuple, record.taken)) or found.reads.get(record.merged, ())  # type: ignore[arg-type]
    if more := tuple(read for read in more if read[1] >= found.reads_since):
        found.reads[record.key] = joined(found.reads.get(record.key, ()), more)


def joined(had: tuple[AnyRead, ...], more: tuple[AnyRead, ...]) -> tuple[AnyRead, ...]:
    """The union; of two reads of one article the later one counts."""
    if not more:
        return had
    latest = {read[0]: read for read in had}
    for read in more:
        known = latest.get(read[0])
        if known is None or known[1] < read[1]:
            latest[read[0]] = read
    return tuple(latest.values())
