"""The price list, the offer, the way to the gateway's page and back to the wanted article."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.money import show
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Plan, SalesPolicy
from broadsheet.subscriptions.passes import set_pass
from broadsheet.subscriptions.reads import policy
from broadsheet.subscriptions.reads.account import brought_along, is_bound, live_subscription
from broadsheet.subscriptions.reads.coupons import opened_free
from broadsheet.subscriptions.reads.gifts.shown import gift_lasts
from broadsheet.subscriptions.reads.groups import memberships
from broadsheet.subscriptions.reads.offers import (
    OfferView,
    offer,
    offers,
    renewing,
    shared_benefits,
)
from broadsheet.subscriptions.reads.pausing import pause_view
from broadsheet.subscriptions.reads.proposals import Proposal, proposer
from broadsheet.subscriptions.reads.taxes import is_asked_where, reader_tax
from broadsheet.subscriptions.trials import first_charge_at
from broadsheet.subscriptions.views.connected import in_words
from broadsheet.subscriptions.views.coupons import are_there_coupons, proposed
from broadsheet.subscriptions.views.wanted import wanted, with_next
from broadsheet.subscriptions.wording import account_sentence


@never_cache
@require_safe
def subscribe(request: HttpRequest) -> HttpResponse:
    """The price list."""
    next_ = wanted(request)
    reader = request.user if request.user.is_authenticated else None
    live = live_subscription(reader) if reader else None
    plans = offers(get_language() or "en", proposer(reader))
    context = {
        "title": _("Subscribe"),
        "offers": plans,
        "benefits": shared_benefits(plans),
        "renewing": renewing(plans),
        "coupons": are_there_coupons(),
        "promise": SalesPolicy.current().promise,
        "next_page": next_,
        "next_quoted": quote(next_, safe="/"),
        "has_subscription": reader is not None and is_bound(reader),
        "may_change": live is not None and live.version.renews,
        "pause": pause_view(live, clock.now()) if live else None,
        "account": account_sentence(policy().free_registered, policy().rules()),
    }
    return render(request, "subscriptions/subscribe.html", context)


@never_cache
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """One offer before the payment: what it costs, what happens next. A POST leads to pay it.

    Readers without an account give their e-mail address first and come back here.
    """
    next_ = wanted(request)
    plan = get_object_or_404(Plan, slug=slug)
    version = plan.current if plan.on_sale else None
    if version is None:
        messages.info(request, _("This plan is no longer offered. Nothing was charged."))
        return redirect(with_next(reverse("subscribe"), next_))
    reader = request.user if request.user.is_authenticated else None
    proposal, coupon = proposed(request, reader, version)
    if reader is None:
        return _sign_up_first(request, proposal, next_)
    if is_bound(reader):
        return redirect("change_plan_to", slug)
    if is_asked_where(reader):
        return redirect(with_next(reverse("billing"), with_next(request.path, next_)))
    problem = None
    if request.method == "POST":
        begun = _begin(request, reader, proposal, next_)
        if isinstance(begun, HttpResponse):
            return begun
        problem = begun
    facts = {"coupon": coupon, "next_page": next_, "problem": problem and problem.words}
    context = _before_paying(reader, proposal) | facts
    status = problem.status if problem else 200
    return render(request, "subscriptions/choose.html", context, status=status)


def _sign_up_first(request: HttpRequest, proposal: Proposal, next_: str) -> HttpResponse:
    view = offer(proposal, get_language() or "en")
    words = _("You chose %(plan)s, %(price)s. First your e-mail address, then the payment.")
    messages.info(request, words % {"plan": view.name, "price": _first_words(view)})
    here = with_next(request.path, next_)
    return redirect(f"{reverse('account_signup')}?{urlencode({'next': here})}")


def _first_words(view: OfferView) -> str:
    """What is paid today, or after a trial."""
    if not view.trial:
        return view.today
    words = _("%(trial)s, then %(price)s %(every)s")
    facts = {"trial": view.trial, "price": view.price, "every": view.every}
    if view.first:
        facts |= {"price": view.first, "every": view.first_for}
    return words % facts


def _before_paying(reader: User, proposal: Proposal) -> dict[str, object]:
    """The offer with the reader's own tax, what a coupon made of it, and what is paid already."""
    version, language = proposal.version, get_language() or "en"
    reduced = proposal.coupon is not None
    tax = reader_tax(version, reader, language, within=reduced)
    view = replace(offer(proposal, language), tax=tax)
    return {
        "title": view.name, "offer": view, "version": proposal.seal, "reduced": reduced,
        "free": proposal.free, "coupons": are_there_coupons(),
        "no_intro": version.intro is not None and not proposal.opening,
        "first_charge": _first_charge(proposal), "first_sum": show(proposal.first, language),
        "no_trial": bool(version.trial_days and not proposal.trial),
        "brought": brought_along(reader), "gift_until": gift_lasts(reader),
        "memberships": memberships(reader),
    }  # fmt: skip


def _first_charge(proposal: Proposal) -> datetime | None:
    """The day of the first charge, in the paper's zone, for whoever agrees now to a trial."""
    if not proposal.trial:
        return None
    wait = gateways.gateway().trial_wait if gateways.is_connected() else timedelta()
    due = first_charge_at(clock.now(), proposal.trial, wait)
    return due.astimezone(ZoneInfo(Paper.load().time_zone))


class Problem(NamedTuple):
    """Why the payment cannot begin: what the reader is told, and the status of the answer."""

    words: str
    status: int = 409


def _begin(
    request: HttpRequest, reader: User, proposal: Proposal, next_: str
) -> HttpResponse | Problem:
    """Off to the gateway, or why not."""
    if request.POST.get("version") != proposal.seal:
        if opened_free(reader, proposal.version):
            return redirect(next_ or "account")  # The second click of two.
        return Problem(_("The price of this plan has just changed. Please look at it once more."))
    if proposal.free:
        return _redeem(request, reader, proposal, next_)
    if not gateways.is_connected():
        return Problem(_("Subscriptions cannot be paid at the moment. Nothing was charged."), 503)
    try:
        provider = gateways.gateway()
        checkout = actions.open_checkout(
            provider, reader, proposal.version, next_, seen=proposal.seal, coupon=proposal.coupon
        )
    except GatewaySilent:
        silent = _("The payment service does not answer. Nothing was charged. Please try again.")
        return Problem(silent, 503)
    except Refusal as refusal:
        return Problem(in_words(refusal))
    if checkout.state == Checkout.PAID:
        return redirect("subscribe_return", key=checkout.key)
    return redirect(checkout.url)


def _redeem(
    request: HttpRequest, reader: User, proposal: Proposal, next_: str
) -> HttpResponse | Problem:
    """Nothing is to be paid: opened at once, and back to the wanted page."""
    assert proposal.coupon is not None
    try:
        actions.redeem(reader, proposal.version, proposal.coupon, seen=proposal.seal)
    except Refusal as refusal:
        return Problem(str(refusal))
    words = _("%(plan)s is open for you now. Nothing was charged, and it ends by itself.")
    messages.success(request, words % {"plan": proposal.version.plan.name})
    response = redirect(next_ or "account")
    set_pass(response, reader)
    return response
