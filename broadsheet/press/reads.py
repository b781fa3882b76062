"""What the press knows of itself."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q
from django.db.models.functions import TruncMonth

from broadsheet.desk.models import Article
from broadsheet.desk.reads import card_view
from broadsheet.gate.media import articles_showing
from broadsheet.gate.pressed import Page, open_store
from broadsheet.kit import clock
from broadsheet.press import syndication
from broadsheet.press.frame import Frame
from broadsheet.press.pages import page_of
from broadsheet.press_log.models import Entry

XML = "application/xml"
NEWS_AGE = timedelta(days=2)
NEWS_MOST = 1000
ON_FRONTS = 200


def cursor(store: sqlite3.Connection) -> int:
    """The last entry of the press log that the store holds."""
    row = store.execute("SELECT value FROM fact WHERE name='cursor'").fetchone()
    return int(row[0]) if row else 0


def newest_entry() -> int:
    """The last number of the press log, 0 for an empty one."""
    return Entry.objects.aggregate(newest=Max("number"))["newest"] or 0


def lag() -> int:
    """Public changes that are not pressed yet on this machine."""
    store = open_store(settings.HOME / "pressed.sqlite3")
    try:
        return abs(newest_entry() - cursor(store))
    finally:
        store.close()


def articles_with(store: sqlite3.Connection, pictures: Iterable[int]) -> set[int]:
    """Articles that show one of these pictures, in the database or as they were pressed."""
    found: set[int] = set()
    for number in pictures:
        shown = Article.objects.filter(Q(picture=number) | Q(wire_picture=number))
        found |= articles_showing(store, number) | set(shown.values_list("pk", flat=True))
    return found


def on_fronts() -> list[int]:
    """The newest articles, whose pictures fronts and lists show."""
    newest = Article.objects.visible(clock.now()).newest()
    return list(newest.values_list("pk", flat=True)[:ON_FRONTS])


def month_of(at: datetime) -> str:
    """The month of a first publication by which sitemaps are divided, in UTC: "2026-11"."""
    return f"{at.astimezone(UTC):%Y-%m}"


def _months(frame: Frame) -> list[str]:
    visible = Article.objects.visible(frame.now).exclude(path=None)
    month = TruncMonth("first_published_at", tzinfo=UTC)
    months = visible.annotate(month=month).values_list("month", flat=True).distinct()
    return sorted({f"{at:%Y-%m}" for at in months if at})


def month_sitemap(month: str, frame: Frame) -> Page:
    """The sitemap of one month, so that a change re-presses only it."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    after = (first + timedelta(days=31)).replace(day=1)
    visible = Article.objects.visible(frame.now).exclude(path=None)
    rows = visible.filter(first_published_at__gte=first, first_published_at__lt=after)
    pairs = rows.newest().values_list("path", "last_published_at", "first_published_at")
    changed = [
        (path, last or first_at or frame.now) for path, last, first_at in pairs[:50_000] if path
    ]
    data = syndication.sitemap(frame.paper.origin, changed)
    return page_of(f"/sitemap-{month}.xml", data, content_type=XML)


def sitemaps(frame: Frame, *, months: set[str] | None = None) -> Iterator[Page]:
    """The index, the news sitemap, and the sitemaps of some months, of all when none are named."""
    listed = _months(frame)
    paths = ["/sitemap-pages.xml", *(f"/sitemap-{month}.xml" for month in listed)]
    index = syndication.sitemap_index(frame.paper.origin, paths)
    yield page_of("/sitemap.xml", index, content_type=XML)
    for month in sorted(listed if months is None else months):
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
