"""Atom 1.0 (RFC 4287), with Media RSS, and tombstones of what was withdrawn (RFC 6721)."""

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from broadsheet.kit.html import absolute
from broadsheet.press.frame import Frame
from broadsheet.press.syndication.report import Gone, Listing, Report, told
from broadsheet.press.syndication.rss import add_picture
from broadsheet.press.syndication.xml import ATOM, MEDIA, TOMBSTONES, add, document

SPACES = {None: ATOM, "media": MEDIA, "at": TOMBSTONES}


def _a(parent: Any, name: str, text: str = "", /, **attributes: str) -> Any:
    return add(parent, f"{{{ATOM}}}{name}", text, **attributes)


def atom(listing: Listing, frame: Frame) -> bytes:
    """The feed. A correction moves `updated` of its report; a withdrawn one is named as gone."""
    paper = frame.paper
    front = absolute(paper.origin, listing.path)
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap=SPACES)
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", paper.language)
    _a(feed, "title", listing.title)
    _a(feed, "subtitle", listing.description)
    _a(feed, "id", front)
    _a(feed, "link", rel="alternate", type="text/html", href=front)
    _a(feed, "link", rel="self", type="application/atom+xml", href=front + "feed.atom")
    if frame.hub:
        _a(feed, "link", rel="hub", href=frame.hub)
    _a(feed, "updated", _date(listing.updated))
    _a(_a(feed, "author"), "name", paper.name)
    for report in listing.reports:
        _entry(_a(feed, "entry"), report, paper.origin)
    for gone in listing.gone:
        _tombstone(feed, gone)
    return document(feed)


def _date(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _entry(entry: Any, report: Report, origin: str) -> None:
    card = report.card
    _a(entry, "title", card.headline)
    _a(entry, "id", report.id)
    _a(entry, "link", rel="alternate", type="text/html", href=report.url)
    if report.based_on.startswith(("http://", "https://")):
        _a(entry, "link", rel="via", href=report.based_on)
    _a(entry, "published", _date(card.published))
    _a(entry, "updated", _date(report.updated))
    for link in report.authors:
        person = _a(entry, "author")
        _a(person, "name", link.title)
        _a(person, "uri", absolute(origin, link.url))
    if report.author and not report.authors:
        _a(_a(entry, "author"), "name", report.author)
    if report.agency:
        _a(_a(entry, "contributor"), "name", report.agency)
    if report.credit:
        _a(entry, "rights", report.credit)
    for tag in (card.section.title, *report.tags):
        _a(entry, "category", term=tag)
    _a(entry, "summary", report.summary)
    _a(entry, "content", told(report), type="html")
    for enclosure in report.enclosures:
        told_length = {"length": str(enclosure.length)} if enclosure.length else {}
        _a(entry, "link", rel="enclosure", type=enclosure.mime, href=enclosure.url, **told_length)
    add_picture(entry, report, origin)


def _tombstone(feed: Any, gone: Gone) -> None:
    """RFC 6721, section 3: which one, since when, and why."""
    entry = add(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=gone.id, when=_date(gone.at))
    if gone.reason:
        add(entry, f"{{{TOMBSTONES}}}comment", gone.reason)
