"""What the worker does for money: takes webhooks up, asks by itself, tells what is untold.

Webhooks are a hint and never needed: whatever they would have said is asked for in time.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.backoff import backoff
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import awaited, left_of, order_refund, tell_refunds
from broadsheet.ledger.models import Event, Payment
from broadsheet.ledger.providers.base import GatewaySilent, Provider
from broadsheet.look.settings import settings_read_once
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.actions.orphans import take_over
from broadsheet.subscriptions.actions.pausing import tell_pauses
from broadsheet.subscriptions.actions.renewing import tell_gateway
from broadsheet.subscriptions.actions.settling import NotOurs
from broadsheet.subscriptions.models import Checkout, GiftSubscription, PlanChange, Subscription
from broadsheet.subscriptions.reads.quotes import is_credited

logger = logging.getLogger(__name__)

AGAIN, DAY = timedelta(minutes=1), timedelta(days=1)
FRESH, OPEN_AGAIN = timedelta(hours=1), timedelta(hours=1)
"""Whoever pays does so within the hour. A page left open longer is asked about now and then: it is
paid rarely, and there may be many of them."""
OVERDUE_AGAIN = timedelta(minutes=15)
MOST, PAGE = 50, 2_000
TURN = 5.0
"""Seconds of one round, so that whatever shares the worker's lane has its turn."""


Page = TypeVar("Page", Checkout, GiftSubscription)


def take_events(most: int = MOST) -> int:
    """Settle what webhooks announced; returns how many. What the gateway cannot answer waits."""
    if not gateways.is_connected():
        return 0
    provider = gateways.gateway()
    due = Event.objects.filter(taken_at=None, next_at__lte=clock.now(), provider=provider.name)
    with _batch():
        return sum(bool(each(partial(_take, provider), event)) for event in due[:most])


def _take(provider: Provider, event: Event) -> bool:
    mine = Event.objects.filter(pk=event.pk, taken_at=None)
    pause = timedelta(seconds=backoff(event.tries + 1, first=1, longest=3600))
    # Written first: an event that cannot be worked on must not be the first again and again.
    mine.update(tries=F("tries") + 1, next_at=clock.now() + pause)
    try:
        take_over(provider, event.ref)
    except GatewaySilent as silence:
        mine.update(problem=str(silence)[:400])
        return False
    except NotOurs:
        mine.update(taken_at=clock.now(), problem="")
        return False
    except Refusal as refusal:
        mine.update(taken_at=clock.now(), problem=str(refusal)[:400])
        _remember(provider, event.ref, refusal)
        return False
    return bool(mine.update(taken_at=clock.now(), problem=""))


def _remember(provider: Provider, ref: str, refusal: Refusal) -> None:
    logger.error("Nothing was booked: %s", refusal)
    for kind in (Checkout, GiftSubscription):
        ours = kind._default_manager.filter(provider=provider.name, ref=ref)
        ours.update(problem=str(refusal)[:300])
        ours.filter(state=kind.OPEN).update(state=kind.REFUSED)


def ask_again(*, seconds: float = TURN) -> int:
    """Ask about checkouts left open and renewals not heard of, and tell what is untold.

    For about so long, but at least a batch of each kind; returns how many were asked about.
    """
    if not gateways.is_connected():
        return 0
    provider = gateways.gateway()
    _tell_refunds(provider)
    tell_pauses(provider)
    ends = time.monotonic() + seconds
    asked = sum(
        _ask(provider, found, ends)
        for found in (_open_checkouts, _open_gifts, _overdue, _unheard, _changing, _on_card_pages)
    )
    _tell_untold(provider)
    return asked


def _ask(provider: Provider, found: Callable[[Provider], QuerySet[Any]], ends: float) -> int:
    """Ask about all of them, in batches, for so long; whoever was asked about rests.

    Who is due is looked up for many batches at once: among 100,000 subscriptions it takes a second.
    """
    asked = 0
    while refs := list(found(provider).values_list("ref", flat=True)[:PAGE]):
        for start in range(0, len(refs), MOST):
            asked += _ask_batch(provider, refs[start : start + MOST])
            if time.monotonic() >= ends:
                return asked
        if len(refs) < PAGE:
            break
    return asked


def _ask_batch(provider: Provider, refs: list[str]) -> int:
    with _batch():
        _settle_all(provider, refs)
    return len(refs)


def _settle_all(provider: Provider, refs: list[str]) -> None:
    """Written first that they were asked about: one whose answer breaks us must not be the first
    again and again."""
    for kind in (Checkout, GiftSubscription, Subscription):
        known = kind._default_manager.filter(provider=provider.name, ref__in=refs)
        known.update(asked_at=clock.now())
    for ref in refs:
        each(partial(_settle, provider), ref)


@contextmanager
def _batch() -> Iterator[None]:
    """Around many that are settled one after the other. The press follows on a lane of its own:
    called after each it costs as much as the booking."""
    with gathered(), settings_read_once():
        yield


