"""Fold the gate's journal into counts, and let go of it in time."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.kit import clock
from broadsheet.subscriptions.actions.sharing import count_openings
from broadsheet.subscriptions.models import ArticleReads, JournalCursor

KEEP = timedelta(days=30)
"""Who read what is kept no longer than this after its month; counts stay."""


def fold_journal() -> int:
    """Count what the gate recorded since the last fold; returns how many reads."""
    folder = settings.HOME / "journal"
    folded = sum(_fold(path) for path in segments(folder))
    for path in segments(folder):
        _let_go(path)
    return folded


def _fold(path: Path) -> int:
    with transaction.atomic():
        cursor, _ = JournalCursor.objects.select_for_update().get_or_create(segment=path.name)
        records, offset = read_segment(path, cursor.offset)
        counts = Counter(_place(record) for record in records if record.outcome == "read")
        for (period, article, kind), number in counts.items():
            row, _ = ArticleReads.objects.get_or_create(period=period, article=article)
            ArticleReads.objects.filter(pk=row.pk).update(**{kind: F(kind) + number})
        count_openings(records)
        if offset != cursor.offset:
            JournalCursor.objects.filter(pk=cursor.pk).update(offset=offset)
    return sum(counts.values())


def _place(record: Record) -> tuple[str, int, str]:
    kind = "registered" if record.key.startswith("u") else "anonymous"
    return record.month, record.article, kind


def _let_go(path: Path) -> None:
    """Delete a segment 30 days after the end of its month; the month is in its name."""
    year, month = (int(part) for part in path.name[:7].split("-"))
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    if clock.now() > after + KEEP:
        path.unlink()
        JournalCursor.objects.filter(segment=path.name).delete()
