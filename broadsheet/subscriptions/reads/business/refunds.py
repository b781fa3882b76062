"""What a refund would mean, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.ledger.actions import left_of, refund_of
from broadsheet.ledger.models import Payment, RefundOrder
from broadsheet.ledger.rules import amount_of
from broadsheet.subscriptions.models import GiftSubscription, PaidPeriod, Subscription
from broadsheet.subscriptions.reads.business.books import account_name
from broadsheet.subscriptions.reads.business.written import Words
from broadsheet.subscriptions.reads.quotes import change_at, is_credited


@dataclass(frozen=True, slots=True)
class RefundView:
    """A payment that may be given back: `amount` was paid, `rest` (written: `left`) may go back.

    `credited` says that a change of plan took its rest, so that it stays. `back` is the screen of
    the subscription or of the gift.
    """

    back: str
    reader: str
    plan: str
    amount: str
    rest: Money
    left: str
    invoice: str
    paid_at: datetime
    allowed: bool
    credited: bool


@dataclass(frozen=True, slots=True)
class BookLine:
    """A posting to come, written out."""

    name: str
    debit: str
    credit: str


@dataclass(frozen=True, slots=True)
class RefundLook:
    """The second look: what goes back, what follows for the reader, what the books will say.

    `mark` is another one as soon as anything of it is.
    """

    amount: str
    tax: str
    follows: tuple[str, ...]
    lines: tuple[BookLine, ...]
    mark: str


Bought = PaidPeriod | GiftSubscription
"""What a payment was for."""


def payment_of(bought: Bought) -> Payment:
    """The payment. Raises ValueError for a gift that was not paid."""
    if bought.payment is None:
        raise ValueError(f"{bought} was not paid.")
    payment: Payment = bought.payment
    return payment


def refund_view(bought: Bought, words: Words) -> RefundView:
    """The view for the payment of a period or of a gift."""
    payment = payment_of(bought)
    credited, left = is_credited(payment), left_of(payment)
    if isinstance(bought, GiftSubscription):
        back, reader = reverse("business_gift", args=[bought.pk]), bought.email
        plan = _("a gift, %(plan)s") % {"plan": bought.version.plan.name}
    else:
        subscription = bought.subscription
        back = reverse("business_subscription", args=[subscription.pk])
        reader, plan = subscription.reader.email, subscription.version.plan.name
    return RefundView(
        back=back,
        reader=reader or _("erased account"),
        plan=plan,
        amount=words.amount(payment.amount, payment.currency),
        rest=Money(left, payment.currency),
        left=words.amount(left, payment.currency),
        invoice=payment.invoice.label,
        paid_at=payment.at,
        allowed=left > 0 and not credited,
        credited=credited,
    )


def look(bought: Bought, amount: int, words: Words) -> RefundLook:
    """What giving `amount` minor units back would do at this moment."""
    payment = payment_of(bought)
    code = payment.currency
    owed, _gone, lines = refund_of(payment, amount)
    tax = amount_of(owed)
    if isinstance(bought, GiftSubscription):
        then = _gift_consequences(bought, payment, amount)
    else:
        then = _consequences(bought, amount, words)
    follows = (*then, _("The reader gets a mail with it."))
    return RefundLook(
        amount=words.amount(amount, code),
        tax=words.amount(tax, code) if tax else "",
        follows=follows,
        lines=tuple(_line(account, minor, code, words) for account, minor in lines),
        mark=repr((follows, lines)),
    )


def _line(account: str, minor: int, code: str, words: Words) -> BookLine:
    written = words.amount(abs(minor), code)
    debit, credit = (written, "") if minor > 0 else ("", written)
    return BookLine(account_name(account), debit, credit)


def _gift_consequences(gift: GiftSubscription, payment: Payment, amount: int) -> tuple[str, ...]:
    if _back(payment) + amount < payment.amount:
        return (_("It is a part of the payment: the gift stays as it is."),)
    if gift.redeemed_at is None:
        return (_("Nobody has redeemed the gift: its code opens nothing any more."),)
    return (_("The gift was redeemed: the access of its reader ends at once, with a mail."),)


def _consequences(period: PaidPeriod, amount: int, words: Words) -> tuple[str, ...]:
    """The same question as when the refund is booked: does a paid period remain?"""
    subscription = period.subscription
    if not subscription.is_live:
        return (_("The subscription has ended already: only the money goes back."),)
    if _back(period.payment) + amount < period.payment.amount:
        return (
            _("It is a part of the payment: access stays as it is."),
            _("Renewal stays as it is.") if subscription.renews else _("Renewal was stopped."),
        )
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


def _back(payment: Payment) -> int:
    """What was given back, or is on its way."""
    ordered = sum(order.amount for order in payment.refund_orders.all() if not order.problem)
    return int(max(sum(refund.amount for refund in payment.refunds.all()), ordered))


def refund_answer(key: str, words: Words) -> tuple[bool, str]:
    """What became of the refund order with this key: whether it went well, and a sentence."""
    order = RefundOrder.objects.select_related("payment").get(key=key)
    given = {"amount": words.amount(order.amount, order.payment.currency)}
    if order.problem:
        refused = _("The gateway refused: %(why)s Nothing was given back.")
        return False, refused % {"why": order.problem}
    if order.told_at is None:
        return False, _(
            "The gateway does not answer. The refund is written down and the gateway is told as"
            " soon as it answers; until then access goes on."
        )
    booked = sum(refund.amount for refund in order.payment.refunds.all())
    if booked < _back(order.payment):
        return True, _("The gateway has accepted the refund; it is booked within minutes.")
    return True, _("%(amount)s are on their way back to the reader.") % given
