"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from typing import Any

from broadsheet.kit.html import absolute
from broadsheet.look.parts import EnclosureView
from broadsheet.press.frame import Frame
from broadsheet.press.syndication.report import Listing, Report, told, type_of


def json_feed(listing: Listing, frame: Frame) -> bytes:
    """The feed. What was withdrawn is simply no longer in it."""
    paper = frame.paper
    front = absolute(paper.origin, listing.path)
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": listing.title,
        "description": listing.description,
        "home_page_url": front,
        "feed_url": front + "feed.json",
        "language": paper.language,
        "authors": [{"name": paper.name, "url": paper.origin + "/"}],
        "items": [_item(report, paper.origin, paper.name) for report in listing.reports],
    }
    if frame.hub:
        feed["hubs"] = [{"type": "WebSub", "url": frame.hub}]
    return json.dumps(feed, ensure_ascii=False).encode()


def _item(report: Report, origin: str, paper: str) -> dict[str, Any]:
    card = report.card
    item: dict[str, Any] = {
        "id": report.id,
        "url": report.url,
        "title": card.headline,
        "summary": report.summary,
        "content_html": told(report),
        "date_published": card.published.isoformat(),
        "authors": [{"name": a.title, "url": absolute(origin, a.url)} for a in report.authors]
        or [{"name": report.author or paper}],
        "tags": [card.section.title, *report.tags],
        "_broadsheet": _ours(report),
    }
    if report.changed:
        item["date_modified"] = report.updated.isoformat()
    if card.picture:
        item["image"] = address = absolute(origin, card.picture.src)
        item["attachments"] = [{"url": address, "mime_type": type_of(address)}]
    if played := [_attachment(enclosure) for enclosure in report.enclosures]:
        item["attachments"] = [*item.get("attachments", []), *played]
    return item


def _attachment(enclosure: EnclosureView) -> dict[str, Any]:
    stated = {"url": enclosure.url, "mime_type": enclosure.mime, "title": enclosure.title}
    size = {"size_in_bytes": enclosure.length} if enclosure.length else {}
    return {name: value for name, value in stated.items() if value} | size


def _ours(report: Report) -> dict[str, Any]:
    """What JSON Feed has no word for, as an extension (its section "Extensions")."""
    notices = [
        {"kind": notice.kind, "text": notice.text, "date": notice.at.isoformat()}
        for notice in report.notices
    ]
    ours: dict[str, Any] = {
        "disclosure": report.disclosure,
        "agency": report.card.agency,
        "credit": report.credit,
        "source": report.based_on,
        "notices": notices,
    }
    if report.card.picture:
        ours["picture_credit"] = report.card.picture.credit
        ours["picture_caption"] = report.card.picture.caption
    return {name: value for name, value in ours.items() if value}
