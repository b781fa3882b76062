"""What came in, newest first, with what became of it: the desk's first screen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from broadsheet.desk.models import Article, Edit
from broadsheet.desk.wording import reason_text
from broadsheet.wire.models import Item, Status

PAGE = 50

QUEUES = ("all", "waiting", "updates", "stale", "withdrawn")
"""Queues are queries, not places (wire.md, section 6)."""


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """One item as the list shows it. `tone` colours the status: good, quiet, warn or bad."""

    item: int
    article: int | None
    headline: str
    source: str
    received: datetime
    version: int
    status: str
    tone: str
    published: bool
    path: str
    reasons: tuple[str, ...]
    note: str


def items(queue: str = "all", source: str = "", query: str = "") -> QuerySet[Item]:
    """Items of a queue, newest first; two joins, however many items there are."""
    found = Item.objects.select_related("latest", "source", "article", "intake")
    match queue:
        case "waiting":
            found = found.filter(article=None).exclude(status=Status.CANCELED)
        case "updates":
            found = found.filter(article__waiting__isnull=False)
        case "stale":
            found = found.filter(article__headline__isnull=False, latest__number__gt=1)
        case "withdrawn":
            found = found.filter(Q(status=Status.CANCELED) | Q(article__withdrawn_at__isnull=False))
    if source:
        found = found.filter(source__name=source)
    if query:
        found = found.filter(
            Q(article__search_text__contains=query.casefold())
            | Q(latest__fields__headline__icontains=query)
        )
    return found.exclude(latest=None).order_by("-latest__received_at", "-latest__sequence")


def row(item: Item) -> IncomingRow:
    """An item as a row."""
    article: Article | None = getattr(item, "article", None)
    intake = getattr(item, "intake", None)
    status, tone = _status(item, article)
    latest: Any = item.latest
    return IncomingRow(
        item=item.pk,
        article=article.pk if article else None,
        headline=(article.shown_headline if article else "") or latest.headline or item.key,
        source=item.source.agency,
        received=latest.received_at,
        version=latest.number,
        status=status,
        tone=tone,
        published=bool(article and article.live and not article.withdrawn_at and not article.held),
        path=article.path if article and article.path else "",
        reasons=tuple(map(reason_text, intake.reasons)) if intake and not article else (),
        note=_note(article),
    )


def _status(item: Item, article: Article | None) -> tuple[str, str]:
    if item.status == Status.CANCELED or (article and article.withdrawn_at):
        return pgettext("status", "withdrawn"), "bad"
    if article is None:
        return pgettext("status", "waits for the desk"), "warn"
    if article.held:
        return pgettext("status", "held"), "bad"
    if article.waiting_id:
        return pgettext("status", "update waits"), "warn"
    if not article.live:
        return pgettext("status", "draft"), "quiet"
    return pgettext("status", "published"), "good"


def _note(article: Article | None) -> str:
    if article is None or article.withdrawn_at:
        return ""
    words = {
        "headline": _("headline"), "standfirst": _("summary"), "picture": _("picture"),
        "body": _("body"),
    }  # fmt: skip
    owned = [words[field] for field in words if field in article.owned]
    return _("ours: %(fields)s") % {"fields": ", ".join(owned)} if owned else ""


@dataclass(frozen=True, slots=True)
class WireBeside:
    """The wire's present text beside a field that staff took over."""

    field: str
    label: str
    ours: str
    wire: str
    moved: bool


def beside(article: Article) -> tuple[WireBeside, ...]:
    """For each text field in staff's hands: the wire's newest text, and whether it moved since."""
    newest = article.item.latest if article.item else None
    if newest is None:
        return ()
    found = []
    for field, label in (("headline", _("Headline")), ("standfirst", _("Standfirst"))):
        ours = getattr(article, field)
        if ours is not None:
            wire = str(newest.fields.get(field, ""))
            found.append(WireBeside(field, label, ours, wire, wire != _then(article, field)))
    return tuple(found)


def _then(article: Article, field: str) -> str | None:
    """The wire's text when staff last took the field over."""
    edits = Edit.objects.filter(article=article, field=field, after__isnull=False)
    edit = edits.select_related("basis").order_by("-id").first()
    return str(edit.basis.fields.get(field, "")) if edit and edit.basis else None
