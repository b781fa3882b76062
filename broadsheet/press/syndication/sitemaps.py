"""Sitemaps (sitemaps.org protocol 0.9) and Google's news sitemap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from broadsheet.kit.html import absolute
from broadsheet.look.parts import PaperView
from broadsheet.press.syndication.xml import add, document

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"

MOST = 50_000
"""Addresses in one sitemap, and sitemaps in one index (sitemaps.org protocol, "Sitemap index")."""


@dataclass(frozen=True, slots=True)
class MapRow:
    """A path and when readers last saw it change; for the news sitemap its headline too."""

    path: str
    changed: datetime | None
    headline: str = ""
    published: datetime | None = None


def _listed(root: str, each: str, origin: str, rows: Iterable[MapRow]) -> bytes:
    whole = etree.Element(f"{{{SITEMAP}}}{root}", nsmap={None: SITEMAP})
    for row in rows:
        entry = add(whole, f"{{{SITEMAP}}}{each}")
        add(entry, f"{{{SITEMAP}}}loc", absolute(origin, row.path))
        if row.changed:
            add(entry, f"{{{SITEMAP}}}lastmod", _date(row.changed))
    return document(whole)


def _date(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def sitemap(origin: str, rows: Sequence[MapRow]) -> bytes:
    """A sitemap of paths and when they last changed."""
    return _listed("urlset", "url", origin, rows[:MOST])


def sitemap_index(origin: str, rows: Sequence[MapRow]) -> bytes:
    """The index of the sitemaps."""
    return _listed("sitemapindex", "sitemap", origin, rows[:MOST])


def news_sitemap(paper: PaperView, rows: Sequence[MapRow]) -> bytes:
    """The last two days, as Google's news sitemap asks (sitemap-news 0.9).

    The language is ISO 639's, of two letters or three; Chinese alone names its script.
    """
    spaces = {None: SITEMAP, "news": NEWS}
    whole = etree.Element(f"{{{SITEMAP}}}urlset", nsmap=spaces)
    for row in rows:
        entry = add(whole, f"{{{SITEMAP}}}url")
        add(entry, f"{{{SITEMAP}}}loc", absolute(paper.origin, row.path))
        news = add(entry, f"{{{NEWS}}}news")
        publication = add(news, f"{{{NEWS}}}publication")
        add(publication, f"{{{NEWS}}}name", paper.name)
        add(publication, f"{{{NEWS}}}language", _language(paper.language))
        if row.published:
            add(news, f"{{{NEWS}}}publication_date", row.published.isoformat())
        add(news, f"{{{NEWS}}}title", row.headline)
    return document(whole)


def _language(tag: str) -> str:
    known = {"zh-hans": "zh-cn", "zh-cn": "zh-cn", "zh-hant": "zh-tw", "zh-tw": "zh-tw"}
    return known.get(tag.lower(), tag.lower().partition("-")[0])
