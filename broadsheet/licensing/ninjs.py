"""ninjs 3.0 (IPTC, ninjs-schema_3.0): one report as an object, many as a list under "items"."""

import json
from collections.abc import Sequence
from typing import Any

from broadsheet.kit import html
from broadsheet.licensing.report import LicensedReport
from broadsheet.press.syndication.report import type_of
from broadsheet.wire.media_topics import address_of

CONTENT_TYPE = "application/json"
STANDARD = {
    "name": "ninjs",
    "version": "3.0",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.0.json#",
}


def document(reports: Sequence[LicensedReport], *, next_address: str) -> bytes:
    """The list. ninjs has no word for one: "items", as many senders write it."""
    items = [item(report) for report in reports]
    return json.dumps({"items": items, "next": next_address}, ensure_ascii=False).encode()


def item(report: LicensedReport) -> dict[str, Any]:
    """One report. What may not be used has no text, and no headline either."""
    stated: dict[str, Any] = {
        "uri": report.uri,
        "standard": STANDARD,
        "type": "text",
        "representationType": "full" if report.view else "partial",
        "version": str(report.version),
        "versionCreated": report.at.isoformat(),
        "pubStatus": report.status,
        "edNote": report.note,
        "altIds": _other_ids(report),
    }
    return _without_gaps(stated | (_content(report) if report.view else {}))


def _without_gaps(stated: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stated.items() if value not in ("", [], None)}


def _other_ids(report: LicensedReport) -> list[dict[str, str]]:
    ids = [{"role": "web", "value": report.url}] if report.status != "canceled" else []
    return [*ids, {"role": "wire", "value": report.wire_id}] if report.wire_id else ids


def _content(report: LicensedReport) -> dict[str, Any]:
    view = report.view
    if view is None:
        return {}
    return {
        "firstCreated": view.card.published.isoformat(),
        "urgency": report.urgency,
        "language": report.language,
        "headlines": [{"role": "main", "value": view.card.headline}],
        "descriptions": _descriptions(report),
        "bodies": [
            {
                "role": "main",
                "contentType": "text/html",
                "wordCount": html.words(report.body),
                "value": report.body,
            }
        ],
        "by": report.by,
        "located": report.dateline,
        "subjects": [
            *(_topic(code, name) for code, name in view.topics.items()),
            *({"name": name} for name in report.names),
        ],
        "infoSources": _sources(report),
        "copyrightHolder": report.holder,
        "copyrightNotice": f"© {view.card.published.year} {report.holder}",
        "usageTerms": report.usage_terms,
        "embargoedUntil": report.embargo.isoformat() if report.embargo else None,
        "expires": report.expires.isoformat() if report.expires else None,
        "trustIndicators": [{"title": title, "href": href} for title, href in report.trust],
        "associations": _associations(report),
    }


def _topic(code: str, name: str) -> dict[str, str]:
    return {"uri": address_of(code)} | ({"name": name} if name else {})


def _descriptions(report: LicensedReport) -> list[dict[str, str]]:
    """Summary, disclosure and notices, each under its role: readers are to see the latter two."""
    view = report.view
    if view is None:
        return []
    told = [("summary", view.card.standfirst), ("disclosure", view.disclosure)]
    told += [(notice.kind, notice.text) for notice in view.notices]
    return [
        {"role": role, "contentType": "text/plain", "value": text} for role, text in told if text
    ]


def _sources(report: LicensedReport) -> list[dict[str, str]]:
    """Who wrote it, whose line is to stand below it, and who hands it over."""
    sources = [{"name": report.agency, "role": "originator"}] if report.agency else []
    if report.credit != report.agency:
        sources.append({"name": report.credit, "role": "credit"})
    ours = {"name": report.paper.name, "uri": report.paper.origin + "/", "role": "distributor"}
    return [*sources, ours]


def _associations(report: LicensedReport) -> list[dict[str, Any]]:
    picture = report.picture
    if picture is None:
        return []
    renditions = [
        {
            "name": name,
            "href": report.address_of(path),
            "contentType": type_of(path),
            **size,
        }
        for name, path, size in (
            ("main", picture.src, {"width": picture.width, "height": picture.height}),
            ("thumbnail", picture.square, {}),
        )
    ]
    association = {
        "name": "mainpicture",
        "uri": report.picture_id(),
        "type": "picture",
        "pubStatus": "usable",
        "by": picture.credit,
        "copyrightHolder": picture.credit,
        "usageTerms": report.picture_terms,
        "descriptions": [
            {"role": role, "value": text}
            for role, text in (("caption", picture.caption), ("alt", picture.alt))
            if text
        ],
        "renditions": renditions,
    }
    return [_without_gaps(association)]
