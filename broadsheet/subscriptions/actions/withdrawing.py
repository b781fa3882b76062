"""Withdrawing from a contract by law: it ends at once, and all that was paid goes back."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import left_of, order_refund
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.granting import sync_grants
from broadsheet.subscriptions.actions.locking import lock_group
from broadsheet.subscriptions.actions.turns import tell_wishes
from broadsheet.subscriptions.models import PlanChange, Subscription, Withdrawal
from broadsheet.subscriptions.reads.withdrawing import withdrawable_until


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
            order_refund(period.payment, left, "Withdrawn from the contract", None)
            total += left
    return total


def _tell(subscription: Subscription) -> None:
    try:
        tell_wishes(gateways.named(subscription.provider))
    except Refusal:
        # No gateway is connected now: the worker tells it when there is one.
        return
