"""The screen on which editors pick the day's premium reports."""

from datetime import date
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from broadsheet.desk import actions
from broadsheet.desk.models import Article, Paper
from broadsheet.desk.newsroom.frame import attempt, crumbs, may_edit, on_article, who
from broadsheet.desk.reads.premium import premium_day
from broadsheet.kit import clock


@may_edit
def premium(request: HttpRequest) -> HttpResponse:
    """A day's premium reports, the promise, and what could be picked; today unless one is asked."""
    now = clock.now()
    today = now.astimezone(ZoneInfo(Paper.load().time_zone)).date()
    try:
        day = min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        day = today
    context = {
        "premium": premium_day(day, now),
        "may_pick": request.user.has_perm("desk.publish_article"),
        "header_title": _("Premium"),
        "breadcrumbs_items": crumbs(("", _("Premium"))),
        "header_icon": "pick",
    }
    return render(request, "desk/premium.html", context)


@require_POST
@on_article("publish")
def pick(request: HttpRequest, article: Article) -> HttpResponse:
    """Pick a report as premium, or put it back; only in sections where the editor publishes."""
    back = "back" in request.POST
    action = actions.put_back if back else actions.pick
    done = _("It has the access it had before.") if back else _("Picked: it is premium now.")
    attempt(request, lambda: action(article, by=who(request)), done)
    day = request.POST.get("day", "")
    return redirect(f"{reverse('desk_premium')}?day={day}" if day else "desk_premium")
