"""Feeds, sitemaps and robots.txt, built from cards alone: no body ever reaches them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from lxml import etree
from lxml.builder import E, ElementMaker

from broadsheet.kit.html import absolute
from broadsheet.look.parts import CardView, PaperView

ATOM = ElementMaker(
    namespace="http://www.w3.org/2005/Atom", nsmap={None: "http://www.w3.org/2005/Atom"}
)
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
URLS = ElementMaker(namespace=SITEMAP, nsmap={None: SITEMAP, "news": NEWS})
NEWS_TAGS = ElementMaker(namespace=NEWS, nsmap={None: SITEMAP, "news": NEWS})


def _xml(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _latest(cards: Sequence[CardView], now: datetime) -> datetime:
    return max((card.published for card in cards), default=now).astimezone(UTC)


def rss(paper: PaperView, title: str, path: str, cards: Sequence[CardView], now: datetime) -> bytes:
    """RSS 2.0 (rssboard.org/rss-specification)."""
    items = [
        E.item(
            E.title(card.headline),
            E.link(absolute(paper.origin, card.url)),
            E.guid(absolute(paper.origin, card.url), isPermaLink="true"),
            E.pubDate(format_datetime(card.published.astimezone(UTC))),
            E.category(card.section.title),
            E.description(card.standfirst),
        )
        for card in cards
    ]
    channel = E.channel(
        E.title(title),
        E.link(absolute(paper.origin, path)),
        E.description(paper.description),
        E.language(paper.language),
        E.lastBuildDate(format_datetime(_latest(cards, now))),
        *items,
    )
    return _xml(E.rss(channel, version="2.0"))


def atom(
    paper: PaperView, title: str, path: str, cards: Sequence[CardView], now: datetime
) -> bytes:
    """Atom 1.0 (RFC 4287)."""
    entries = [
        ATOM.entry(
            ATOM.title(card.headline),
            ATOM.id(absolute(paper.origin, card.url)),
            ATOM.link(href=absolute(paper.origin, card.url)),
            ATOM.published(card.published.isoformat()),
            ATOM.updated(card.published.isoformat()),
            ATOM.author(ATOM.name(card.byline or card.agency or paper.name)),
            ATOM.category(term=card.section.title),
            ATOM.summary(card.standfirst),
        )
        for card in cards
    ]
    feed = ATOM.feed(
        ATOM.title(title),
        ATOM.id(absolute(paper.origin, path)),
        ATOM.link(href=absolute(paper.origin, path)),
        ATOM.link(href=absolute(paper.origin, path) + "feed.atom", rel="self"),
        ATOM.updated(_latest(cards, now).isoformat()),
        *entries,
    )
    return _xml(feed)


def json_feed(
    paper: PaperView, title: str, path: str, cards: Sequence[CardView], now: datetime
) -> bytes:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""
    items = [
        {
            "id": absolute(paper.origin, card.url),
            "url": absolute(paper.origin, card.url),
            "title": card.headline,
            "content_text": card.standfirst,
            "date_published": card.published.isoformat(),
            "authors": [{"name": card.byline or card.agency or paper.name}],
            "tags": [card.section.title],
        }
        for card in cards
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": absolute(paper.origin, path),
        "feed_url": absolute(paper.origin, path) + "feed.json",
        "language": paper.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False).encode()


def sitemap(origin: str, rows: Sequence[tuple[str, datetime]]) -> bytes:
    """A sitemap (sitemaps.org protocol 0.9) of paths and when they last changed."""
    urls = [URLS.url(URLS.loc(absolute(origin, p)), URLS.lastmod(at.isoformat())) for p, at in rows]
    return _xml(URLS.urlset(*urls))


def sitemap_index(origin: str, paths: Sequence[str]) -> bytes:
    """The index of the sitemaps."""
    return _xml(URLS.sitemapindex(*[URLS.sitemap(URLS.loc(absolute(origin, p))) for p in paths]))


def news_sitemap(paper: PaperView, cards: Sequence[CardView]) -> bytes:
    """The last two days, as Google's news sitemap asks (sitemap-news 0.9)."""
    urls = [
        URLS.url(
            URLS.loc(absolute(paper.origin, card.url)),
            NEWS_TAGS.news(
                NEWS_TAGS.publication(
                    NEWS_TAGS.name(paper.name), NEWS_TAGS.language(paper.language[:2])
                ),
                NEWS_TAGS.publication_date(card.published.isoformat()),
                NEWS_TAGS.title(card.headline),
            ),
        )
        for card in cards
    ]
    return _xml(URLS.urlset(*urls))


def robots(origin: str) -> bytes:
    """robots.txt (RFC 9309)."""
    closed = ("/desk/", "/accounts/", "/account/", "/search", "/subscribe/", "/demo/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    lines += [f"Sitemap: {origin}/sitemap.xml", f"Sitemap: {origin}/news-sitemap.xml", ""]
    return "\n".join(lines).encode()
