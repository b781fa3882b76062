"""The pass, and the page that will sell (it invites to register until plans exist)."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from broadsheet.gate import passes
from broadsheet.subscriptions import reads
from broadsheet.subscriptions.passes import set_pass


@never_cache
def renew_pass(request: HttpRequest) -> HttpResponse:
    """For the gate alone (it never lets outsiders through to /-/): a fresh pass, or 401."""
    token = passes.gate_token(settings.SECRET_KEY.encode())
    asked_by_gate = hmac.compare_digest(request.headers.get("x-broadsheet-gate", ""), token)
    if not asked_by_gate or not request.user.is_authenticated:
        return HttpResponse(status=401)
    response = HttpResponse(status=200)
    set_pass(response, request.user)
    return response


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What the reader has: sign-in data, free articles a month, entitlements."""
    context = {
        "title": _("Your account"),
        "limit": reads.policy().free_registered,
        "reads_used": None,
    }
    return render(request, "accounts/account.html", context)


def subscribe(request: HttpRequest) -> HttpResponse:
    """No plans yet: a reader who wants more registers."""
    return redirect("account" if request.user.is_authenticated else "account_signup")
