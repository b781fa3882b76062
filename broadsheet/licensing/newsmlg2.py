"""NewsML-G2 2.34 (IPTC): a newsMessage with one newsItem for each report, and for each picture.

The order of the elements is that of the XML Schema (NewsML-G2-Framework, ItemManagementGroup,
AdministrativeMetadataGroup, DescriptiveMetadataGroup).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import lxml.html
from lxml import etree

from broadsheet.licensing.report import LicensedReport
from broadsheet.look.parts import PaperView
from broadsheet.press.syndication.report import type_of
from broadsheet.press.syndication.xml import add
from broadsheet.press.syndication.xml import document as whole

CONTENT_TYPE = "application/vnd.iptc.g2.newsmessage+xml"
NAR = "http://iptc.org/std/nar/2006-10-01/"
XHTML = "http://www.w3.org/1999/xhtml"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CATALOG = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_40.xml"


def _n(parent: Any, name: str, text: str = "", /, **attributes: str) -> Any:
    return add(parent, f"{{{NAR}}}{name}", text, **attributes)


def document(
    reports: Sequence[LicensedReport], *, paper: PaperView, next_address: str, now: datetime
) -> bytes:
    """The message. `next_address` is where the next one is to be had."""
    root = etree.Element(f"{{{NAR}}}newsMessage", nsmap={None: NAR})
    header = _n(root, "header")
    _n(header, "sent", now.isoformat())
    _catalogs(header, paper)
    _n(header, "sender", paper.name)
    _n(header, "transmitId", next_address)
    items = _n(root, "itemSet")
    for report in reports:
        _report(items, report)
        if report.picture is not None:
            _picture(items, report)
    return whole(root)


def _catalogs(parent: Any, paper: PaperView) -> None:
    _n(parent, "catalogRef", href=CATALOG)
    catalog = _n(parent, "catalog")
    _n(catalog, "scheme", alias="paper", uri=f"{paper.origin}/licensed/roles/")


def _item(items: Any, report: LicensedReport, guid: str, language: str) -> Any:
    item = _n(
        items, "newsItem", guid=guid, version=str(report.version), standard="NewsML-G2",
        standardversion="2.34", conformance="power",
    )  # fmt: skip
    item.set(LANG, language or report.paper.language)
    _catalogs(item, report.paper)
    return item


def _report(items: Any, report: LicensedReport) -> None:
    item = _item(items, report, report.uri, report.language)
    if report.view:
        _rights(item, report.holder, report.view.card.published.year, report.usage_terms)
    _management(_n(item, "itemMeta"), report, "text")
    # What may not be used has no text, and no headline either.
    if report.view:
        _about(_n(item, "contentMeta"), report)
        _body(_n(item, "contentSet"), report)


def _rights(item: Any, holder: str, year: int, terms: str) -> None:
    rights = _n(item, "rightsInfo")
    _n(_n(rights, "copyrightHolder", literal=holder), "name", holder)
    _n(rights, "copyrightNotice", f"© {year} {holder}")
    if terms:
        _n(rights, "usageTerms", terms)


def _management(meta: Any, report: LicensedReport, nature: str) -> None:
    """itemMeta, in the order of ItemManagementGroup; its links come last."""
    _n(meta, "itemClass", qcode=f"ninat:{nature}")
    provider = _n(meta, "provider", uri=report.paper.origin + "/")
    _n(provider, "name", report.paper.name)
    _n(meta, "versionCreated", report.at.isoformat())
    if report.view:
        _n(meta, "firstCreated", report.view.card.published.isoformat())
    if report.embargo:
        _n(meta, "embargoed", report.embargo.isoformat())
    _n(meta, "pubStatus", qcode=f"stat:{report.status}")
    if report.note and nature == "text":
        _n(meta, "edNote", report.note)
    if report.view and report.view.notices and nature == "text":
        _n(meta, "signal", qcode="sig:correction")
    if report.expires:
        _n(meta, "expires", report.expires.isoformat())
    if nature == "picture":
        _n(meta, "link", rel="irel:seeAlso", residref=report.uri)
    else:
        _links(meta, report)


def _links(meta: Any, report: LicensedReport) -> None:
    if report.picture is not None:
        _n(meta, "link", rel="irel:seeAlso", residref=report.picture_id())
    if report.view:
        _n(meta, "link", rel="paper:web", href=report.url, contenttype="text/html")
        for title, href in report.trust:
            _n(_n(meta, "link", rel="paper:trust", href=href), "title", title)


def _about(content: Any, report: LicensedReport) -> None:
    """contentMeta: administrative metadata first, then what the text says."""
    view = report.view
    if view is None:
        return
    _n(content, "urgency", str(report.urgency))
    _n(content, "contentCreated", view.card.published.isoformat())
    _n(content, "contentModified", (view.changed or view.card.published).isoformat())
    if report.dateline:
        _n(_n(content, "located", literal=report.dateline), "name", report.dateline)
    for name in dict.fromkeys((report.agency or report.paper.name, report.credit)):
        _n(_n(content, "infoSource", literal=name), "name", name)
    if report.by:
        _n(_n(content, "creator", literal=report.by), "name", report.by)
    if report.wire_id:
        _n(content, "altId", report.wire_id, type="paper:wire")
    _n(content, "language", tag=report.language)
    for code, name in view.topics.items():
        subject = _n(content, "subject", qcode=code, type="cpnat:abstract")
        if name:
            _n(subject, "name", name)
    for name in report.names:
        _n(_n(content, "subject", literal=name), "name", name)
    _words(content, report)


def _words(content: Any, report: LicensedReport) -> None:
    view = report.view
    if view is None:
        return
    _n(content, "headline", view.card.headline)
    if report.dateline:
        _n(content, "dateline", report.dateline)
    if report.by:
        _n(content, "by", report.by)
    _n(content, "creditline", report.credit)
    if view.card.standfirst:
        _n(content, "description", view.card.standfirst, role="drol:summary")
    if view.disclosure:
        _n(content, "description", view.disclosure, role="paper:disclosure")
    for notice in view.notices:
        _n(content, "description", notice.text, role=f"paper:{notice.kind}")


def _body(contents: Any, report: LicensedReport) -> None:
    inline = _n(contents, "inlineXML", contenttype="application/xhtml+xml")
    page = etree.SubElement(inline, f"{{{XHTML}}}html", nsmap={None: XHTML})
    head = etree.SubElement(page, f"{{{XHTML}}}head")
    title = etree.SubElement(head, f"{{{XHTML}}}title")
    title.text = report.view.card.headline if report.view else ""
    page.append(_xhtml(report.body))


def _xhtml(body: str) -> Any:
    """Sanitised HTML as a body element in the XHTML namespace."""
    element = lxml.html.fragment_fromstring(body, create_parent="body")
    for part in element.iter():
        if isinstance(part.tag, str):
            part.tag = f"{{{XHTML}}}{part.tag}"
    return element


def _picture(items: Any, report: LicensedReport) -> None:
    picture, view = report.picture, report.view
    if picture is None or view is None:
        return
    item = _item(items, report, report.picture_id(), report.language)
    _rights(item, picture.credit, view.card.published.year, report.picture_terms)
    _management(_n(item, "itemMeta"), report, "picture")
    content = _n(item, "contentMeta")
    _n(_n(content, "creator", literal=picture.credit), "name", picture.credit)
    _n(content, "headline", picture.alt or view.card.headline)
    _n(content, "creditline", picture.credit)
    if picture.caption:
        _n(content, "description", picture.caption, role="drol:caption")
    contents = _n(item, "contentSet")
    for name, path, size in (
        ("rnd:highRes", picture.src, {"width": str(picture.width), "height": str(picture.height)}),
        ("rnd:thumbnail", picture.square, {}),
    ):
        _n(
            contents, "remoteContent", rendition=name, href=report.address_of(path),
            contenttype=type_of(path), **size,
        )  # fmt: skip
