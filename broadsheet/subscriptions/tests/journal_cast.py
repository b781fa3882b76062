"""What the gate wrote about its readers, folded: lines for tests of whoever asks afterwards."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from broadsheet.desk.models import Article, Section
from broadsheet.gate.journal import Journal, Record
from broadsheet.subscriptions.actions import fold_journal
from broadsheet.subscriptions.codes import code_of

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECONDS = int(AT.timestamp())
STRANGER = "a" + "x" * 22


def code(key: str) -> str:
    """The code of a meter key."""
    return code_of(key, settings.SECRET_KEY.encode())


def line(
    key: str = STRANGER, article: int = 7, outcome: str = "read", *, at: int = SECONDS,
    rule: str = "metered", reads: int = 1, limit: int = 3, section: int = 2,
) -> Record:  # fmt: skip
    """A line of the journal; a merge has article 0."""
    month = datetime.fromtimestamp(at, UTC).strftime("%Y-%m")
    if article == 0:
        return Record(at, month, key, 0, outcome)
    return Record(at, month, key, article, outcome, section, rule, reads, limit)


def write(home: Path, *records: Record) -> None:
    """The lines in a segment of their own."""
    journal = Journal(home / "journal")
    for record in records:
        journal.append(record)
    journal.close()


def told(*records: Record) -> None:
    """The lines, written and folded."""
    write(Path(settings.HOME), *records)
    fold_journal()


def report(headline: str = "Harbour opens early", **columns: object) -> Article:
    """A visible report of the section World."""
    number = Article.objects.count()
    facts = {
        "headline": headline, "shown_headline": headline, "body": "<p>Tide.</p>", "live": True,
        "section": Section.objects.get(slug="world"), "path": f"/2026/11/20/harbour-{number}",
        "first_published_at": AT - timedelta(days=2),
    }  # fmt: skip
    return Article.objects.create(**facts | columns)
