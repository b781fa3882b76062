"""Withdraw from the contract, in two steps, signed in or by the link in the mail of the contract.

Directive 2011/83/EU, article 11a: a statement with name, contract and address, then a confirmation;
the acknowledgement is a mail with day and time (`actions.withdraw`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self, cast
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


@dataclass(frozen=True, slots=True)
class Statement:
    """What was typed and pressed on the page of a withdrawal."""

    name: str
    is_sent: bool
    is_confirmed: bool

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """As the form says it; a page that is only looked at says nothing."""
        name = request.POST.get("name", "").replace("\0", "").strip()[:LONGEST_NAME]
        confirmed = bool(name) and "confirm" in request.POST
        return cls(name, request.method == "POST", confirmed)

    def step(self, until: datetime | None) -> str:
        """Which page comes next, where one may withdraw until then."""
        if until is None:
            return "over"
        return "confirm" if self.name else "declare"

    def lacks_name(self, until: datetime | None) -> bool:
        """Whether it was sent without one, and one may still withdraw."""
        return self.is_sent and not self.name and until is not None


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
    said = Statement.of(request)
    if said.is_confirmed and (until or done):
        try:
            actions.withdraw(subscription, said.name)
        except Refusal:
            pass  # The time ended a moment ago: the page says so.
        return redirect(request.path)
    missing = said.lacks_name(until)
    context = _facts(subscription, done) | {
        "title": _("Withdraw from the contract"), "missing": missing, "name": said.name or name,
        "step": "done" if done else said.step(until),
        "until": until and until.astimezone(ZoneInfo(subscription.zone)),
    }  # fmt: skip
    status = 422 if missing else 200
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
