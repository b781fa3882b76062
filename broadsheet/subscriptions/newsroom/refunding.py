"""Giving money back: how much and why, a second look at what follows, then the refund, once."""

import secrets

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.models import RefundOrder
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import RefundForm
from broadsheet.subscriptions.models import PaidPeriod, Subscription
from broadsheet.subscriptions.newsroom.frame import screen, show, who
from broadsheet.subscriptions.reads.business import refunds
from broadsheet.subscriptions.reads.business.written import Words, words

SALT = "subscriptions.refund"
SECONDS = 3600
"""How long what was shown may be confirmed."""


@screen("ledger.add_refund")
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Give (part of) a payment back, after a page that says exactly what follows."""
    paid = PaidPeriod.objects.select_related(
        "payment__invoice", "subscription__reader", "subscription__version__plan"
    )
    period, written = get_object_or_404(paid, payment=pk), words()
    if "seal" in request.POST:
        return _confirmed(request, period, written)
    view = refunds.refund_view(period, written)
    form = RefundForm(request.POST or None, view.rest, view.left)
    if view.allowed and form.is_valid():
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        return _second_look(request, period, amount, reason, written)
    status = 200 if view.allowed else 409
    return _show(request, "refund", view, {"form": form}, status)


def _show(
    request: HttpRequest, name: str, view: refunds.RefundView, more: dict[str, object], status: int
) -> HttpResponse:
    above = (
        (reverse("business_subscriptions"), _("Subscriptions")),
        (reverse("business_subscription", args=[view.subscription]), view.reader),
    )
    context = {"refund": view, **more}
    return show(request, name, _("Refund"), context, icon="rotate", above=above, status=status)


def _second_look(
    request: HttpRequest, period: PaidPeriod, amount: int, reason: str, written: Words
) -> HttpResponse:
    view = refunds.refund_view(period, written)
    look = refunds.look(period, amount, written)
    facts = [period.payment_id, amount, reason, secrets.token_urlsafe(16), look.mark]
    more = {"look": look, "reason": reason, "seal": signing.dumps(facts, salt=SALT)}
    return _show(request, "refund_look", view, more, 200)


def _confirmed(request: HttpRequest, period: PaidPeriod, written: Words) -> HttpResponse:
    """Do what was shown, once; when something has changed since, show it once more."""
    try:
        facts = signing.loads(request.POST["seal"], salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        messages.error(request, _("This was shown too long ago. Nothing was given back."))
        return redirect("business_refund", pk=period.payment_id)
    pk, amount, reason, key, mark = facts
    if pk != period.payment_id:
        return redirect("business_refund", pk=period.payment_id)
    if RefundOrder.objects.filter(key=key).exists():
        messages.info(request, _("This was sent twice; it was done once."))
        return redirect("business_subscription", pk=period.subscription_id)
    view = refunds.refund_view(period, written)
    if not view.allowed or amount > view.rest.amount:
        messages.error(request, _("Less is left of the payment by now. Nothing was given back."))
        return redirect("business_refund", pk=pk)
    if refunds.look(period, amount, written).mark != mark:
        messages.warning(request, _("Something has changed since. Please look once more."))
        return _second_look(request, period, amount, reason, written)
    _give_back(request, period, amount, reason, key)
    return redirect("business_subscription", pk=period.subscription_id)


def _give_back(
    request: HttpRequest, period: PaidPeriod, amount: int, reason: str, key: str
) -> None:
    """Refund, and say what came of it: also when the gateway was silent or said no."""
    payment = period.payment
    try:
        provider = gateways.named(payment.provider)
        actions.refund(provider, payment, reason, who(request), amount=amount, key=key)
        # What ended with the refund is not to be renewed; if it is silent, the worker tells it.
        actions.tell_gateway(provider, Subscription.objects.get(pk=period.subscription_id))
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return
    went_well, sentence = refunds.refund_answer(key, words())
    tell = messages.success if went_well else messages.error
    tell(request, sentence)
