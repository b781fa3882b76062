"""All my data: what the paper holds about a reader, to take away."""

from typing import cast

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from broadsheet.accounts.adapter import paper_on_pages
from broadsheet.accounts.models import User
from broadsheet.accounts.recent import recent_sign_in_required
from broadsheet.kit import clock
from broadsheet.subscriptions import actions

LIMIT = "export"
"""The name of its rate in ACCOUNT_RATE_LIMITS."""


@never_cache
@login_required
@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """What is held, for how long, and the button."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200) -> HttpResponse:
    context = {"title": _("Your data")}
    return render(request, "subscriptions/own_data.html", context, status=status)


@never_cache
@require_POST
@recent_sign_in_required("own_data")
def export(request: HttpRequest) -> HttpResponseBase:
    """The ZIP."""
    if not consume(request, action=LIMIT):
        messages.error(request, _("You have taken your data several times. Try again in an hour."))
        return _page(request, 429)
    paper = paper_on_pages(request)
    name = f"{slugify(paper.name) or 'paper'}-{localtime(clock.now()):%Y-%m-%d}.zip"
    file = actions.export(cast(User, request.user), paper)
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
