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
from broadsheet.subscriptions.models import GiftSubscription, PaidPeriod, Subscription
from broadsheet.subscriptions.newsroom.frame import screen, show, who
from broadsheet.subscriptions.reads.business import refunds
from broadsheet.subscriptions.reads.business.refunds import Bought
from broadsheet.subscriptions.reads.business.written import Words, words

SALT = "subscriptions.refund"
SECONDS = 3600
"""How long what was shown may be confirmed."""


@screen("ledger.add_refund")
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Give (part of) a payment back, after a page that says exactly what follows."""
    bought, written = _bought(pk), words()
    if "seal" in request.POST:
        return _confirmed(request, bought, written)
    view = refunds.refund_view(bought, written)
    form = RefundForm(request.POST or None, view.rest, view.left)
    if view.allowed and form.is_valid():
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        return _second_look(request, bought, amount, reason, written)
    status = 200 if view.allowed else 409
    return _show(request, "refund", view, {"form": form}, status)


def _bought(pk: int) -> Bought:
    """The gift or the paid period of a payment. Raises Http404."""
    gifts = GiftSubscription.objects.select_related("payment__invoice", "buyer", "version__plan")
    gift = gifts.filter(payment=pk).first()
    if gift is not None:
        return gift
    paid = PaidPeriod.objects.select_related(
        "payment__invoice", "subscription__reader", "subscription__version__plan"
    )
    return get_object_or_404(paid, payment=pk)


def _show(
    request: HttpRequest, name: str, view: refunds.RefundView, more: dict[str, object], status: int
) -> HttpResponse:
    gifts = (reverse("business_gifts"), _("Gift subscriptions"))
    subscriptions = (reverse("business_subscriptions"), _("Subscriptions"))
    first = gifts if view.back.startswith(gifts[0]) else subscriptions
    above = (first, (view.back, view.reader))
    context = {"refund": view, **more}
    return show(request, name, _("Refund"), context, icon="rotate", above=above, status=status)


def _second_look(
    request: HttpRequest, bought: Bought, amount: int, reason: str, written: Words
) -> HttpResponse:
    view = refunds.refund_view(bought, written)
    look = refunds.look(bought, amount, written)
    facts = [bought.payment_id, amount, reason, secrets.token_urlsafe(16), look.mark]
    more = {"look": look, "reason": reason, "seal": signing.dumps(facts, salt=SALT)}
    return _show(request, "refund_look", view, more, 200)


def _confirmed(request: HttpRequest, bought: Bought, written: Words) -> HttpResponse:
    """Do what was shown, once; when something has changed since, show it once more."""
    try:
        facts = signing.loads(request.POST["seal"], salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        messages.error(request, _("This was shown too long ago. Nothing was given back."))
        return redirect("business_refund", pk=bought.payment_id)
    pk, amount, reason, key, mark = facts
    if pk != bought.payment_id:
        return redirect("business_refund", pk=bought.payment_id)
    if RefundOrder.objects.filter(key=key).exists():
        messages.info(request, _("This was sent twice; it was done once."))
        return redirect(refunds.refund_view(bought, written).back)
    view = refunds.refund_view(bought, written)
    if not view.allowed or amount > view.rest.amount:
        messages.error(request, _("Less is left of the payment by now. Nothing was given back."))
        return redirect("business_refund", pk=pk)
    if refunds.look(bought, amount, written).mark != mark:
        messages.warning(request, _("Something has changed since. Please look once more."))
        return _second_look(request, bought, amount, reason, written)
    _give_back(request, bought, amount, reason, key)
    return redirect(refunds.refund_view(bought, written).back)


def _give_back(request: HttpRequest, bought: Bought, amount: int, reason: str, key: str) -> None:
    """Refund, and say what came of it: also when the gateway was silent or said no."""
    payment = refunds.payment_of(bought)
    try:
        provider = gateways.named(payment.provider)
        actions.refund(provider, payment, reason, who(request), amount=amount, key=key)
        # What ended with the refund is not to be renewed; if it is silent, the worker tells it.
        if isinstance(bought, PaidPeriod):
            ended = Subscription.objects.get(pk=bought.subscription_id)
            actions.tell_gateway(provider, ended)
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return
    went_well, sentence = refunds.refund_answer(key, words())
    tell = messages.success if went_well else messages.error
    tell(request, sentence)
