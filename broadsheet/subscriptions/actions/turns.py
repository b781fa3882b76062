"""What the worker does for money: takes webhooks up, asks by itself, tells what is untold.

Webhooks are a hint and never needed: whatever they would have said is asked for in time.
"""

import logging
from datetime import timedelta

from django.db.models import F, Q, QuerySet

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import order_refund, tell_refunds
from broadsheet.ledger.models import Event, Payment
from broadsheet.ledger.providers.base import GatewaySilent, Provider
from broadsheet.subscriptions.actions.renewing import tell_gateway
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.models import Checkout, Subscription

logger = logging.getLogger(__name__)

PATIENCE = timedelta(hours=26)
"""How long an open checkout is asked about: longer than a gateway keeps one open."""
AGAIN = timedelta(minutes=1)
OVERDUE_AGAIN = timedelta(minutes=15)
MOST = 50


def take_events(most: int = MOST) -> int:
    """Settle what webhooks announced; returns how many. What the gateway cannot answer waits."""
    if not gateways.is_connected():
        return 0
    provider = gateways.gateway()
    due = Event.objects.filter(taken_at=None, next_at__lte=clock.now(), provider=provider.name)
    return sum(_take(provider, event) for event in due[:most])


def _take(provider: Provider, event: Event) -> bool:
    mine = Event.objects.filter(pk=event.pk, taken_at=None)
    try:
        settle(provider, event.ref)
    except GatewaySilent as silence:
        pause = timedelta(seconds=min(3600, 2**event.tries))
        mine.update(tries=F("tries") + 1, next_at=clock.now() + pause, problem=str(silence)[:400])
        return False
    except Refusal as refusal:
        mine.update(taken_at=clock.now(), problem=str(refusal)[:400])
        _remember(provider, event.ref, refusal)
        return False
    return bool(mine.update(taken_at=clock.now(), problem=""))


def _remember(provider: Provider, ref: str, refusal: Refusal) -> None:
    logger.error("Nothing was booked: %s", refusal)
    ours = Checkout.objects.filter(provider=provider.name, ref=ref)
    ours.update(problem=str(refusal)[:300])
    ours.filter(state=Checkout.OPEN).update(state=Checkout.REFUSED)


def ask_again() -> int:
    """Ask about checkouts left open and renewals not heard of, and tell what is untold.

    Returns how many were asked about.
    """
    if not gateways.is_connected():
        return 0
    provider = gateways.gateway()
    for order in tell_refunds(provider):
        _settle(provider, order.payment.period.subscription.ref)
    asked = [str(row.ref) for row in _open_checkouts(provider)[:MOST]]
    asked += [row.ref for row in _overdue(provider)[:MOST]]
    for ref in asked:
        _settle(provider, ref)
    _tell_untold(provider)
    return len(asked)


def _tell_untold(provider: Provider) -> None:
    untold = Subscription.objects.filter(provider=provider.name).exclude(renews=F("renews_told"))
    for subscription in untold[:MOST]:
        tell_gateway(provider, subscription)


def _open_checkouts(provider: Provider) -> QuerySet[Checkout]:
    now = clock.now()
    return Checkout.objects.filter(
        Q(asked_at=None) | Q(asked_at__lt=now - AGAIN),
        provider=provider.name, state=Checkout.OPEN, ref__isnull=False,
        made_at__gt=now - PATIENCE, made_at__lt=now - AGAIN,
    )  # fmt: skip


def _overdue(provider: Provider) -> QuerySet[Subscription]:
    """Live subscriptions whose paid periods are over: the renewal must have been tried by now."""
    now = clock.now()
    return Subscription.objects.past_paid(now).filter(
        Q(asked_at=None) | Q(asked_at__lt=now - OVERDUE_AGAIN), provider=provider.name
    )


def _settle(provider: Provider, ref: str) -> None:
    try:
        settle(provider, ref)
    except GatewaySilent:
        logger.warning("The gateway %s does not answer about %s.", provider.name, ref)
    except Refusal as refusal:
        _remember(provider, ref, refusal)


def refund(provider: Provider, payment: Payment, reason: str, by: User) -> None:
    """Give a whole payment back and take over what follows from it.

    Raises Refusal when it was given back before. If the gateway is silent, the worker goes on.
    """
    order_refund(payment, payment.amount, reason, by)
    for order in tell_refunds(provider):
        _settle(provider, order.payment.period.subscription.ref)
    _tell_untold(provider)
