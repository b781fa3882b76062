"""What a subscriber is told by mail, each written in the transaction that causes it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.ledger.gateways import lacks
from broadsheet.ledger.models import Dispute, Refund
from broadsheet.ledger.providers.base import Charge
from broadsheet.subscriptions.models import (
    PaidPeriod,
    Pause,
    PlanChange,
    Subscription,
    Withdrawal,
)
from broadsheet.subscriptions.reads.cards import expiry_text
from broadsheet.subscriptions.reads.invoices import invoice_view
from broadsheet.subscriptions.reads.offers import benefits_of, every_text, known
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.reads.taxes import included_text
from broadsheet.subscriptions.reads.withdrawing import concluded_at, withdrawal_address


def trial_begun(subscription: Subscription) -> None:
    """A trial has begun: what is charged when, and that cancelling before costs nothing."""
    price = subscription.price
    _queue(
        "trial",
        subscription,
        tax=included_text(price.amount, subscription.version, subscription.reader),
        due=_local(subscription, subscription.anchor),
        every=every_text(subscription.version.interval),
        later="" if price == subscription.usual else show(subscription.usual, _language()),
        benefits=_opened(subscription),
        cancel=f"{origin()}/account/cancel/",
        withdraw=withdrawal_address(subscription),
    )


def paid(subscription: Subscription, period: PaidPeriod) -> None:
    """A payment arrived: welcome at the first, a receipt at every later one; with the invoice."""
    _queue(
        "receipt" if period.number else "welcome",
        subscription,
        paid=show(period.payment.money, Paper.load().language),
        renews=subscription.version.renews,
        invoice=invoice_view(period.payment.invoice, subscription.version.plan.name),
        until=_local(subscription, period.ends),
        benefits=_opened(subscription),
        tried=subscription.trial is not None,
        withdraw=withdrawal_address(subscription),
    )


def changed(subscription: Subscription, period: PaidPeriod, change: PlanChange) -> None:
    """Another plan at once, and what it cost; with the invoice."""
    currency, language = change.version.currency, Paper.load().language
    _queue(
        "changed",
        subscription,
        invoice=invoice_view(period.payment.invoice),
        until=_local(subscription, period.ends),
        before=change.from_version.plan.name,
        due=show(Money(change.due, currency), language),
        credit=show(Money(change.credit, currency), language) if change.credit else "",
    )


def planned(subscription: Subscription, change: PlanChange) -> None:
    """Another plan from the end of the paid period; nothing is charged before."""
    _queue(
        "planned",
        subscription,
        after=change.version.plan.name,
        later=show(change.version.total, Paper.load().language),
        until=_local(subscription, subscription.paid_until()),
    )


def kept(subscription: Subscription, change: PlanChange) -> None:
    """The planned change was taken back."""
    _queue(
        "kept",
        subscription,
        after=change.version.plan.name,
        until=_local(subscription, subscription.paid_until()),
    )


def not_owed(subscription: Subscription) -> None:
    """Money reached us that was not owed: it goes straight back."""
    _queue("not_owed", subscription)


def failed(
    subscription: Subscription, charge: Charge, pay_url: str, *, last: bool, tries: int
) -> None:
    """A renewal could not be charged: what happened, what to do, until when access goes on.

    `last` says that the gateway tries no more, after so many `tries`: a single one where the bank
    allows no more of them, as after a mandate that was revoked.
    """
    end = subscription.start_of(charge.number) + subscription.grace
    _queue(
        "given_up" if last else "failed", subscription, problem=charge.problem,
        pay_url=pay_url or f"{origin()}/account/",
        until=_local(subscription, end), tried=not charge.number, tries=tries,
    )  # fmt: skip


def refunded(subscription: Subscription, refund: Refund) -> None:
    """Money went back; with the credit note."""
    name = subscription.version.plan.name
    _queue("refunded", subscription, invoice=invoice_view(refund.invoice, name))


def announced(subscription: Subscription, price: Money, due: datetime, *, asked: bool) -> Mail:
    """A debit that comes, and how to stop it; `asked` when the bank will ask for approval."""
    return _queue(
        "announced",
        subscription,
        sum=show(price, Paper.load().language),
        due=_local(subscription, due),
        cancel=f"{origin()}/account/cancel/",
        asked=asked,
    )


def reminded(
    subscription: Subscription, price: Money, *, dearer: bool, resumes: bool, tried: bool
) -> Mail:
    """A charge that comes: what, when, and how to stop it. `dearer`: the first price is over.

    `resumes`: it is the one after a pause. `tried`: it is the first one, after a trial.
    """
    return _queue(
        "reminded",
        subscription,
        sum=show(price, Paper.load().language),
        tax=included_text(price.amount, subscription.version, subscription.reader),
        due=_local(subscription, subscription.next_at()),
        cancel=f"{origin()}/account/cancel/",
        dearer=dearer,
        resumes=resumes,
        tried=tried,
    )


def ends_soon(subscription: Subscription) -> Mail:
    """A plan that was paid once ends: when, and where it is bought again."""
    plan = subscription.version.plan
    again = f"{origin()}/subscribe/{plan.slug}/" if plan.on_sale else f"{origin()}/subscribe/"
    until = _local(subscription, subscription.paid_until())
    return _queue("ends_soon", subscription, until=until, again=again)


def paused(subscription: Subscription, pause: Pause) -> None:
    """A pause is planned: from when until when nothing is charged and nothing can be read."""
    _queue(
        "paused",
        subscription,
        begins=_local(subscription, pause.begins),
        until=_local(subscription, pause.until),
    )


def unpaused(subscription: Subscription) -> None:
    """A pause that had not begun was taken back."""
    _queue("unpaused", subscription, until=_local(subscription, subscription.paid_until()))


def not_paused(subscription: Subscription) -> None:
    """A pause whose answer was owed did not come about: the subscription is as it was."""
    _queue("not_paused", subscription, again=f"{origin()}/account/pause/")


def card_changed(subscription: Subscription, before: str) -> None:
    """Later charges are taken from another card: which, until when it is good, and what to do when
    that was somebody else."""
    _queue(
        "card_changed",
        subscription,
        card=subscription.card,
        before=before,
        expires=expiry_text(subscription.card_expires),
        due=_local(subscription, subscription.next_at()),
        renews=subscription.renews,
        password=f"{origin()}/accounts/password/change/",
        devices=f"{origin()}/account/devices/",
    )


def cancelled(subscription: Subscription) -> None:
    """The receipt of a cancellation, the reader's own or one made at the bank."""
    _queue(
        "cancelled",
        subscription,
        until=_local(subscription, subscription.paid_until()),
        resumes=not lacks(subscription.provider, "resume"),
    )


