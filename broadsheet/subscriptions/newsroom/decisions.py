"""Why was I stopped? What the gate decided about a reader or a report, and by which rule."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.log_actions import log

from broadsheet.desk.models import Paper
from broadsheet.subscriptions.codes import shown_code
from broadsheet.subscriptions.models import LOOKED, GateDecision
from broadsheet.subscriptions.newsroom.frame import page_of, screen, show, who
from broadsheet.subscriptions.reads.business.deciding import decision_rows
from broadsheet.subscriptions.reads.business.story import grant_rows
from broadsheet.subscriptions.reads.decisions import Found, find

LONGEST = 500


@screen("subscriptions.view_gatedecision")
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """Search by reader, by code, by report and time. Nothing is listed that was not asked for,
    and whoever looks at what somebody read is noted."""
    asked = {name: _typed(request, name) for name in ("q", "article", "until")}
    zone = ZoneInfo(Paper.load().time_zone)
    found = find(asked["q"], asked["article"], asked["until"], zone)
    is_asked = bool(asked["q"] or asked["article"])
    page = page_of(request, found.rows if is_asked else GateDecision.objects.none())
    rows = list(page.object_list)
    _note(request, found, rows)
    context = asked | {
        "page": page,
        "rows": decision_rows(rows, zone),
        "is_asked": is_asked,
        "problem": found.problem,
        "found": found,
        "code": shown_code(found.code),
        "grants": grant_rows(found.reader.grants.all()) if found.reader else [],
    }
    return show(request, "decisions", _("Why was I stopped?"), context, icon="help")


def _typed(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip()[:LONGEST]


def _note(request: HttpRequest, found: Found, rows: list[GateDecision]) -> None:
    """One line in the reports of the desk, about the reader, else the report, else the code."""
    about = found.reader or next(iter(found.articles), None) or next(iter(rows), None)
    if about is not None and (rows or found.reader):
        log(
            instance=about,
            action=LOOKED,
            user=who(request),
            data={"code": found.code, "articles": [article.pk for article in found.articles]},
        )
