"""Buying a gift subscription: choose, say for whom, pay, and look after it until it is redeemed."""

import re
from typing import NamedTuple
from urllib.parse import urlencode

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from broadsheet.accounts.models import User
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.models import Seller
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import GiftForm
from broadsheet.subscriptions.models import GiftSubscription, Plan, PlanVersion
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.reads.gifts.shown import gift_path
from broadsheet.subscriptions.reads.offers import compared, offer, offers, shared_benefits
from broadsheet.subscriptions.reads.proposals import ordinary
from broadsheet.subscriptions.reads.taxes import is_asked_where, reader_tax
from broadsheet.subscriptions.views.connected import in_words

RATE = "gift"
"""Name of the rate of gifts on their way to be paid in ACCOUNT_RATE_LIMITS."""
TOKEN = re.compile(r"[\w-]{20,40}", re.ASCII)


class Problem(NamedTuple):
    """Why the payment cannot begin: what the buyer is told, and the status of the answer."""

    words: str
    status: int = 409


@never_cache
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """What can be given: plans for one reader, each for its length, at its ordinary price."""
    found = compared([o for o in offers(get_language() or "en", ordinary) if not o.readers])
    context = {
        "title": _("Give a subscription"),
        "offers": found,
        "benefits": shared_benefits(found),
    }
    return render(request, "subscriptions/gift_plans.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """One plan: what it costs with tax, for whom it is; a POST leads to pay it."""
    plan = get_object_or_404(Plan, slug=slug)
    version = plan.current if plan.on_sale else None
    if version is None or not version.can_be_given:
        messages.info(request, _("This plan is no longer offered. Nothing was charged."))
        return redirect("gift_plans")
    reader = request.user if request.user.is_authenticated else None
    if Seller.current().asks_where and (reader is None or is_asked_where(reader)):
        return _asked_where(request, reader)
    form = GiftForm(request.POST or None, has_account=reader is not None)
    problem = None
    if request.method == "POST" and form.is_valid():
        begun = _begin(request, reader, version, form)
        if isinstance(begun, HttpResponse):
            return begun
        problem = begun
    return _shown(request, reader, version, form, problem)


def _asked_where(request: HttpRequest, reader: User | None) -> HttpResponse:
    """The tax goes by the buyer's place: that is asked of an account."""
    name = "account_signup" if reader is None else "billing"
    messages.info(request, _("First a word on where you are: the tax goes by it."))
    return redirect(f"{reverse(name)}?{urlencode({'next': request.path})}")


def _shown(
    request: HttpRequest, reader: User | None, version: PlanVersion, form: GiftForm,
    problem: Problem | None,
) -> HttpResponse:  # fmt: skip
    language = get_language() or "en"
    view = offer(ordinary(version), language)
    token = request.POST.get("token", "")
    context = {
        "title": _("Give %(plan)s") % {"plan": view.name},
        "offer": view,
        "tax": reader_tax(version, reader, language) if reader else view.tax,
        "form": form,
        "version": version.pk,
        "token": token if TOKEN.fullmatch(token) else new_key(),
        "problem": problem and problem.words,
        "has_account": reader is not None,
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "subscriptions/gift_form.html", context, status=status)


def _begin(
    request: HttpRequest, reader: User | None, version: PlanVersion, form: GiftForm
) -> HttpResponse | Problem:
    """Off to the gateway, or why not."""
    token = request.POST.get("token", "")
    if request.POST.get("version") != str(version.pk) or not TOKEN.fullmatch(token):
        return Problem(_("The price of this plan has just changed. Please look at it once more."))
    if not gateways.is_connected():
        return Problem(_("Gifts cannot be paid at the moment. Nothing was charged."), 503)
    if not consume(request, action=RATE):
        often = _("Many gifts were begun from your network within the hour.")
        return Problem(f"{often} {_('Nothing was charged. Please try again in an hour.')}", 429)
    wish = actions.GiftWish(version=version, token=token, buyer=reader, **form.cleaned_data)
    try:
        gift = actions.open_gift(gateways.gateway(), wish)
    except GatewaySilent:
        silent = _("The payment service does not answer. Nothing was charged. Please try again.")
        return Problem(silent, 503)
    except Refusal as refusal:
        return Problem(in_words(refusal))
    paid = gift.state == GiftSubscription.PAID
    return redirect(gift_path(gift) if paid else gift.url)
