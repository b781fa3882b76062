"""The reads of a period out of the journal, in whatever order gates wrote its segments."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.gate.rules import Read

Reads = tuple[Read, ...]
AnyRead = TypeVar("AnyRead", bound=tuple[int, int, int])


def replayed(folder: Path, *, since: float, month: str) -> dict[str, Reads]:
    """By meter key the reads at or after `since` (Unix seconds) in segments from `month` on.

    Raises OSError when a segment cannot be read.
    """
    found: dict[str, Reads] = {}
    for record in _records(folder, month):
        if record.outcome == "read":
            more: Reads = (Read(record.article, record.at, record.section),)
        elif record.merged:
            # Lines of older versions do not say what was taken over.
            more = record.taken or found.get(record.merged, ())
        else:
            continue
        if record.at < since or record.merged:
            more = tuple(read for read in more if read.at >= since)
        if more:
            known = found.get(record.key)
            found[record.key] = joined(known, more) if known else more
    return found


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


def _records(folder: Path, month: str) -> Iterator[Record]:
    for path in segments(folder, month):
        offset, more = 0, True
        while more:
            records, end = read_segment(path, offset)
            yield from records
            offset, more = end, end > offset
