"""Fees and disputes that a gateway tells of: into the books, and what a dispute does to access."""

from broadsheet.kit import clock
from broadsheet.ledger.actions import book_dispute, book_fee
from broadsheet.ledger.models import Dispute, Fee, Payment
from broadsheet.ledger.providers.base import Disputed, Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.terms import is_worth_keeping, redo_credit, undo_credit
from broadsheet.subscriptions.models import Subscription


def book_fees(subscription: Subscription, standing: Standing) -> None:
    """Book what the gateway kept of charges and for disputes, each once."""
    kept = [(c.ref, c.ref, c.fee, c.at) for c in standing.charges if c.paid and c.fee]
    kept += [(d.ref, d.charge, d.fee, d.at) for d in standing.disputes if d.fee]
    if not kept:
        return
    booked = set(
        Fee.objects.filter(payment__period__subscription=subscription).values_list("ref", flat=True)
    )
    for ref, charge, fee, at in kept:
        if ref not in booked:
            book_fee(_payment(subscription, charge), ref, fee, at)


def take_disputes(subscription: Subscription, standing: Standing, zone: str) -> None:
    """Book new steps of disputes. Not saved: what they change of the subscription itself.

    A payment that a bank holds opens nothing and nothing more is charged: who wants the money
    back does not want to be charged again. What a change of plan had credited for it was paid for
    before, and is open to its old end again. Won, its period is open again to its end, and the one
    before ends where it ended.
    """
    for disputed in standing.disputes:
        payment = _payment(subscription, disputed.charge)
        steps = book_dispute(payment, disputed, zone)
        was_open = subscription.periods.filter(payment=payment, refunded_at=None).exists()
        for step in steps:
            _follow(subscription, payment, step)
        if steps:
            _tell(subscription, steps, was_open=was_open)


def _tell(subscription: Subscription, steps: list[Dispute], *, was_open: bool) -> None:
    """Mails about new steps: what was opened and won before we heard of it is not worth one."""
    first, last = steps[0], steps[-1]
    if first.step == Dispute.OPEN:
        mails.dispute_opened(first)
    if first.step == Dispute.OPEN and last.step != Dispute.WON and was_open:
        mails.disputed(subscription, last)
    elif first.step == Dispute.WON:
        mails.dispute_won(subscription, last)


def _payment(subscription: Subscription, charge: str) -> Payment:
    return Payment.objects.get(provider=subscription.provider, ref=charge)


def _follow(subscription: Subscription, payment: Payment, step: Dispute) -> None:
    period = subscription.periods.filter(payment=payment)
    if step.step == Dispute.WON:
        period.update(refunded_at=None)
        redo_credit(subscription, payment)
        return
    period.filter(refunded_at=None).update(refunded_at=clock.now())
    undone = undo_credit(subscription, payment) and step.step == Dispute.LOST
    if subscription.is_live:
        subscription.cancelled_at = subscription.cancelled_at or clock.now()
        subscription.renews = False
        if undone or not is_worth_keeping(subscription):
            subscription.end(Subscription.DISPUTED)


def is_overtaken(subscription: Subscription, disputes: tuple[Disputed, ...]) -> bool:
    """Whether the books know of more steps than this answer."""
    told = sum(1 if disputed.state == "open" else 2 for disputed in disputes)
    steps = Dispute.objects.filter(payment__period__subscription=subscription)
    return told < steps.count()
