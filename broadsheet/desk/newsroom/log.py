"""The log of one article, and the way back to what stood before a change."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from broadsheet.desk import actions
from broadsheet.desk.models import Article, Edit
from broadsheet.desk.newsroom.frame import attempt, back, crumbs, edit_url, may_edit, who
from broadsheet.desk.reads.log import log_of
from broadsheet.desk.reads.rights import may_change


@may_edit
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Every change of every field; whoever edits anything may read it."""
    article = get_object_or_404(
        Article.objects.select_related("section__title", "item__source"), pk=pk
    )
    own = may_change(request.user, article)
    found = log_of(article, request.GET.get("p"))
    context = {
        "article": article,
        "log": found,
        "page": found.page,
        "may_edit": own,
        "may_bring_back": may_change(request.user, article, "publish"),
        "header_title": _("Log: %(headline)s") % {"headline": article},
        "header_icon": "history",
        "breadcrumbs_items": crumbs(
            (edit_url(article) if own else "", str(article)), ("", _("Log"))
        ),
    }
    return render(request, "desk/log.html", context)


@may_edit
@require_POST
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """One field becomes what it was before a change."""
    edit = get_object_or_404(Edit.objects.select_related("article__section__title"), pk=pk)
    if not may_change(request.user, edit.article, "publish"):
        raise PermissionDenied
    attempt(
        request,
        lambda: actions.bring_back(edit, by=who(request)),
        _("What stood before is on the page again."),
    )
    return back(request, reverse("desk_log", args=[edit.article_id]))
