"""Withdrawing from a contract by law, or from the purchase of a gift: it ends at once, and all that
was paid goes back."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import left_of, order_refund
from broadsheet.ledger.models import RefundOrder
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.gifts import mails as gift_mails
from broadsheet.subscriptions.actions.gifts.sending import locked as locked_gift
from broadsheet.subscriptions.actions.granting import sync_grants
from broadsheet.subscriptions.actions.locking import lock_group
from broadsheet.subscriptions.actions.turns import tell_wishes
from broadsheet.subscriptions.models import GiftSubscription, PlanChange, Subscription, Withdrawal
from broadsheet.subscriptions.reads.withdrawing import (
    WITHDRAWN,
    gift_withdrawable_until,
    gift_withdrawn,
    withdrawable_until,
)


def withdraw(subscription: Subscription, name: str) -> Withdrawal:
    """End the contract, order every payment back and acknowledge it by mail, in one step.

    Once withdrawn from, it changes nothing and is the same withdrawal. Raises Refusal when the
    time is over. A gateway that is silent is told by the worker.
    """
    with transaction.atomic(), translation.override(Paper.load().language):
        lock_group(User.objects.filter(pk=subscription.reader_id))
        locked = Subscription.objects.select_related("reader", "version__plan").get(
            pk=subscription.pk
        )
        done = Withdrawal.objects.filter(subscription=locked).first()
        if done is not None:
            return done
        if withdrawable_until(locked) is None:
            raise Refusal(
                _("The time to withdraw is over."), _("You can cancel in your account at any time.")
            )
        row = _withdrawn(locked, name)
    _tell(subscription)
    return row


def _withdrawn(locked: Subscription, name: str) -> Withdrawal:
    amount = _order_back(locked)
    locked.end(Subscription.WITHDRAWN)
    locked.cancelled_at = locked.cancelled_at or clock.now()
    locked.save()
    locked.periods.filter(refunded_at=None).update(refunded_at=clock.now())
    locked.changes.filter(state__in=PlanChange.WAITING).update(state=PlanChange.LEFT)
    sync_grants(locked)
    row = Withdrawal.objects.create(
        subscription=locked, name=name, amount=amount, currency=locked.version.currency
    )
    mails.withdrawn(locked, row)
    return row


def _order_back(locked: Subscription) -> int:
    """Order all that is left of every payment; how much that is."""
    total = 0
    for period in locked.periods.select_related("payment"):
        left = left_of(period.payment)
        if left > 0:
            order_refund(period.payment, left, WITHDRAWN, None)
            total += left
    return total


def withdraw_gift(gift: GiftSubscription, name: str) -> RefundOrder:
    """Order back what is left of the payment and acknowledge it by mail, in one step; from then on
    the code opens nothing. `name` is what the buyer typed.

    Once withdrawn from, it changes nothing and is the same order. Raises Refusal when it was
    redeemed or given back, or the time is over. A gateway that is silent is told by the worker.
    """
    with transaction.atomic(), translation.override(Paper.load().language):
        mine = locked_gift(gift)
        done = gift_withdrawn(mine)
        if done is not None:
            return done
        if mine.payment is None or gift_withdrawable_until(mine) is None:
            words = _("This purchase cannot be withdrawn from here any more.")
            raise Refusal(words, _("Please write to us."))
        order = order_refund(mine.payment, left_of(mine.payment), WITHDRAWN, None)
        gift_mails.withdrawn(mine, order, name)
    _tell(gift)
    return order


def _tell(contract: Subscription | GiftSubscription) -> None:
    try:
        tell_wishes(gateways.named(contract.provider))
    except Refusal:
        # No gateway is connected now: the worker tells it when there is one.
        return
