"""The journal is folded into counts, once, and let go of in time."""

from datetime import UTC, datetime

import pytest
import time_machine

from broadsheet.gate.journal import Journal, Record
from broadsheet.subscriptions.actions import fold_journal
from broadsheet.subscriptions.models import ArticleReads, JournalCursor

READER = "a" + "x" * 22


def _write(home, *records):
    journal = Journal(home / "journal")
    for record in records:
        journal.append(record)
    journal.close()


@pytest.mark.django_db
def test_reads_become_counts_once(home):
    _write(
        home,
        Record(1795300000, "2026-11", READER, 7, "read"),
        Record(1795300001, "2026-11", "u5", 7, "read"),
        Record(1795300002, "2026-11", "u5", 0, "merge:" + READER),
    )
    assert fold_journal() == 2
    assert fold_journal() == 0
    row = ArticleReads.objects.get()
    assert (row.article, row.anonymous, row.registered) == (7, 1, 1)


@pytest.mark.django_db
def test_who_read_what_is_deleted_30_days_after_its_month(home):
    _write(home, Record(1795300000, "2026-11", READER, 7, "read"))
    with time_machine.travel(datetime(2026, 12, 30, tzinfo=UTC)):
        fold_journal()
        assert list((home / "journal").iterdir())
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC)):
        fold_journal()
    assert not list((home / "journal").iterdir())
    assert not JournalCursor.objects.exists()
    assert ArticleReads.objects.get().anonymous == 1
