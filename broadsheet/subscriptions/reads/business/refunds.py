"""What a refund would mean, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.ledger.models import Payment
from broadsheet.subscriptions.models import PaidPeriod, Subscription
from broadsheet.subscriptions.reads.business.story import is_refundable
from broadsheet.subscriptions.reads.business.written import Words
from broadsheet.subscriptions.reads.quotes import change_at, is_credited


@dataclass(frozen=True, slots=True)
class RefundView:
    """A payment that may be given back, and the sentences that say what follows.

    `credited` says that a change of plan took its rest, so that it stays.
    """

    subscription: int
    reader: str
    plan: str
    amount: str
    invoice: str
    paid_at: datetime
    allowed: bool
    credited: bool
    follows: tuple[str, ...]


def refund_view(period: PaidPeriod, words: Words) -> RefundView:
    """The view for the payment of a period."""
    subscription, payment = period.subscription, period.payment
    credited = is_credited(payment)
    return RefundView(
        subscription=subscription.pk,
        reader=subscription.reader.email,
        plan=subscription.version.plan.name,
        amount=words.amount(payment.amount, payment.currency),
        invoice=payment.invoice.label,
        paid_at=payment.at,
        allowed=is_refundable(payment) and not credited,
        credited=credited,
        follows=(*_consequences(period, words), _("The reader gets a mail with the credit note.")),
    )


def _consequences(period: PaidPeriod, words: Words) -> tuple[str, ...]:
    """The same question as when the refund is booked: does a paid period remain?"""
    subscription = period.subscription
    if not subscription.is_live:
        return (_("The subscription has ended already: only the money goes back."),)
    if change_at(subscription, period.number) is not None:
        return (
            _("The plan of before is open again to the end of its period, unless it is over."),
            _("Renewal stops: nothing more is charged."),
        )
    others = subscription.periods.filter(refunded_at=None).exclude(pk=period.pk)
    left = others.filter(ends__gt=clock.now()).order_by("-number").first()
    if left is None:
        return (_("Access ends at once."), _("Renewal stops: nothing more is charged."))
    until = {"day": words.day(left.ends)}
    return (
        _("Access goes on until %(day)s, which is paid for by another payment.") % until,
        _renewal(subscription),
    )


def _renewal(subscription: Subscription) -> str:
    if not subscription.version.renews:
        return _("It does not renew.")
    stays, stopped = _("Renewal stays as it is."), _("Renewal was stopped before.")
    return stays if subscription.renews else stopped


def refund_answer(payment: Payment, words: Words) -> tuple[bool, str]:
    """What became of the newest refund order of a payment: whether it went well, and a sentence."""
    order = payment.refund_orders.order_by("-pk").first()
    given = {"amount": words.amount(payment.amount, payment.currency)}
    if order is None or order.problem:
        why = order.problem if order else ""
        return False, _("The gateway refused: %(why)s Nothing was given back.") % {"why": why}
    if order.told_at is None:
        return False, _(
            "The gateway does not answer. The refund is written down and the gateway is told as"
            " soon as it answers; until then access goes on."
        )
    if not payment.refunds.exists():
        return True, _("The gateway has accepted the refund; it is booked within minutes.")
    return True, _("%(amount)s are on their way back to the reader.") % given
