"""Withdraw from the contract, in two steps, signed in or by the link in the mail of the contract.

Directive 2011/83/EU, article 11a: a statement with name, contract and address, then a confirmation;
the acknowledgement is a mail with day and time (`actions.withdraw`).
"""

from typing import cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit.money import show
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Subscription, Withdrawal
from broadsheet.subscriptions.reads.account import live_subscription
from broadsheet.subscriptions.reads.withdrawing import (
    concluded_at,
    signed_subscription,
    withdrawable_until,
)

LONGEST_NAME = 160


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """The reader's own subscription, or the last one that was withdrawn from."""
    reader = cast(User, request.user)
    subscription = live_subscription(reader)
    if subscription is None:
        last = Withdrawal.objects.filter(subscription__reader=reader).order_by("-at").first()
        if last is None:
            return redirect("account")
        subscription = last.subscription
    return _steps(request, subscription, reader.get_full_name())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The subscription that the link was signed for. Raises Http404 for any other link."""
    subscription = signed_subscription(token)
    if subscription is None:
        raise Http404
    return _steps(request, subscription, "")


def _steps(request: HttpRequest, subscription: Subscription, name: str) -> HttpResponse:
    done = Withdrawal.objects.filter(subscription=subscription).first()
    until = None if done else withdrawable_until(subscription)
    typed = request.POST.get("name", "").strip()[:LONGEST_NAME]
    confirmed = request.method == "POST" and bool(typed) and "confirm" in request.POST
    if confirmed and (until or done):
        try:
            actions.withdraw(subscription, typed)
        except Refusal:
            pass  # The time ended a moment ago: the page says so.
        return redirect(request.path)
    step = "done" if done else "confirm" if typed and until else "declare" if until else "over"
    context = _facts(subscription, done) | {
        "title": _("Withdraw from the contract"), "step": step, "name": typed or name,
        "until": until and until.astimezone(ZoneInfo(subscription.zone)),
        "missing": request.method == "POST" and not typed,
    }  # fmt: skip
    status = 422 if context["missing"] else 200
    return render(request, "subscriptions/withdraw.html", context, status=status)


def _facts(subscription: Subscription, done: Withdrawal | None) -> dict[str, object]:
    """The contract as the statement names it, and what became of it."""
    zone, language = ZoneInfo(subscription.zone), Paper.load().language
    return {
        "plan": subscription.version.plan.name,
        "concluded": concluded_at(subscription).astimezone(zone),
        "address": subscription.reader.email,
        "withdrawn": done and done.at.astimezone(zone),
        "amount": show(done.money, language) if done else "",
    }
