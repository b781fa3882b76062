"""The reader's partner benefits: claim one, see its code, ask to be told of new ones."""

from collections.abc import Callable
from typing import cast

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from broadsheet.accounts.models import User
from broadsheet.accounts.recent import sign_in_required
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import PartnerBenefit
from broadsheet.subscriptions.reads.benefits import benefits_of

RATE = "benefit"
"""Name of the rate in ACCOUNT_RATE_LIMITS."""


@never_cache
@login_required
@require_safe
def benefits(request: HttpRequest) -> HttpResponse:
    """What partners give this reader, what is held with its code, and what is over."""
    names = {
        "title": _("Partner benefits"),
        "benefits": benefits_of(cast(User, request.user), clock.now()),
    }
    return render(request, "subscriptions/benefits.html", names)


@never_cache
@sign_in_required("benefits")
@require_POST
def claim(request: HttpRequest, number: int) -> HttpResponse:
    """The reader takes a benefit; taking it again shows what there is."""
    benefit = get_object_or_404(PartnerBenefit, pk=number, kind=PartnerBenefit.CODES)
    said = _("It is yours. The code is below.")
    return _done(request, lambda: actions.claim(cast(User, request.user), benefit), said)


@never_cache
@sign_in_required("benefits")
@require_POST
def wish(request: HttpRequest, number: int) -> HttpResponse:
    """The reader wants a mail when there are codes again."""
    benefit = get_object_or_404(PartnerBenefit, pk=number)
    said = _("We write to you as soon as there are new codes.")
    return _done(request, lambda: actions.wish(cast(User, request.user), benefit), said)


@never_cache
@sign_in_required("benefits")
@require_POST
def forget_wish(request: HttpRequest, number: int) -> HttpResponse:
    """And does not want it any more."""
    benefit = get_object_or_404(PartnerBenefit, pk=number)
    said = _("We do not write to you about it.")
    return _done(request, lambda: actions.forget_wish(cast(User, request.user), benefit), said)


def _done(request: HttpRequest, act: Callable[[], object], said: str) -> HttpResponse:
    if not consume(request, action=RATE, user=request.user):
        messages.error(request, _("Too many tries. Please try again in an hour."))
        return redirect("benefits")
    try:
        act()
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
    else:
        messages.success(request, said)
    return redirect("benefits")
