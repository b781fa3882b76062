"""Letting a subscription rest: the lengths with their days, and going on earlier."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Pause, Subscription
from broadsheet.subscriptions.passes import set_pass
from broadsheet.subscriptions.reads.account import live_subscription
from broadsheet.subscriptions.reads.groups import members_of
from broadsheet.subscriptions.reads.pausing import pause_offer, refuse_pause
from broadsheet.subscriptions.views.connected import gateway_of, in_words


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest) -> HttpResponse:
    """For how long: each length with the days it means; a POST asks for exactly that."""
    subscription = live_subscription(cast(User, request.user))
    if subscription is None:
        return redirect("subscribe")
    if request.method == "POST":
        problem = _ask(request, subscription)
        if problem is None:
            return redirect("account")
        return _offered(request, subscription, problem)
    return _offered(request, subscription, "")


def _offered(request: HttpRequest, subscription: Subscription, problem: str) -> HttpResponse:
    subscription.refresh_from_db()
    try:
        refuse_pause(subscription, clock.now())
    except Refusal as refusal:
        messages.warning(request, problem or in_words(refusal))
        return redirect("account")
    offer = pause_offer(subscription)
    context = {
        "title": _("Pause the subscription"), "offer": offer, "problem": problem,
        "members": members_of(subscription),
    }  # fmt: skip
    status = 409 if problem else 200
    return render(request, "subscriptions/pause.html", context, status=status)


def _ask(request: HttpRequest, subscription: Subscription) -> str | None:
    """Ask for the pause that was chosen; what is wrong with it, None when nothing is."""
    try:
        months, shown = _chosen(request.POST.get("length", ""))
        actions.pause(gateway_of(subscription.provider), subscription, months, shown)
    except GatewaySilent:
        first = _("The payment service does not answer, so the pause is not confirmed yet.")
        messages.warning(request, f"{first} {_('We go on asking it, and a mail confirms it.')}")
    except Refusal as refusal:
        return in_words(refusal)
    else:
        messages.success(request, _("The pause is planned. A mail confirms it."))
    return None


def _chosen(length: str) -> tuple[int, datetime]:
    """Months and the end that was shown. Raises Refusal for anything else."""
    months, _space, shown = length.partition(" ")
    try:
        return int(months), datetime.fromisoformat(shown).astimezone(clock.now().tzinfo)
    except (ValueError, OverflowError):
        words = _("No length was chosen.")
        raise Refusal(words, _("Choose one of the lengths shown.")) from None


@never_cache
@login_required
def end(request: HttpRequest) -> HttpResponse:
    """Go on now, or take back what has not begun. Who signed in on the way finds the button."""
    subscription = live_subscription(cast(User, request.user))
    if request.method != "POST" or subscription is None:
        return redirect("account")
    try:
        ended = actions.resume_now(gateway_of(subscription.provider), subscription)
    except GatewaySilent:
        first = _("The payment service does not answer, so this is not confirmed yet.")
        messages.warning(request, f"{first} {_('We go on asking it.')}")
    except Refusal as refusal:
        messages.warning(request, in_words(refusal))
    else:
        subscription.refresh_from_db()
        return _ended(request, ended, subscription)
    return redirect("account")


def _ended(request: HttpRequest, ended: Pause | None, subscription: Subscription) -> HttpResponse:
    response = redirect("account")
    if ended is None:
        messages.info(request, _("There is no pause."))
    elif subscription.state == Subscription.PAST_DUE:
        messages.warning(request, _("The charge failed. Below is what you can do."))
    elif ended.state == Pause.LEFT:
        messages.success(request, _("The pause is taken back. A mail confirms it."))
    elif ended.state == Pause.DONE:
        set_pass(response, cast(User, request.user))
        messages.success(request, _("Your subscription goes on."))
    else:
        words = _("The payment service did not accept this. The pause goes on as it was.")
        messages.warning(request, words)
    return response
