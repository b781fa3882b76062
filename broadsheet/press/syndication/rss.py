"""RSS 2.0 (rssboard.org/rss-specification), with Dublin Core, content and Media RSS."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree

from broadsheet.kit.html import absolute
from broadsheet.press.frame import Frame
from broadsheet.press.syndication.report import Listing, Report, told, type_of
from broadsheet.press.syndication.xml import ATOM, CONTENT, DC, DCTERMS, MEDIA, add, document

SPACES = {"atom": ATOM, "content": CONTENT, "dc": DC, "dcterms": DCTERMS, "media": MEDIA}


def rss(listing: Listing, frame: Frame) -> bytes:
    """The feed. What was withdrawn is simply no longer in it: RSS has no word for that."""
    paper = frame.paper
    root = etree.Element("rss", {"version": "2.0"}, nsmap=SPACES)
    channel = add(root, "channel")
    add(channel, "title", listing.title)
    add(channel, "link", absolute(paper.origin, listing.path))
    add(channel, "description", listing.description)
    add(channel, "language", paper.language)
    if listing.reports:
        add(channel, "lastBuildDate", _date(listing.updated))
    own = absolute(paper.origin, listing.path) + "feed.rss"
    add(channel, f"{{{ATOM}}}link", rel="self", href=own, type="application/rss+xml")
    if frame.hub:
        add(channel, f"{{{ATOM}}}link", rel="hub", href=frame.hub)
    for report in listing.reports:
        _item(add(channel, "item"), report, paper.origin)
    return document(root)


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))


def _item(item: Any, report: Report, origin: str) -> None:
    card = report.card
    add(item, "title", card.headline)
    add(item, "link", report.url)
    add(item, "guid", report.id, isPermaLink="false")
    add(item, "pubDate", _date(card.published))
    if report.changed:
        add(item, f"{{{DCTERMS}}}modified", report.updated.astimezone(UTC).isoformat())
    if report.author:
        add(item, f"{{{DC}}}creator", report.author)
    if report.agency:
        add(item, f"{{{DC}}}contributor", report.agency)
    if report.credit:
        add(item, f"{{{DC}}}rights", report.credit)
    if report.based_on:
        add(item, f"{{{DC}}}source", report.based_on)
    for tag in (card.section.title, *report.tags):
        add(item, "category", tag)
    add(item, "description", report.summary)
    add(item, f"{{{CONTENT}}}encoded", told(report))
    # One to an item: readers take the first, and the specification knows no second.
    for enclosure in report.enclosures[:1]:
        length = str(enclosure.length)
        add(item, "enclosure", url=enclosure.url, length=length, type=enclosure.mime)
    add_picture(item, report, origin)


def add_picture(item: Any, report: Report, origin: str) -> None:
    """The picture with its own credit inside it (Media RSS 1.5.1: media:content, media:credit)."""
    picture = report.card.picture
    if picture is None:
        return
    address = absolute(origin, picture.src)
    media = add(
        item, f"{{{MEDIA}}}content", url=address, medium="image", type=type_of(address),
        width=str(picture.width), height=str(picture.height),
    )  # fmt: skip
    for name, text in (
        ("credit", picture.credit),
        ("description", picture.caption),
        ("title", picture.alt),
    ):
        if text:
            add(media, f"{{{MEDIA}}}{name}", text)