def _tell_refunds(provider: Provider) -> None:
    tell_refunds(provider)
    _settle_all(provider, _unbooked(provider))


def _unbooked(provider: Provider) -> list[str]:
    """Subscriptions and gifts with a refund that the gateway accepted and the books do not have:
    just told, or asked about some time ago, for a bank may take days."""
    now = clock.now()
    rested = Q(asked=None) | Q(asked__lt=now - OVERDUE_AGAIN)
    due = Q(refund_orders__told_at__gt=now - AGAIN) | Q(rested, refund_orders__told_at__lte=now)
    known = awaited().filter(provider=provider.name).annotate(
        of=Coalesce("period__subscription__ref", "gift__ref"),
        asked=Coalesce("period__subscription__asked_at", "gift__asked_at"),
    )  # fmt: skip
    missing = known.filter(due).exclude(of=None).order_by(F("asked").asc(nulls_first=True))
    return list(dict.fromkeys(missing.values_list("of", flat=True)[:MOST]))


def _tell_untold(provider: Provider) -> None:
    untold = Subscription.objects.filter(provider=provider.name).exclude(renews=F("renews_told"))
    for subscription in untold.order_by(F("asked_at").asc(nulls_first=True))[:MOST]:
        each(partial(_tell, provider), subscription)


def _tell(provider: Provider, subscription: Subscription) -> None:
    """What was charged between the end and being told is heard of afterwards."""
    if tell_gateway(provider, subscription) and not subscription.is_live:
        _settle_all(provider, [subscription.ref])


def _open_checkouts(provider: Provider) -> QuerySet[Checkout]:
    return _left_open(Checkout.objects.filter(state=Checkout.OPEN), provider)


def _open_gifts(provider: Provider) -> QuerySet[GiftSubscription]:
    return _left_open(GiftSubscription.objects.filter(state=GiftSubscription.OPEN), provider)


def _left_open(found: QuerySet[Page], provider: Provider) -> QuerySet[Page]:
    """Those whose page is known, asked about every minute at first and every hour then."""
    now = clock.now()
    rested = Q(asked_at__lt=now - AGAIN, made_at__gt=now - FRESH)
    due = Q(asked_at=None) | rested | Q(asked_at__lt=now - OPEN_AGAIN)
    known = found.filter(due, provider=provider.name, ref__isnull=False, made_at__lt=now - AGAIN)
    return known.order_by(F("asked_at").asc(nulls_first=True))


def _overdue(provider: Provider) -> QuerySet[Subscription]:
    """Live subscriptions whose paid periods are over: the renewal must have been tried by now."""
    return _rested(Subscription.objects.past_paid(clock.now()), provider)


def _unheard(provider: Provider) -> QuerySet[Subscription]:
    """Ended ones that must be asked about a last time: their last answer was lost."""
    return _rested(Subscription.objects.unheard(), provider)


def _changing(provider: Provider) -> QuerySet[Subscription]:
    """Those whose change of plan may have been paid without our hearing of it."""
    return Subscription.objects.live().filter(
        Q(asked_at=None) | Q(asked_at__lt=clock.now() - AGAIN),
        provider=provider.name, changes__state=PlanChange.OPEN,
        changes__made_at__lt=clock.now() - AGAIN,
    )  # fmt: skip


def _on_card_pages(provider: Provider) -> QuerySet[Subscription]:
    """Those whose reader may have typed another card in without our hearing of it."""
    now = clock.now()
    sent = Subscription.objects.live().filter(card_page_at__range=(now - DAY, now - AGAIN))
    return _rested(sent, provider)


def _rested(found: QuerySet[Subscription], provider: Provider) -> QuerySet[Subscription]:
    rested = Q(asked_at=None) | Q(asked_at__lt=clock.now() - OVERDUE_AGAIN)
    return found.filter(rested, provider=provider.name)


def _settle(provider: Provider, ref: str) -> None:
    try:
        take_over(provider, ref)
    except GatewaySilent:
        logger.warning("The gateway %s does not answer about %s.", provider.name, ref)
    except Refusal as refusal:
        Subscription.objects.filter(provider=provider.name, ref=ref).update(heard_at=clock.now())
        _remember(provider, ref, refusal)


def refund(
    provider: Provider, payment: Payment, reason: str, by: User, *, amount: int = 0, key: str = ""
) -> None:
    """Give `amount` minor units of a payment back, 0 for all that is left, and take over what
    follows from it. The same `key` again gives nothing more.

    Raises Refusal for more than is left, or when its rest was credited to another plan. If the
    gateway is silent, the worker goes on.
    """
    if is_credited(payment):
        raise Refusal(
            "The rest of this payment was credited when the plan was changed.",
            "Give the payment of the new plan back first.",
        )
    order_refund(payment, amount or left_of(payment), reason, by, key=key)
    tell_wishes(provider)


def tell_wishes(provider: Provider) -> None:
    """Tell the gateway what it has not heard of: refunds, and which subscriptions end."""
    _tell_refunds(provider)
    _tell_untold(provider)
