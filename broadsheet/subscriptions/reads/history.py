"""What a reader read, for the reader: titles, times and how far they got."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from broadsheet.accounts.models import ReadArticle, ReaderPolicy, User
from broadsheet.desk.models import Article, Paper
from broadsheet.kit import clock
from broadsheet.look.strict import View

MOST = 100
"""Reports on one page of the history."""


@dataclass(frozen=True, slots=True)
class ReadView(View):
    """A report that was read; `title` and `path` are "" when it can be read no longer. `percent`
    says how far the reader got, 0 when nothing is known. The time is in the paper's zone."""

    number: int
    title: str
    path: str
    at: datetime
    percent: int


@dataclass(frozen=True, slots=True)
class HistoryView(View):
    """One page of it. `older` is the number of the page with what came before, 0 for none."""

    keeps: bool
    days: int
    reads: tuple[ReadView, ...]
    older: int


def history_of(reader: User, page: int) -> HistoryView:
    """The newest first; pages count from 1."""
    start = (max(1, page) - 1) * MOST
    rows = list(ReadArticle.objects.filter(reader=reader)[start : start + MOST + 1])
    paper = Paper.load()
    return HistoryView(
        keeps=reader.keeps_history,
        days=ReaderPolicy.current().history_days,
        reads=tuple(_views(rows[:MOST], ZoneInfo(paper.time_zone))),
        older=max(1, page) + 1 if len(rows) > MOST else 0,
    )


def _views(rows: list[ReadArticle], zone: ZoneInfo) -> list[ReadView]:
    visible = Article.objects.visible(clock.now()).only("pk", "path", "shown_headline")
    found = visible.in_bulk([row.article for row in rows])
    return [_view(row, found.get(row.article), zone) for row in rows]


def _view(row: ReadArticle, article: Article | None, zone: ZoneInfo) -> ReadView:
    title = article.shown_headline if article else ""
    path = (article.path or "") if article else ""
    got = 100 * ((row.place or 0) + 1) // row.paragraphs if row.paragraphs else 0
    return ReadView(row.article, title, path, row.read_at.astimezone(zone), min(100, got))


def place_in(reader: User, article: int) -> tuple[int, int] | None:
    """(paragraph, paragraphs) where the reader was; None when nothing is known."""
    row = ReadArticle.objects.filter(reader=reader, article=article).exclude(place=None).first()
    return (row.place or 0, row.paragraphs) if row else None


def may_be_noted(article: int) -> bool:
    """Whether there is a report of this number that can be read."""
    return bool(Article.objects.visible(clock.now()).filter(pk=article).exists())
