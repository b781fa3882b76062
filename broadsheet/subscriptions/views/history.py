"""What a reader read, and how far: shown, deleted, switched off; asked and told by a script."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from broadsheet.accounts.models import User
from broadsheet.accounts.views import is_from_here, number_of
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.reads import history as reads

LARGEST = 2**15 - 1
"""Paragraphs that fit into a column (a smallint of PostgreSQL)."""


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest) -> HttpResponse:
    """What the reader read. POST `forget=NUMBER` or `forget_all=1` deletes, `keep=1` or `keep=0`
    switches it on or off."""
    reader = cast(User, request.user)
    if request.method == "POST":
        _change(request, reader)
        return redirect("history")
    view = reads.history_of(reader, min(1000, number_of(request.GET.get("page"))))
    context = {"title": _("What you read"), "history": view}
    return render(request, "subscriptions/history.html", context)


def _change(request: HttpRequest, reader: User) -> None:
    given = request.POST
    if given.get("keep") in ("0", "1"):
        actions.set_history(reader, keeps=given["keep"] == "1")
        told = _("Remembered from now on.") if given["keep"] == "1" else _(
            "Deleted. Nothing is remembered from now on."
        )  # fmt: skip
        messages.success(request, told)
    elif given.get("forget_all"):
        actions.forget_history(reader)
        messages.success(request, _("All of it is deleted."))
    elif number := number_of(given.get("forget")):
        actions.forget_history(reader, number)
        messages.success(request, _("Deleted."))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """Where the reader was in `article`: {"place": 12, "paragraphs": 40}, or 204 for nothing known.

    POST notes it. The pressed page that asks holds no token; where it comes from is looked at, as
    for saving a report (decision 14). Nobody who is not signed in is remembered.
    """
    if request.method == "POST" and not is_from_here(request):
        return HttpResponse(status=403)
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    if request.method == "POST":
        return _note(request, request.user)
    found = reads.place_in(request.user, number_of(request.GET.get("article")))
    if found is None:
        return HttpResponse(status=204)
    return JsonResponse({"place": found[0], "paragraphs": found[1]})


def _note(request: HttpRequest, reader: User) -> HttpResponse:
    article = number_of(request.POST.get("article"))
    paragraphs = number_of(request.POST.get("paragraphs"))
    said = request.POST.get("place")
    where = number_of(said)
    sound = said == "0" or where
    if not (article and sound and where < paragraphs <= LARGEST and reads.may_be_noted(article)):
        return HttpResponse(status=400)
    actions.note_place(reader, article, where, paragraphs)
    return HttpResponse(status=204)
