"""What leaves the paper for machines: feeds and sitemaps. Nothing gated ever reaches them."""

from broadsheet.press.syndication.atom import atom
from broadsheet.press.syndication.jsonfeed import json_feed
from broadsheet.press.syndication.report import Gone, Listing, Report, tag_of, told
from broadsheet.press.syndication.rss import rss
from broadsheet.press.syndication.sitemaps import (
    MOST,
    MapRow,
    news_sitemap,
    sitemap,
    sitemap_index,
)

__all__ = [
    "MOST",
    "Gone",
    "Listing",
    "MapRow",
    "Report",
    "atom",
    "json_feed",
    "news_sitemap",
    "rss",
    "sitemap",
    "sitemap_index",
    "tag_of",
    "told",
]
