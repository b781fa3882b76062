"""What the press knows of itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import TruncMonth

from broadsheet.desk.models import Article
from broadsheet.desk.reads import card_view
from broadsheet.gate.pressed import Page, open_store
from broadsheet.press import syndication
from broadsheet.press.frame import Frame
from broadsheet.press.pages import page_of
from broadsheet.press_log.models import Entry

XML = "application/xml"
NEWS_AGE = timedelta(days=2)
NEWS_MOST = 1000


def lag() -> int:
    """Public changes that are not pressed yet on this machine."""
    store = open_store(settings.HOME / "pressed.sqlite3")
    try:
        row = store.execute("SELECT value FROM fact WHERE name='cursor'").fetchone()
    finally:
        store.close()
    return Entry.objects.filter(number__gt=int(row[0]) if row else 0).count()


def _months(frame: Frame) -> list[str]:
    visible = Article.objects.visible(frame.now).exclude(path=None)
    months = visible.annotate(month=TruncMonth("first_published_at")).values_list(
        "month", flat=True
    )
    return sorted({f"{month:%Y-%m}" for month in months.distinct() if month})


def month_sitemap(month: str, frame: Frame) -> Page:
    """The sitemap of one month of first publication (UTC), so that a change re-presses only it."""
    year, number = (int(part) for part in month.split("-"))
    visible = Article.objects.visible(frame.now).exclude(path=None)
    rows = visible.filter(first_published_at__year=year, first_published_at__month=number)
    pairs = rows.newest().values_list("path", "last_published_at", "first_published_at")
    changed = [(path, last or first or frame.now) for path, last, first in pairs[:50_000] if path]
    data = syndication.sitemap(frame.paper.origin, changed)
    return page_of(f"/sitemap-{month}.xml", data, content_type=XML)


def sitemaps(frame: Frame, *, only: datetime | None = None) -> Iterator[Page]:
    """The index, the news sitemap, and the months: all, or the one that holds `only`."""
    months = _months(frame)
    paths = ["/sitemap-pages.xml", *(f"/sitemap-{month}.xml" for month in months)]
    index = syndication.sitemap_index(frame.paper.origin, paths)
    yield page_of("/sitemap.xml", index, content_type=XML)
    wanted = months if only is None else [f"{only:%Y-%m}"]
    for month in wanted:
        yield month_sitemap(month, frame)
    links = ["/", *(link.url for link in (*frame.paper.sections, *frame.paper.pages))]
    pages = [(path, frame.now.replace(hour=0, minute=0, second=0, microsecond=0)) for path in links]
    data = syndication.sitemap(frame.paper.origin, pages)
    yield page_of("/sitemap-pages.xml", data, content_type=XML)
    yield _news_sitemap(frame)


def _news_sitemap(frame: Frame) -> Page:
    recent = Article.objects.visible(frame.now).filter(first_published_at__gte=frame.now - NEWS_AGE)
    cards = [card_view(a, frame.zone) for a in recent.newest().for_cards()[:NEWS_MOST]]
    data = syndication.news_sitemap(frame.paper, cards)
    return page_of("/news-sitemap.xml", data, content_type=XML)
