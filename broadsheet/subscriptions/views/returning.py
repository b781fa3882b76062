"""Back from the gateway's page: thanks when it was paid, patience while nobody knows.

Nothing in the address is believed: the gateway is asked itself, and only its answer opens a door.
"""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, PlanChange, Subscription
from broadsheet.subscriptions.passes import set_pass
from broadsheet.subscriptions.reads.thanks import thanks_view
from broadsheet.subscriptions.views.another import somebody_elses
from broadsheet.subscriptions.views.connected import connected
from broadsheet.subscriptions.views.wanted import with_next

SOON, LATER = 4, 30
"""Seconds until a page asks again by itself: at first, and when it has asked for a while."""
A_WHILE = timedelta(minutes=10)


@never_cache
@require_safe
def returned(request: HttpRequest, key: str) -> HttpResponse:
    """From paying, as far as the gateway knows."""
    return _came_back(request, get_object_or_404(Checkout, key=key), paying=True)


@never_cache
@require_safe
def left(request: HttpRequest, key: str) -> HttpResponse:
    """From not paying; who has paid in another window meanwhile is thanked all the same."""
    return _came_back(request, get_object_or_404(Checkout, key=key), paying=False)


def _came_back(request: HttpRequest, checkout: Checkout, *, paying: bool) -> HttpResponse:
    try:
        settled = actions.settle(connected(checkout.provider), checkout.ref or "")
    except GatewaySilent:
        return _waiting(request, checkout, status=503)
    except Refusal:
        context = {"title": _("Something does not fit"), "ref": checkout.ref or ""}
        return render(request, "subscriptions/refused.html", context, status=409)
    if settled.subscription is not None:
        return _paid(request, settled.subscription)
    if paying and settled.checkout.state == Checkout.OPEN:
        return _waiting(request, settled.checkout)
    messages.info(request, _("Nothing was charged. The offer still stands."))
    return redirect(_offer(checkout))


def _offer(checkout: Checkout) -> str:
    slug = checkout.version.plan.slug
    return with_next(reverse("choose", args=[slug]), checkout.next)


def _waiting(request: HttpRequest, checkout: Checkout, *, status: int = 200) -> HttpResponse:
    """The payment is not confirmed: the page asks again by itself, also without scripts."""
    context = {"title": _("One moment"), "is_silent": status == 503, "offer": _offer(checkout)}
    waiting = render(request, "subscriptions/waiting.html", context, status=status)
    long = checkout.made_at + A_WHILE < clock.now()
    waiting["Refresh"] = str(LATER if long else SOON)
    return waiting


def _paid(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """Thanks, and the way back to the article; the pass with the new rights goes along."""
    if request.user != subscription.reader:
        title = _("Paid with another account")
        return somebody_elses(request, "subscriptions/paid_other.html", title)
    if not subscription.is_live:
        return redirect("account")
    unpaid = subscription.changes.filter(state=PlanChange.OPEN).exists()
    if unpaid or subscription.state == Subscription.PAST_DUE:
        words = _("No payment is confirmed so far. If you have paid, it shows here in a moment.")
        messages.info(request, words)
        return redirect("account")
    context = {"title": _("Thank you"), "thanks": thanks_view(subscription)}
    response = render(request, "subscriptions/thanks.html", context)
    set_pass(response, subscription.reader)
    return response
