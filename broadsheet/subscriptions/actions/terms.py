"""Which terms a subscription is on: what a charge must come to, and the turn to new ones.

The gateway says since which period terms are in force and by the key of which change (`Standing`);
what they cost is in our own rows, and an answer that says otherwise is refused.
"""

from datetime import timedelta
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.kit.periods import Interval
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.models import (
    Checkout,
    Pause,
    PlanChange,
    PlanVersion,
    Subscription,
)
from broadsheet.subscriptions.reads.quotes import change_at

LATE = timedelta(minutes=5)
"""How long after its end an order may still be on its way to the gateway, clocks included."""


class Agreed(NamedTuple):
    """Terms from period `base` on: the first `early` periods cost `first`, every later one
    `amount`."""

    base: int
    key: str
    first: int
    early: int
    amount: int
    currency: str
    interval: Interval

    def due(self, number: int) -> int:
        """What period `number` costs."""
        return self.first if number < self.base + self.early else self.amount


def check_price(checkout: Checkout, standing: Standing) -> None:
    """Raise Refusal for terms, or a paid charge, that nobody agreed to."""
    terms = _agreed(checkout, standing)
    said = (standing.terms, standing.amount, standing.currency, standing.interval)
    now = terms[-1]
    known = standing.base == now.base or _is_after_pause(checkout, standing.base, now.base)
    if not known or said != (now.key, now.amount, now.currency, now.interval):
        raise _differs(standing, now, standing.amount, standing.currency)
    for charge in standing.charges:
        due = max((t for t in terms if t.base <= charge.number), key=lambda t: t.base)
        amount = due.due(charge.number)
        if charge.paid and (charge.amount, charge.currency) != (amount, due.currency):
            raise _differs(standing, due, charge.amount, charge.currency)


def _is_after_pause(checkout: Checkout, base: int, changed: int) -> bool:
    """Whether periods are counted anew because the reader paused since the last change."""
    pauses = Pause.objects.filter(subscription__checkout=checkout, number=base)
    return base > changed and pauses.exists()


class Unbooked(Refusal):
    """What the gateway says cannot be booked. In words for the publisher, not for readers."""


def _differs(standing: Standing, agreed: Agreed, amount: int, currency: str) -> Unbooked:
    interval = standing.interval
    return Unbooked(
        f"{standing.ref} is about {amount} {currency} for {interval.count} {interval.unit}, the"
        f" plan costs {agreed.amount} {agreed.currency} for {agreed.interval.count}"
        f" {agreed.interval.unit}.",
        "Nothing was booked. Look at it in the gateway's own pages.",
    )


def _agreed(checkout: Checkout, standing: Standing) -> list[Agreed]:
    """The terms up to those the gateway speaks of, the oldest first."""
    first, early = checkout.opening_amount or 0, checkout.opening_periods
    interval = checkout.version.interval
    terms = [Agreed(0, "", first, early, checkout.amount, checkout.currency, interval)]
    if not standing.terms and not standing.base:
        return terms  # The gateway knows of no change.
    changes = PlanChange.objects.filter(subscription__checkout=checkout).order_by("number")
    for change in changes.select_related("version"):
        before = change.state == PlanChange.DONE and change.number < standing.base
        if before or change.key == standing.terms:
            terms.append(_brought_by(change))
    return terms


def _brought_by(change: PlanChange) -> Agreed:
    price = change.version.total
    first = change.due if change.at_once else price.amount
    interval = change.version.interval
    return Agreed(change.number, change.key, first, 1, price.amount, price.currency, interval)


def take_terms(subscription: Subscription, standing: Standing) -> None:
    """Put the plan in force that the gateway charges for now. Nothing when it is in force."""
    if standing.terms == subscription.terms or standing.started_at is None:
        return
    changes = subscription.changes.select_related("version__plan", "from_version__plan")
    change = changes.get(key=standing.terms)
    begun = subscription.start_of(change.number)
    if change.at_once:
        begun = standing.started_at
        subscription.renews, subscription.cancelled_at = True, None
        subscription.periods.filter(before=None, ends__gt=begun).update(ends=begun)
    subscription.periods.filter(before=None).update(before=change)
    subscription.version, subscription.anchor = change.version, begun
    subscription.base, subscription.terms = change.number, change.key
    subscription.resumes_at = None
    subscription.save()
    change.state, change.taken_at, change.problem, change.pay_url = PlanChange.DONE, begun, "", ""
    change.save()


def take_pending(subscription: Subscription, standing: Standing) -> None:
    """Note what became of a change that waits: planned, to be paid by the reader, or nothing."""
    change = subscription.changes.filter(state__in=PlanChange.WAITING).first()
    if change is None:
        return
    pending = standing.pending
    if pending is not None and pending.key == change.key:
        change.pay_url, change.problem = pending.url, pending.problem[:300]
        if not pending.at_once and change.state == PlanChange.OPEN:
            change.state = PlanChange.PLANNED
            mails.planned(subscription, change)
    elif _is_missed(subscription, change):
        change.state, change.pay_url = PlanChange.LEFT, ""
    change.save()


def _is_missed(subscription: Subscription, change: PlanChange) -> bool:
    """Whether nothing can come of a change that the gateway does not speak of."""
    expired = change.state == PlanChange.OPEN and change.expires_at + LATE < clock.now()
    begun = subscription.periods.filter(number__gte=change.number)
    return expired or not subscription.is_live or begun.exists()


def described(version: PlanVersion, change: PlanChange | None, language: str) -> str:
    """What an invoice is about: the plan, and what was taken off its price."""
    if change is None or not change.credit:
        return version.plan.name
    with translation.override(language):
        words = _("%(plan)s, %(price)s less %(credit)s for unused days of %(before)s")
        return words % {
            "plan": version.plan.name,
            "price": show(version.total, language),
            "credit": show(Money(change.credit, version.currency), language),
            "before": change.from_version.plan.name,
        }


def credited(change: PlanChange | None) -> Payment | None:
    """The payment of the period that a change at once ended early."""
    if change is None or change.taken_at is None:
        return None
    ended = change.periods_before.filter(ends=change.taken_at).select_related("payment")
    period = ended.order_by("number").last()
    return period.payment if period else None


def undo_credit(subscription: Subscription, payment: Payment) -> bool:
    """When the payment of a change was given back, or a bank holds it: the period it had ended is
    open again, because another payment paid for that. Whether it was such a payment.
    """
    change = change_at(subscription, payment.period.number)
    if change is None or change.taken_at is None:
        return False
    for period in change.periods_before.filter(ends=change.taken_at):
        period.ends = period.bounds()[1]
        period.save(update_fields=["ends"])
    return True


def is_worth_keeping(subscription: Subscription) -> bool:
    """Whether something paid is left that was not given back: of one that rests, its last period,
    over as it is; else one that runs or is to come."""
    left = subscription.periods.filter(refunded_at=None)
    if subscription.is_resting:
        return bool(left.filter(number=subscription.periods.count() - 1).exists())
    return bool(left.filter(ends__gt=clock.now()).exists())


def redo_credit(subscription: Subscription, payment: Payment) -> None:
    """When we have the money of a change again: the period before it ended when it began."""
    change = change_at(subscription, payment.period.number)
    if change is not None and change.taken_at is not None:
        ended = change.periods_before.filter(starts__lt=change.taken_at, ends__gt=change.taken_at)
        ended.update(ends=change.taken_at)
