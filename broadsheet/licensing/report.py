"""A report as it goes to a licensee, before any format: what it says, whose it is, what holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Notice
from broadsheet.kit import html
from broadsheet.kit.html import absolute
from broadsheet.licensing.models import Change
from broadsheet.licensing.rules import Status, earliest, latest
from broadsheet.look.parts import PaperView, PictureView
from broadsheet.press.frame import CORRECTIONS, Frame
from broadsheet.press.reports import article_id, report_of
from broadsheet.press.structured import PRINCIPLES
from broadsheet.press.syndication import Report


@dataclass(frozen=True, slots=True)
class LicensedReport:
    """One state of one report. Only what is `usable` has a `view`, and so a text.

    `version` is the number of the change, `picture_terms` the usage terms of the picture in `view`,
    `note` what editors are to know, `wire_id` the agency's own id or "".
    """

    uri: str
    url: str
    version: int
    at: datetime
    status: Status
    paper: PaperView
    note: str
    wire_id: str = ""
    view: Report | None = None
    body: str = ""
    dateline: str = ""
    picture: PictureView | None = None
    picture_terms: str = ""
    language: str = ""
    credit: str = ""
    usage_terms: str = ""
    urgency: int = 4
    embargo: datetime | None = None
    expires: datetime | None = None

    @property
    def agency(self) -> str:
        """The agency whose report it is, or ""."""
        return self.view.card.agency if self.view else ""

    @property
    def by(self) -> str:
        """The byline, or ""."""
        return self.view.card.byline if self.view else ""

    @property
    def holder(self) -> str:
        """Whose the text is."""
        return self.agency or self.paper.name

    @property
    def names(self) -> list[str]:
        """What it is about in words alone: section and tags that no Media Topic says already."""
        if self.view is None:
            return []
        said = set(self.view.topics.values())
        return [n for n in (self.view.card.section.title, *self.view.tags) if n not in said]

    @property
    def trust(self) -> list[tuple[str, str]]:
        """Title and address of the pages that say by what rules the paper works."""
        wanted = (CORRECTIONS, *PRINCIPLES)
        return [
            (page.title, self.paper.origin + page.url)
            for page in self.paper.pages
            if page.url in wanted
        ]

    def picture_id(self) -> str:
        """The name of the picture as an item of its own."""
        return f"{self.uri}:picture"

    def address_of(self, path: str) -> str:
        """A path of ours as an address."""
        return absolute(self.paper.origin, path)


def licensed(change: Change, status: Status, frame: Frame) -> LicensedReport:
    """The report that a change left, in the state that the licensee is to know."""
    article = change.article
    uri, url = article_id(article, frame), absolute(frame.paper.origin, article.path or "/")
    wire_id = article.item.key if article.item else ""
    note = _note(article, status, frame)
    if status != "usable":
        return LicensedReport(
            uri, url, change.number, change.at, status, frame.paper, note, wire_id
        )
    view = report_of(article, frame)
    fields = article.basis.fields if article.basis else {}
    picture, terms = _picture(article, view)
    return LicensedReport(
        uri=uri,
        url=url,
        version=change.number,
        at=change.at,
        status=status,
        paper=frame.paper,
        note=note,
        wire_id=wire_id,
        view=view,
        body=_body(article, frame),
        dateline=article.dateline or str(fields.get("dateline") or ""),
        picture=picture,
        picture_terms=terms,
        language=str(fields.get("language") or "") or frame.paper.language,
        credit=view.credit or view.card.agency or frame.paper.name,
        usage_terms=str(fields.get("usage_terms") or ""),
        urgency=6 - view.card.news_value,
        embargo=latest((article.embargo_until, article.wire_embargo_until)),
        expires=earliest((article.expire_at, article.wire_expires)),
    )


def _body(article: Article, frame: Frame) -> str:
    """The whole text without pictures, whose rights are another matter; its links absolute."""
    text = html.without_pictures(article.full_body)
    return html.sanitise(text, base=frame.paper.origin + "/")


def _picture(article: Article, view: Report) -> tuple[PictureView | None, str]:
    """The picture, if it is ours to pass on, with its terms."""
    shown = article.shown_picture
    if shown is None or view.card.picture is None:
        return None, ""
    theirs = article.item.source.may_be_licensed_on if article.item else False
    if shown.from_wire and not theirs:
        return None, ""
    return view.card.picture, shown.terms


def _note(article: Article, status: Status, frame: Frame) -> str:
    """What the licensee's editors are to know: why it was taken back, or what was corrected."""
    wanted = {"canceled": ("withdrawal",), "withheld": ("hold",)}.get(
        status, ("correction", "clarification")
    )
    found = [f"{n.get_kind_display()}: {n.text}" for n in _of_kind(article.notices.all(), wanted)]
    if not found and status == "canceled":
        return _("Do not use this report any more.")
    if not found and status == "withheld":
        return _("Do not use this report for now.")
    return "\n".join(found if status == "usable" else found[:1])


def _of_kind(notices: Iterable[Notice], wanted: tuple[str, ...]) -> list[Notice]:
    return [notice for notice in notices if notice.kind in wanted and notice.stands]
