"""The reads of a period out of the journal, in whatever order gates wrote its segments."""

from collections.abc import Iterator
from pathlib import Path

from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.gate.rules import Read

Reads = tuple[Read, ...]


def replayed(folder: Path, *, since: float, month: str) -> dict[str, Reads]:
    """By meter key the reads at or after `since` (Unix seconds) in segments from `month` on.

    Raises OSError when a segment cannot be read.
    """
    found: dict[str, Reads] = {}
    for record in _records(folder, month):
        had = found.get(record.key, ())
        if record.merged:
            # Lines of older versions do not say what was taken over.
            more = record.taken or found.get(record.merged, ())
        elif record.outcome == "read":
            more = (Read(record.article, record.at, record.section),)
        else:
            continue
        united = joined(had, tuple(read for read in more if read.at >= since))
        if united:
            found[record.key] = united
    return found


def joined(had: Reads, more: Reads) -> Reads:
    """The union; of two reads of one article the later one counts."""
    if not more:
        return had
    latest = {read.article: read for read in had}
    for read in more:
        known = latest.get(read.article)
        if known is None or known.at < read.at:
            latest[read.article] = read
    return tuple(latest.values())


def _records(folder: Path, month: str) -> Iterator[Record]:
    for path in segments(folder, month):
        offset, more = 0, True
        while more:
            records, end = read_segment(path, offset)
            yield from records
            offset, more = end, end > offset
