"""What the desk decides: withdrawals that a text asks for or that end, two reports of one story."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from broadsheet.desk import actions
from broadsheet.desk.forms import WithdrawalForm
from broadsheet.desk.models import Article, Likeness, WithdrawalRequest
from broadsheet.desk.newsroom.frame import (
    attempt,
    back,
    crumbs,
    edit_url,
    form_screen,
    may_edit,
    on_article,
    who,
)
from broadsheet.desk.reads.rights import may
from broadsheet.wire.models import Item

may_withdraw = permission_required("desk.withdraw_article", raise_exception=True)


@may_withdraw
def requests(request: HttpRequest) -> HttpResponse:
    """What texts of the wire ask to take back, the newest first, until the desk has decided."""
    waiting = WithdrawalRequest.objects.filter(settled_at=None).select_related(
        "version__item__source", "item__latest", "item__article"
    )
    context = {
        "page": Paginator(waiting, 50).get_page(request.GET.get("p")),
        "header_title": _("Asked to withdraw"),
        "breadcrumbs_items": crumbs(("", _("Asked to withdraw"))),
    }
    return render(request, "desk/requests.html", context)


def _section(item: Item | None) -> int | None:
    """Where a report stands or would stand; None where nobody knows which item is meant."""
    return actions.section_for(item) if item else None


@may_withdraw
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw what a text names, with a reason for readers, or let it stand.

    Only for those who may withdraw in the section of the article, if there is one.
    """
    found, choice = get_object_or_404(WithdrawalRequest, pk=pk), request.POST.get("choice")
    if choice not in ("withdraw", "stands"):
        return HttpResponseBadRequest(_("Choose whether the report is withdrawn or stands."))
    article = Article.objects.filter(item=found.item_id).first() if found.item_id else None
    section = article.section_id if article else _section(found.item)
    if not may(request.user, "withdraw", section):
        raise PermissionDenied
    confirm, reason = choice == "withdraw", request.POST.get("reason", "")[:2000]
    attempt(
        request,
        lambda: actions.settle_request(found, confirm=confirm, reason=reason, by=who(request)),
        _("The report is withdrawn.") if confirm else _("The report stands."),
    )
    return redirect("desk_requests")


@may_edit
@require_POST
def settle_likeness(request: HttpRequest, pk: int, verdict: str) -> HttpResponse:
    """Whether two reports are one story; for those who may publish where one of them stands."""
    found = get_object_or_404(Likeness, pk=pk)
    articles = Article.objects.filter(item__in=[found.item_id, found.like_id])
    sections: list[int | None] = [article.section_id for article in articles] or [None]
    if not any(may(request.user, "publish", section) for section in sections):
        raise PermissionDenied
    attempt(
        request,
        lambda: actions.settle_likeness(found, verdict, by=who(request)),
        _("Noted. Neither report stands in the way of the other any more."),
    )
    return back(request, reverse("desk_queue", args=["twice"]))


@on_article("withdraw")
def reinstate(request: HttpRequest, article: Article) -> HttpResponse:
    """Publish a withdrawn report again, with a reason that readers see."""
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt(
            request,
            lambda: actions.reinstate(article, form.cleaned_data["reason"], by=who(request)),
            _("The report is on the site again, with your reason."),
        )
        return redirect(edit_url(article))
    return form_screen(request, article, form, _("Publish again"), _("Publish it again"))


@may_withdraw
@require_POST
def readmit(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an article be made of what the wire withdrew and then released again."""
    item = get_object_or_404(Item, pk=pk)
    if not may(request.user, "withdraw", _section(item)):
        raise PermissionDenied
    attempt(request, lambda: actions.readmit(item), _("An article can be made of it again."))
    return redirect("desk_item", pk=pk)


ADDRESSES = [
    path("requests/", requests, name="desk_requests"),
    path("requests/<int:pk>/", settle, name="desk_settle_request"),
    path("likeness/<int:pk>/<slug:verdict>/", settle_likeness, name="desk_settle_likeness"),
    path("articles/<int:pk>/reinstate/", reinstate, name="desk_reinstate"),
    path("incoming/<int:pk>/readmit/", readmit, name="desk_readmit"),
]
