"""Another plan: the plans to choose from, what one costs today, and the order."""

from typing import NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from broadsheet.accounts.models import User
from broadsheet.accounts.recent import sign_in_required
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import PlanChange, PlanVersion, Subscription
from broadsheet.subscriptions.passes import set_pass
from broadsheet.subscriptions.reads.account import live_subscription
from broadsheet.subscriptions.reads.changing import (
    change_view,
    other_plans,
    quote_view,
    version_of,
)
from broadsheet.subscriptions.reads.quotes import changeable_period, quote_of
from broadsheet.subscriptions.views.connected import gateway_of, in_words


class Problem(NamedTuple):
    """Why nothing was ordered, in words, and the status of the answer."""

    words: str
    status: int = 409


@never_cache
@login_required
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """The reader's plan and the others; when none of them can be chosen now, why."""
    subscription = live_subscription(cast(User, request.user))
    if subscription is None:
        return redirect("subscribe")
    if gateways.lacks(subscription.provider, "change"):
        return redirect("account")
    try:
        changeable_period(subscription, clock.now())
    except Refusal as refusal:
        messages.warning(request, f"{refusal.problem} {refusal.remedy}")
        return redirect("account")
    context = {
        "title": _("Change the plan"),
        "plan": subscription.version.plan.name,
        "change": change_view(subscription),
        "others": other_plans(subscription),
    }
    return render(request, "subscriptions/plans.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """What another plan costs today and from when on; a POST orders exactly that."""
    subscription, version = live_subscription(cast(User, request.user)), version_of(slug)
    if version is None:
        raise Http404
    if subscription is None:
        return redirect("subscribe")
    if gateways.lacks(subscription.provider, "change"):
        return redirect("account")
    problem = None
    if request.method == "POST":
        ordered = _order(request, subscription, version)
        if isinstance(ordered, HttpResponse):
            return ordered
        problem = ordered
    return _offered(request, subscription, version, problem)


def _offered(
    request: HttpRequest, subscription: Subscription, version: PlanVersion, problem: Problem | None
) -> HttpResponse:
    now = clock.now()
    try:
        shown = quote_of(subscription, version, now)
    except Refusal as refusal:
        messages.warning(request, f"{refusal.problem} {refusal.remedy}")
        return redirect("account")
    context = {
        "title": _("Change the plan"),
        "quote": quote_view(subscription, version, shown),
        "sealed": actions.sealed(subscription, version, shown, now),
        "problem": problem.words if problem else "",
    }
    status = problem.status if problem else 200
    return render(request, "subscriptions/plan.html", context, status=status)


def _order(
    request: HttpRequest, subscription: Subscription, version: PlanVersion
) -> HttpResponse | Problem:
    try:
        provider = gateway_of(subscription.provider)
        token = request.POST.get("quote", "")
        change = actions.change_plan(provider, subscription, version, token)
    except GatewaySilent:
        first = _("The payment service does not answer, so the change is not confirmed yet.")
        then = _("We go on asking it. Nothing is charged twice, and you read on as before.")
        messages.warning(request, f"{first} {then}")
        return redirect("account")
    except Refusal as refusal:
        return Problem(in_words(refusal))
    return _ordered(request, change)


def _ordered(request: HttpRequest, change: PlanChange) -> HttpResponse:
    named = {"plan": change.version.plan.name}
    if change.state == PlanChange.OPEN and change.pay_url:
        return redirect(change.pay_url)
    response = redirect("account")
    if change.state == PlanChange.DONE:
        messages.success(request, _("Your plan is %(plan)s now. A mail confirms it.") % named)
        set_pass(response, cast(User, request.user))
    elif change.state == PlanChange.PLANNED:
        messages.success(request, _("%(plan)s is planned. A mail confirms it.") % named)
    return response


@never_cache
@sign_in_required("account")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Take a change back that waits."""
    subscription = live_subscription(cast(User, request.user))
    if subscription is not None:
        try:
            actions.keep_plan(gateway_of(subscription.provider), subscription)
        except GatewaySilent:
            words = _("The payment service does not answer. Nothing was changed; please try again.")
            messages.warning(request, words)
        except Refusal as refusal:
            messages.warning(request, in_words(refusal))
        else:
            named = {"plan": subscription.version.plan.name}
            messages.success(request, _("You keep %(plan)s.") % named)
    return redirect("account")
