"""A report as feeds carry it, and a list of reports with an address: no Django model in sight.

A feed is made of a `Listing`: the paper, a section, and whatever else is a list of reports under an
address of its own.
"""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from broadsheet.look.parts import CardView, EnclosureView, LinkView, NoticeView

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a list changed that never held anything: a feed must name a moment (RFC 4287, 4.2.15)."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `text` is sanitised HTML that everybody may read; `whole`: there is no more.

    `id` is a tag URI (RFC 4151) that neither a new headline nor a new origin changes. `changed` is
    the last change that readers could see, or None. `credit` is the agency's own line, `based_on`
    the agency's address or id of the report. `topics` are codes of Media Topics with their names,
    `authors` those of ours whom the byline names, with their pages, `enclosures` sound and film of
    a report that everybody may read in full.
    """

    card: CardView
    id: str
    url: str
    summary: str
    text: str
    whole: bool
    disclosure: str
    notices: tuple[NoticeView, ...]
    changed: datetime | None
    credit: str
    based_on: str
    tags: tuple[str, ...]
    topics: Mapping[str, str] = field(default_factory=dict)
    authors: tuple[LinkView, ...] = ()
    enclosures: tuple[EnclosureView, ...] = ()

    @property
    def updated(self) -> datetime:
        """The last moment readers saw something new."""
        return max(self.card.published, self.changed or self.card.published)

    @property
    def author(self) -> str:
        """Who wrote it, as readers are told: the byline, else the agency, else ""."""
        return self.card.byline or self.card.agency

    @property
    def agency(self) -> str:
        """The agency, where somebody else is the author; else ""."""
        return self.card.agency if self.card.agency != self.author else ""


@dataclass(frozen=True, slots=True)
class Gone:
    """A report that was withdrawn: its id, when, and what readers are told."""

    id: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Reports under an address, the newest first. `path` ends in a slash; feeds stand below it."""

    title: str
    path: str
    description: str
    reports: tuple[Report, ...]
    gone: tuple[Gone, ...] = ()

    @property
    def updated(self) -> datetime:
        """When the list changed last."""
        moments = [r.updated for r in self.reports] + [g.at for g in self.gone]
        return max(moments, default=NEVER).astimezone(UTC)


def tag_of(authority: str, article: int, first: datetime) -> str:
    """The tag URI of an article (RFC 4151): whose it is, its first day, its number."""
    return f"tag:{authority},{first.astimezone(UTC):%Y-%m-%d}:article:{article}"


def told(report: Report) -> str:
    """What a feed shows of a report, as HTML: notices, text, the way to the rest, disclosure."""
    notices = format_html_join(
        "\n",
        '<p class="notice"><strong>{} ({}):</strong> {}</p>',
        ((n.label, formats.date_format(n.at, "DATETIME_FORMAT"), n.text) for n in report.notices),
    )
    parts = [notices, mark_safe(report.text)]  # noqa: S308
    if not report.whole:
        more = format_html('<p><a href="{}">{}</a></p>', report.url, _("Read the full report"))
        parts.append(more)
    if report.disclosure:
        parts.append(format_html('<p class="disclosure"><em>{}</em></p>', report.disclosure))
    return "\n".join(part for part in parts if part)


def type_of(address: str) -> str:
    """The media type of a picture, by the name of its file."""
    return mimetypes.guess_type(urlsplit(address).path)[0] or "image/jpeg"
