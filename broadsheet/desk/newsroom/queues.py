"""The queues: one screen for all of them, with the next action on every row."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk.models import Section
from broadsheet.desk.newsroom.frame import crumbs, may_edit
from broadsheet.desk.reads.narrowing import Narrowed, narrowed
from broadsheet.desk.reads.paging import mixed_page
from broadsheet.desk.reads.queue_rows import QueueRow, rows_of
from broadsheet.desk.reads.queues import (
    ALL,
    MOST,
    QUEUES,
    Queue,
    count,
)
from broadsheet.desk.reads.rights import may
from broadsheet.kit import clock
from broadsheet.wire.models import Source


@dataclass(frozen=True, slots=True)
class Act:
    """What can be done with a row: a link, or a button that posts `choice`."""

    label: str
    url: str
    posts: bool = False
    choice: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row with where it leads and what the editor may do with it."""

    row: QueueRow
    url: str
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """A queue with how many wait in it."""

    name: str
    label: str
    url: str
    count: str
    current: bool


@may_edit
def incoming(request: HttpRequest) -> HttpResponse:
    """All that came in, the newest first."""
    return _screen(request, ALL)


@may_edit
def queue(request: HttpRequest, name: str) -> HttpResponse:
    """One queue; a name that is none is not found."""
    found = next((one for one in QUEUES if one.name == name), None)
    if found is None:
        raise Http404
    return _screen(request, found)


def _screen(request: HttpRequest, queue: Queue) -> HttpResponse:
    now, wanted = clock.now(), _wanted(request)
    rows = narrowed(queue, wanted, now)
    page = mixed_page(rows, request.GET.get("at", ""), rising=queue.rising)
    context = {
        "queue": queue,
        "lines": lines(request.user, queue, rows_of(queue, page.rows)),
        "page": page,
        "tabs": tabs(queue.name),
        "wanted": wanted,
        "day": request.GET.get("day", ""),
        "narrowed": wanted != Narrowed(),
        "sources": Source.objects.order_by("agency"),
        "sections": Section.objects.all(),
        "zone": timezone.get_current_timezone_name(),
        "here": request.get_full_path(),
        "header_title": str(queue.label),
        "header_icon": queue.icon,
        "breadcrumbs_items": crumbs(("", str(queue.label))),
    }
    return render(request, "desk/queue.html", context)


def _wanted(request: HttpRequest) -> Narrowed:
    asked = request.GET
    return Narrowed(
        source=asked.get("source", "")[:50],
        section=asked.get("section", "")[:50],
        words=asked.get("q", "").strip()[:100],
        day=_day(asked.get("day", "")),
    )


def _day(text: str) -> tuple[datetime, datetime] | None:
    """The bounds of a day in the paper's zone; None for what is no day."""
    try:
        day = date.fromisoformat(text)
        days = (datetime.combine(one, time.min) for one in (day, day + timedelta(days=1)))
        first, after = (timezone.make_aware(one) for one in days)
    except (ValueError, OverflowError):
        return None
    return first, after


def tabs(current: str = "") -> list[Tab]:
    """Every queue with its count: as many queries as the queues have kinds of rows."""
    now = clock.now()
    found = [Tab(ALL.name, str(ALL.label), reverse("desk_incoming"), "", current == ALL.name)]
    for one in QUEUES:
        url = reverse("desk_queue", args=[one.name])
        found.append(
            Tab(one.name, str(one.label), url, shown(count(one, now)), one.name == current)
        )
    return found


def shown(number: int) -> str:
    """A count as lists show it."""
    return f"{MOST}+" if number > MOST else str(number)


def lines(user: Any, queue: Queue, rows: list[QueueRow]) -> list[Line]:
    """The rows with their actions, by what the user may do in each row's section."""
    return [Line(row, _address(user, row), tuple(_acts(user, queue.name, row))) for row in rows]


def _address(user: Any, row: QueueRow) -> str:
    if row.article:
        own = may(user, "change", row.section_id)
        name = "wagtailsnippets_desk_article:edit" if own else "desk_log"
        return reverse(name, args=[row.article])
    if row.item:
        return reverse("desk_item", args=[row.item])
    return ""


def _acts(user: Any, queue: str, row: QueueRow) -> list[Act]:
    if row.fetch:
        return [_post(_("Read again"), "desk_replay", row.fetch)] * bool(
            user.has_perm("wire.change_fetch")
        )
    if row.request:
        decide = Act(_("Decide"), f"{reverse('desk_requests')}#asked-{row.request}", main=True)
        return [decide] * may(user, "withdraw", row.section_id)
    if row.article is None:
        return _item_acts(user, queue, row)
    acts = []
    if may(user, "publish", row.section_id):
        acts += _publishing_acts(queue, row)
    if row.likeness and may(user, "hold", row.section_id):
        acts.append(Act(_("Hold this one…"), reverse("desk_hold", args=[row.article])))
    if queue == "held" and may(user, "hold", row.section_id):
        acts.append(_post(_("Release"), "desk_release_hold", row.article))
    if row.notice and may(user, "change", row.section_id):
        acts.append(_post(_("Seen"), "desk_seen", row.notice))
    return acts


def _item_acts(user: Any, queue: str, row: QueueRow) -> list[Act]:
    if queue not in ("new", "later") or not may(user, "change", row.section_id):
        return []
    acts = [_post(_("Rework"), "desk_make_article", row.item)]
    if queue == "new" and may(user, "publish", row.section_id):
        acts.insert(0, _post(_("Publish now"), "desk_publish_item", row.item, main=True))
    return [*acts, _post(_("Discard"), "desk_discard", row.item)]


def _publishing_acts(queue: str, row: QueueRow) -> list[Act]:
    if row.likeness:
        settle = "desk_settle_likeness"
        return [
            _post(_("Keep both"), settle, row.likeness, "both", main=True),
            _post(_("Not the same story"), settle, row.likeness, "different"),
        ]
    if queue == "updates":
        difference = Act(
            _("Show the difference"), reverse("desk_compare", args=[row.article]), main=True
        )
        return [
            difference,
            _post(_("Take the wire's text"), "desk_compare", row.article, choice="theirs"),
        ]
    if queue == "stale":
        return [
            _post(_("Follow the wire"), "desk_release", row.article, "headline", main=True),
            _post(_("Keep ours"), "desk_keep_headline", row.article),
        ]
    return []


def _post(label: str, name: str, *args: Any, choice: str = "", main: bool = False) -> Act:
    return Act(label, reverse(name, args=list(args)), posts=True, choice=choice, main=main)
