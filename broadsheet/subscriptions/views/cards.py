"""Another card for later charges: to the gateway's page, and back."""

from typing import cast

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.accounts.models import User
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads.account import live_subscription
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.views.connected import gateway_of, in_words

LIMIT = "card"
"""The name of its rate in ACCOUNT_RATE_LIMITS."""


@never_cache
@login_required
def change_card(request: HttpRequest) -> HttpResponse:
    """To the page of the gateway. Who had to sign in on the way finds the button again."""
    subscription = live_subscription(cast(User, request.user))
    if request.method != "POST" or subscription is None:
        return redirect("account")
    if not consume(request, action=LIMIT):
        words = _("You have asked for this several times. Try again in an hour.")
        messages.error(request, words)
        return redirect("account")
    known = subscription.card_changes.count()
    back = f"{origin()}{reverse('card_changed', args=[known])}"
    try:
        provider = gateway_of(subscription.provider)
        return redirect(actions.open_card_page(provider, subscription, back))
    except GatewaySilent:
        first = _("The payment service does not answer.")
        then = _("Your card is as before. Please try again in a few minutes.")
        messages.warning(request, f"{first} {then}")
    except Refusal as refusal:
        messages.info(request, in_words(refusal))
    return redirect("account")


@never_cache
@login_required
@require_safe
def card_changed(request: HttpRequest, known: int) -> HttpResponse:
    """Back from the gateway, which is asked; `known` changes of the card there were before."""
    subscription = live_subscription(cast(User, request.user))
    if subscription is not None:
        try:
            actions.settle(gateway_of(subscription.provider), subscription.ref)
        except GatewaySilent:
            first = _("The payment service does not answer, so we do not know of your card yet.")
            then = _("We go on asking it. When the card is changed, a mail confirms it.")
            messages.warning(request, f"{first} {then}")
        except Refusal as refusal:
            messages.info(request, in_words(refusal))
        else:
            _say(request, subscription, known)
    return redirect("account")


def _say(request: HttpRequest, subscription: Subscription, known: int) -> None:
    changes = subscription.card_changes
    newest = changes.last() if changes.count() > known else None
    if newest is None:
        messages.info(request, _("Your card is as before."))
        return
    named = {"card": newest.card}
    words = _("Your card is changed: later charges are taken from card %(card)s.") % named
    messages.success(request, f"{words} {_('A mail confirms it.')}")
