"""Once a month is over: how many articles its readers opened and wanted, from the journal.

Counts only, without the readers: who read what is not kept longer for it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from broadsheet.desk.models import Paper
from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.kit import clock
from broadsheet.kit.clock import month_bounds
from broadsheet.subscriptions.decisions import kind_of, rule_of
from broadsheet.subscriptions.models import ReadingCount, ReadingDemand

METERED = "metered"
LATE = timedelta(hours=1)
"""By then the last lines of a month are written and folded."""

BATCH = 500
TABLES = """
CREATE TABLE reader (key TEXT, lim INTEGER, kind TEXT, reads INTEGER, PRIMARY KEY (key, lim))
  WITHOUT ROWID;
CREATE TABLE stopped (key TEXT, lim INTEGER, article INTEGER, PRIMARY KEY (key, lim, article))
  WITHOUT ROWID;
"""
READER = """
INSERT INTO reader VALUES (:key, :limit, :kind, :reads)
  ON CONFLICT (key, lim) DO UPDATE SET reads = max(reads, excluded.reads)
"""
STOPPED = "INSERT OR IGNORE INTO stopped VALUES (:key, :limit, :article)"
COUNTS = """
SELECT kind, lim, reads, behind, count(*) FROM (
  SELECT kind, lim, reads, (
    SELECT count(*) FROM stopped WHERE stopped.key = reader.key AND stopped.lim = reader.lim
  ) AS behind FROM reader
) GROUP BY 1, 2, 3, 4
"""


def count_demand() -> bool:
    """Count the month before, once; whether it was done now.

    Of a month whose journal is not all here any more nothing is written but that it was tried.
    """
    paper = Paper.objects.first()
    if paper is None:
        return False
    key, _first, _after = month_bounds(clock.now() - LATE, paper.time_zone)
    month = _before(key)
    if ReadingDemand.objects.filter(month=month).exists():
        return False
    rows = _counted(settings.HOME / "journal", month)
    with transaction.atomic():
        tried = {"kind": "", "limit": 0, "reads": 0, "behind": 0}
        _row, is_mine = ReadingDemand.objects.get_or_create(
            month=month, **tried, defaults={"number": 0}
        )
        if is_mine:
            ReadingDemand.objects.bulk_create(rows, BATCH)
    return is_mine


def _before(month: str) -> str:
    number = int(month[:4]) * 12 + int(month[5:]) - 2
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _counted(folder: Path, month: str) -> list[ReadingDemand]:
    """The counts, from a database on disk that goes with the connection: readers may be many."""
    with closing(sqlite3.connect("")) as found:
        found.executescript(TABLES)
        lines = sum(_take(found, record) for record in _metered(folder, month))
        if lines != _known(month):
            return []
        return [
            ReadingDemand(month=month, kind=kind, limit=limit, reads=reads, behind=behind, number=n)
            for kind, limit, reads, behind, n in found.execute(COUNTS)
        ]


def _known(month: str) -> int:
    """How many decisions by the meter the database counted in a month."""
    counts = ReadingCount.objects.filter(month=month, rule=METERED, outcome__in=("read", "stop"))
    return counts.aggregate(sum=Sum("number"))["sum"] or 0


def _metered(folder: Path, month: str) -> Iterator[Record]:
    for path in segments(folder, month):
        offset, reached = -1, 0
        while offset != reached:
            offset = reached
            records, reached = read_segment(path, offset)
            yield from (r for r in records if r.month == month and _is_metered(r))


def _is_metered(record: Record) -> bool:
    return record.outcome in ("read", "stop") and rule_of(record.rule) == ("", METERED, "")


def _take(found: sqlite3.Connection, record: Record) -> int:
    """Note a decision; returns 1. One without a cookie is about no reader, and a request that may
    not spend a read, stopped below its limit, is no wish."""
    facts = record._asdict() | {"kind": kind_of(record)}
    if facts["kind"] == "unknown":
        return 1
    if record.outcome == "read":
        found.execute(READER, facts)
    elif record.reads >= record.limit:
        found.execute(READER, facts | {"reads": record.limit})
        found.execute(STOPPED, facts)
    return 1
