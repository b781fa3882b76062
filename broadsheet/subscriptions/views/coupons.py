"""A coupon's code: typed before a plan is chosen or beside its price, and kept in the session."""

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from broadsheet.accounts.models import User
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.models import Coupon, PlanVersion
from broadsheet.subscriptions.reads.coupons import (
    coupon_of,
    coupon_text,
    named_plans,
    with_coupon,
)
from broadsheet.subscriptions.reads.proposals import Proposal, proposer
from broadsheet.subscriptions.views.wanted import wanted, with_next

KEPT = "coupon"
"""Where the session has the code, and the name of the rate of wrong ones in ACCOUNT_RATE_LIMITS."""


@never_cache
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Take up the code for the plans looked at from now on; without a code put it away.

    Only wrong codes count, so that guessing ends soon and nobody else is stopped.
    """
    back, slug = wanted(request), slugify(request.POST.get("plan", ""))
    code = request.POST.get("code", "").replace("\0", "").strip()
    request.session.pop(KEPT, None)
    if code and not consume(request, action=KEPT, dry_run=True):
        messages.error(request, _("Too many codes were wrong. Please try again in an hour."))
    elif code:
        _take_up(request, code)
    return redirect(
        with_next(reverse("choose", args=[slug]) if slug else reverse("subscribe"), back)
    )


def _take_up(request: HttpRequest, code: str) -> None:
    try:
        coupon = coupon_of(code)
    except Refusal as refusal:
        consume(request, action=KEPT)
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return
    request.session[KEPT] = coupon.code
    told, plans = coupon_text(coupon, get_language() or "en"), ", ".join(named_plans(coupon))
    messages.success(request, f"{told}, {plans}." if plans else f"{told}.")


def proposed(
    request: HttpRequest, reader: User | None, version: PlanVersion
) -> tuple[Proposal, str]:
    """What is proposed with the session's code; and what the coupon does, or why it does not."""
    offered, code = proposer(reader)(version), request.session.get(KEPT)
    coupon = Coupon.objects.filter(code=code).first() if code else None
    if coupon is None:
        return offered, ""
    try:
        return with_coupon(offered, coupon, reader), coupon_text(coupon, get_language() or "en")
    except Refusal as refusal:
        return offered, f"{coupon}: {refusal.problem} {refusal.remedy}"


def are_there_coupons() -> bool:
    """Whether a field for a code is of any use."""
    return bool(Coupon.objects.filter(active=True).exists())
