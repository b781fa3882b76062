"""What a subscriber is told by mail, each written in the transaction that causes it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import paper_view
from broadsheet.kit.money import Money, show
from broadsheet.ledger.models import Refund
from broadsheet.ledger.providers.base import Charge
from broadsheet.subscriptions.models import PaidPeriod, PlanChange, Subscription, Withdrawal
from broadsheet.subscriptions.reads.invoices import invoice_view
from broadsheet.subscriptions.reads.offers import benefits_of, known
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.reads.withdrawing import concluded_at, withdrawal_address


def paid(subscription: Subscription, period: PaidPeriod) -> None:
    """A payment arrived: welcome at the first, a receipt at every later one; with the invoice."""
    _queue(
        "receipt" if period.number else "welcome",
        subscription,
        invoice=invoice_view(period.payment.invoice, subscription.version.plan.name),
        until=_local(subscription, period.ends),
        benefits=", ".join(benefit.title for benefit in benefits_of(subscription.version, known())),
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


def failed(subscription: Subscription, charge: Charge, pay_url: str, *, last: bool) -> None:
    """A renewal could not be charged: what happened, what to do, until when access goes on.

    `last` says that the gateway tries no more.
    """
    end = subscription.start_of(charge.number) + subscription.grace
    _queue(
        "given_up" if last else "failed", subscription, problem=charge.problem,
        pay_url=pay_url or f"{origin()}/account/",
        until=_local(subscription, end),
    )  # fmt: skip


def refunded(subscription: Subscription, refund: Refund) -> None:
    """Money went back; with the credit note."""
    name = subscription.version.plan.name
    _queue("refunded", subscription, invoice=invoice_view(refund.invoice, name))


def cancelled(subscription: Subscription) -> None:
    """The receipt of a cancellation."""
    _queue("cancelled", subscription, until=_local(subscription, subscription.paid_until()))


def resumed(subscription: Subscription) -> None:
    """The cancellation was taken back."""
    _queue("resumed", subscription, until=_local(subscription, subscription.paid_until()))


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
        amount=show(withdrawal.money, Paper.load().language),
    )


def ended(subscription: Subscription) -> None:
    """It is over: why, and how to come back."""
    unpaid = subscription.end_reason == Subscription.UNPAID
    _queue("ended", subscription, unpaid=unpaid)


def _local(subscription: Subscription, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(subscription.zone))


def _queue(name: str, subscription: Subscription, **facts: Any) -> None:
    paper = paper_view(origin())
    context = {
        "plan": subscription.version.plan.name,
        "price": show(subscription.price, paper.language),
        "account": f"{paper.origin}/account/",
        "subscribe": f"{paper.origin}/subscribe/",
    }
    queue(subscription.reader.email, f"subscriptions/mail/{name}", context | facts, paper=paper)