def resumed(subscription: Subscription) -> None:
    """The cancellation was taken back."""
    _queue("resumed", subscription, until=_local(subscription, subscription.next_at()))


def disputed(subscription: Subscription, step: Dispute) -> None:
    """The reader's bank took a payment back, so what it paid for is closed."""
    _queue("disputed", subscription, amount=_amount(step))


def dispute_won(subscription: Subscription, step: Dispute) -> None:
    """The bank gave the payment back to us: what it paid for is open again, if it is not over."""
    ends = step.payment.period.ends
    is_open = ends > clock.now()
    _queue(
        "dispute_won", subscription, amount=_amount(step), is_open=is_open,
        until=_local(subscription, ends),
    )  # fmt: skip


def dispute_opened(step: Dispute) -> None:
    """For the publisher: a bank took a payment back, and until when evidence can be sent."""
    paper = letterhead(origin())
    reader = step.payment.reader
    names = {
        "amount": _amount(step),
        "reader": reader.email if reader else "",
        "invoice": step.payment.invoice.label,
        "due": step.due_at.astimezone(ZoneInfo(paper.zone)) if step.due_at else None,
        "url": f"{paper.origin}/desk/business/disputes/",
    }
    for publisher in User.objects.filter(is_superuser=True, is_active=True):
        queue(publisher.email, "subscriptions/mail/dispute_opened", names, paper=paper)


def _amount(step: Dispute) -> str:
    return show(Money(step.amount, step.payment.currency), Paper.load().language)


def withdrawn(subscription: Subscription, withdrawal: Withdrawal) -> None:
    """The acknowledgement: what was declared, when, by whom, and what goes back."""
    _queue(
        "withdrawn",
        subscription,
        declarer=withdrawal.name,
        address=subscription.reader.email,
        at=_local(subscription, withdrawal.at),
        zone=subscription.zone,
        concluded=_local(subscription, concluded_at(subscription)),
        amount=show(withdrawal.money, _language()) if withdrawal.amount else "",
    )


def ended(subscription: Subscription) -> None:
    """It is over: why, and how to come back."""
    unpaid = subscription.end_reason == Subscription.UNPAID
    _queue("ended", subscription, unpaid=unpaid, renews=subscription.version.renews)


def _local(subscription: Subscription, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(subscription.zone))


def _language() -> str:
    return Paper.load().language


def _opened(subscription: Subscription) -> str:
    return ", ".join(benefit.title for benefit in benefits_of(subscription.version, known()))


def _queue(name: str, subscription: Subscription, **facts: Any) -> Mail:
    paper = letterhead(origin())
    context = {
        "plan": subscription.version.plan.name,
        "price": show(subscription.price, paper.language),
        "account": f"{paper.origin}/account/",
        "subscribe": f"{paper.origin}/subscribe/",
    }
    return queue(
        subscription.reader.email, f"subscriptions/mail/{name}", context | facts, paper=paper
    )
