"""What the press knows of itself."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce, Greatest, TruncMonth

from broadsheet.desk.models import Article
from broadsheet.desk.models.querysets import ArticleQuerySet
from broadsheet.gate.media import articles_showing
from broadsheet.gate.pressed import Page, open_store
from broadsheet.kit import clock
from broadsheet.press import lists, syndication
from broadsheet.press.frame import Frame
from broadsheet.press.pages import page_of
from broadsheet.press_log.models import Entry

XML = "application/xml"
NEWS_AGE = timedelta(days=2)
NEWS_MOST = 1000
ON_FRONTS = 200
IN_TIME = timedelta(seconds=30)
"""Pressing the whole paper takes so long on a small machine; a report takes a fraction of one."""


def cursor(store: sqlite3.Connection) -> int:
    """The last entry of the press log that the store holds."""
    row = store.execute("SELECT value FROM fact WHERE name='cursor'").fetchone()
    return int(row[0]) if row else 0


def newest_entry() -> int:
    """The last number of the press log, 0 for an empty one."""
    return Entry.objects.aggregate(newest=Max("number"))["newest"] or 0


def pressed_until() -> int:
    """The last entry of the press log that is on the pages of this machine."""
    store = open_store(settings.HOME / "pressed.sqlite3")
    try:
        return cursor(store)
    finally:
        store.close()


def lag() -> int:
    """Public changes that are not pressed yet on this machine."""
    return abs(newest_entry() - pressed_until())


def late() -> int:
    """The lag, once its oldest change is older than the worker needs for it; 0 before."""
    waiting = Entry.objects.filter(number__gt=pressed_until()).order_by("number").first()
    return 0 if waiting is not None and waiting.at > clock.now() - IN_TIME else lag()


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


def listed(now: datetime) -> ArticleQuerySet:
    """Visible articles that search engines may list: not those whose agency wants them elsewhere.

    A report whose original is the agency's page is not ours to list either.
    """
    visible = Article.objects.visible(now).exclude(path=None)
    kept_out = Q(item__source__noindex=True) | Q(item__source__canonical_to_source=True)
    return visible.exclude(kept_out)


@dataclass(frozen=True, slots=True)
class Month:
    """The visible reports of a month: how many, and when readers last saw one change."""

    name: str
    count: int
    changed: datetime | None

    @property
    def paths(self) -> list[str]:
        """Its sitemaps: as many as 50,000 addresses in each ask for."""
        parts = max(1, -(-self.count // syndication.MOST))
        more = [f"/sitemap-{self.name}-{part}.xml" for part in range(2, parts + 1)]
        return [f"/sitemap-{self.name}.xml", *more]


def _months(frame: Frame) -> list[Month]:
    month = TruncMonth("first_published_at", tzinfo=UTC)
    changed = Greatest("first_published_at", Coalesce("visible_change__at", "first_published_at"))
    found = listed(frame.now).annotate(month=month).values_list("month")
    counted = found.annotate(count=Count("pk"), changed=Max(changed)).order_by("month")
    return [Month(f"{at:%Y-%m}", count, last) for at, count, last in counted if at]


def month_sitemaps(month: Month, frame: Frame) -> Iterator[Page]:
    """The sitemaps of one month, so that a change re-presses only these."""
    first = datetime.strptime(month.name, "%Y-%m").replace(tzinfo=UTC)
    after = (first + timedelta(days=31)).replace(day=1)
    rows = listed(frame.now).filter(first_published_at__gte=first, first_published_at__lt=after)
    columns = ("path", "visible_change__at", "first_published_at")
    entries = [
        syndication.MapRow(path, changed or at)
        for path, changed, at in rows.newest().values_list(*columns)
        if path
    ]
    for number, path in enumerate(month.paths):
        part = entries[number * syndication.MOST : (number + 1) * syndication.MOST]
        data = syndication.sitemap(frame.paper.origin, part)
        yield page_of(path, data, content_type=XML)


def sitemaps(frame: Frame, *, months: set[str] | None = None) -> Iterator[Page]:
    """The index, the news sitemap, and the sitemaps of some months, of all when none are named."""
    found = _months(frame)
    rows = [syndication.MapRow("/sitemap-pages.xml", None)]
    rows += [syndication.MapRow(path, month.changed) for month in found for path in month.paths]
    index = syndication.sitemap_index(frame.paper.origin, rows)
    yield page_of("/sitemap.xml", index, content_type=XML)
    known = {month.name: month for month in found}
    for name in sorted(known if months is None else months):
        yield from month_sitemaps(known.get(name) or Month(name, 0, None), frame)
    links = ["/", *(link.url for link in (*frame.paper.sections, *frame.paper.pages))]
    for paper in frame.titles.values():
        links += [link.url for link in (paper.title, *paper.sections) if link]
    links += [topic.path for topic in lists.topics_shown(frame)]
    links += [author.path for author in lists.authors_shown(frame)]
    pages = [syndication.MapRow(path, None) for path in links]
    data = syndication.sitemap(frame.paper.origin, pages)
    yield page_of("/sitemap-pages.xml", data, content_type=XML)
    yield _news_sitemap(frame)


def _news_sitemap(frame: Frame) -> Page:
    recent = listed(frame.now).filter(first_published_at__gte=frame.now - NEWS_AGE).newest()
    columns = ("path", "shown_headline", "first_published_at")
    rows = [
        syndication.MapRow(path, None, headline, at.astimezone(frame.zone))
        for path, headline, at in recent.values_list(*columns)[:NEWS_MOST]
        if path and at
    ]
    data = syndication.news_sitemap(frame.paper, rows)
    return page_of("/news-sitemap.xml", data, content_type=XML)
