"""Redeeming a gift: the code, then what it would open and from when, then the act itself.

Nothing is redeemed by opening a link. A wrong code says the same whatever it is, and only wrong
ones count, so that guessing ends soon and nobody else is stopped.
"""

from urllib.parse import urlencode

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from broadsheet.accounts.models import User
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.passes import set_pass
from broadsheet.subscriptions.reads.gifts.redeeming import gift_of_code, is_redeemed_by, redeem_view

KEPT = "gift_code"
"""Where the session has the code, and the name of the rate of wrong ones in ACCOUNT_RATE_LIMITS."""
LONGEST = 80


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def redeem(request: HttpRequest) -> HttpResponse:
    """Ask for the code; with a right one in the session, ask whether to redeem it."""
    if request.method == "POST":
        return _take(request)
    kept = request.session.get(KEPT, "")
    typed = request.GET.get("code", "")[:LONGEST]
    if kept and request.user.is_authenticated and typed in ("", kept):
        try:
            return _offered(request, request.user, gift_of_code(kept), kept)
        except Refusal as refusal:
            request.session.pop(KEPT, None)
            return _asked(request, "", f"{refusal.problem} {refusal.remedy}")
    return _asked(request, typed or kept)


def _asked(request: HttpRequest, code: str, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"title": _("Redeem a gift"), "code": code, "problem": problem}
    return render(request, "subscriptions/gift_code.html", context, status=status)


def _offered(
    request: HttpRequest, reader: User, gift: GiftSubscription, code: str, problem: str = ""
) -> HttpResponse:
    context = {
        "title": _("Redeem a gift"), "gift": redeem_view(reader, gift), "code": code,
        "problem": problem,
    }  # fmt: skip
    status = 409 if problem else 200
    return render(request, "subscriptions/gift_redeem.html", context, status=status)


def _take(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("code", "").strip()[:LONGEST]
    if not code:
        return _asked(request, "", _("Please type the code of your gift."), 422)
    if not consume(request, action=KEPT, dry_run=True):
        words = _("Too many codes were wrong. Please try again in an hour.")
        return _asked(request, "", words, 429)
    reader = request.user
    if "seal" in request.POST and reader.is_authenticated and is_redeemed_by(reader, code):
        return redirect("own_gifts")  # The second click of two: the first one said all.
    try:
        gift = gift_of_code(code)
    except Refusal as refusal:
        consume(request, action=KEPT)
        request.session.pop(KEPT, None)
        return _asked(request, code, f"{refusal.problem} {refusal.remedy}", 422)
    if not request.user.is_authenticated:
        request.session[KEPT] = code
        words = _("The code is right: %(plan)s. First your e-mail address, then it is yours.")
        messages.info(request, words % {"plan": gift.version.plan.name})
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': request.path})}")
    if "seal" not in request.POST:
        request.session[KEPT] = code
        return _offered(request, request.user, gift, code)
    return _redeem(request, request.user, gift, code)


def _redeem(request: HttpRequest, reader: User, gift: GiftSubscription, code: str) -> HttpResponse:
    try:
        redeemed = actions.redeem_gift(reader, code, request.POST["seal"])
    except Refusal as refusal:
        return _again(request, reader, code, f"{refusal.problem} {refusal.remedy}")
    request.session.pop(KEPT, None)
    words = _("%(plan)s is yours. A mail says from when until when.")
    messages.success(request, words % {"plan": redeemed.version.plan.name})
    response = redirect("own_gifts")
    set_pass(response, reader)
    return response


def _again(request: HttpRequest, reader: User, code: str, problem: str) -> HttpResponse:
    """Something changed since it was shown: show it as it is now, or why it is over."""
    try:
        return _offered(request, reader, gift_of_code(code), code, problem)
    except Refusal:
        request.session.pop(KEPT, None)
        return _asked(request, "", problem, 409)
