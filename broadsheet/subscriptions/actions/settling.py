"""Take over what the gateway says of a checkout: the one way money becomes access.

Called on the reader's return, after a webhook and by the worker; each books once, under a lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.ledger.actions import (
    Purchase,
    book_failure,
    book_payment,
    book_refund,
    order_refund,
)
from broadsheet.ledger.models import Billing, Payment, Refund
from broadsheet.ledger.providers.base import Charge, Provider, Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.cards import take_card
from broadsheet.subscriptions.actions.disputing import book_fees, is_overtaken, take_disputes
from broadsheet.subscriptions.actions.granting import sync_grants
from broadsheet.subscriptions.actions.locking import lock_group
from broadsheet.subscriptions.actions.noticing import take_mandate
from broadsheet.subscriptions.actions.redeeming import use_up
from broadsheet.subscriptions.actions.resting import follow_pause, take_rest
from broadsheet.subscriptions.actions.terms import (
    Unbooked,
    check_price,
    credited,
    described,
    is_worth_keeping,
    take_pending,
    take_terms,
    undo_credit,
)
from broadsheet.subscriptions.models import Checkout, PaidPeriod, SalesPolicy, Subscription
from broadsheet.subscriptions.reads.quotes import change_at
from broadsheet.subscriptions.trials import Trial


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of asking: the checkout as it is now, and its subscription when it was paid."""

    checkout: Checkout
    subscription: Subscription | None


class NotOurs(Unbooked):
    """The gateway's object belongs to another shop on the same account: no concern of the paper."""


class NoCheckout(Unbooked):
    """The gateway's object belongs to no checkout of this paper, or to none any more."""

    def __init__(self, provider: str, standing: Standing) -> None:
        text = f"{standing.ref} at {provider} is no checkout of this paper."
        super().__init__(text, "It was left alone.")
        self.standing = standing


def settle(provider: Provider, ref: str) -> Settled:
    """Ask the gateway about `ref` and book what is new, once; an overtaken answer is left.

    Raises GatewaySilent, NotOurs for another shop's object, and Refusal for one that we do not
    know or whose price is not the plan's: then nothing is booked.
    """
    asked_at = clock.now()
    standing = provider.look_up(ref)
    if not standing.key:
        raise NotOurs(f"{ref} at {provider.name} is another shop's.", "It was left alone.")
    paper = Paper.load()
    with transaction.atomic(), translation.override(paper.language):
        checkout = _checkout(provider, standing)
        subscription = _subscription(checkout, standing, paper)
        if subscription is not None and not _is_overtaken(subscription, standing):
            _take_wish(subscription, standing, asked_at)
            take_card(subscription, standing, asked_at)
            _book(subscription, standing, paper)
    return Settled(checkout, subscription)


def _checkout(provider: Provider, standing: Standing) -> Checkout:
    """Our checkout for the gateway's object, its reader locked, and to whom that lends seats.
    Raises Refusal for any other."""
    found = Checkout.objects.filter(key=standing.key, provider=provider.name)
    # All that happens to a reader's checkouts and subscriptions happens under this lock.
    lock_group(User.objects.filter(pk__in=found.values("reader")))
    checkout = found.select_related("reader", "version__plan").first()
    if checkout is None or checkout.ref not in (None, standing.ref):
        raise NoCheckout(provider.name, standing)
    check_price(checkout, standing)
    checkout.ref, checkout.problem = standing.ref, ""
    if standing.state == "closed" and checkout.state == Checkout.OPEN:
        checkout.state = Checkout.LEFT
    checkout.asked_at = clock.now()
    checkout.save(update_fields=["ref", "problem", "state", "asked_at"])
    return checkout


def _subscription(checkout: Checkout, standing: Standing, paper: Paper) -> Subscription | None:
    """The subscription of a paid checkout, made when its trial begins or at its first charge."""
    existing = _existing(checkout)
    first = next((charge for charge in standing.charges if charge.paid), None)
    trial = _trial(checkout, standing)
    begun = standing.started_at or (first.at if first else None)
    if existing is not None or begun is None or (first is None and trial is None):
        return existing
    for old in checkout.reader.subscriptions.given_up():
        _make_room(old)
    # Nor does a reader who has closed the account meanwhile get anything for it.
    theirs = checkout.reader.subscriptions
    owed = checkout.reader.is_active and not theirs.live().exists()
    if trial is not None and theirs.exclude(trial_ends=None).exists():
        owed = False  # One trial for each reader, whatever two windows agreed to.
    checkout.state = Checkout.PAID
    checkout.save()
    use_up(checkout)
    subscription = Subscription(
        reader=checkout.reader,
        version=checkout.version,
        checkout=checkout,
        provider=checkout.provider,
        ref=standing.ref,
        anchor=begun,
        zone=paper.time_zone,
        grace_days=SalesPolicy.current().grace_days,
        renews=checkout.version.renews,
        renews_told=checkout.version.renews,
    )
    if not owed:  # Somebody who paid twice, in two windows, gets the second payment back.
        subscription.end(Subscription.DUPLICATE)
    elif trial is not None:
        subscription.trial_starts, subscription.trial_ends = trial
    subscription.save()
    if subscription.is_on_trial:
        mails.trial_begun(subscription)
    return subscription


def _existing(checkout: Checkout) -> Subscription | None:
    """The subscription that the checkout became, with what is read already."""
    found: Subscription | None = Subscription.objects.filter(checkout=checkout).first()
    if found is not None:
        found.checkout, found.reader = checkout, checkout.reader
        if found.version_id == checkout.version_id:
            found.version = checkout.version
    return found


def _trial(checkout: Checkout, standing: Standing) -> Trial | None:
    """The trial that was agreed to; None when there is none, or the checkout waits."""
    ends = standing.started_at
    if not checkout.trial_days or ends is None or standing.state in ("open", "closed"):
        return None
    return Trial(min(clock.now(), ends - timedelta(days=checkout.trial_days)), ends)


def _is_overtaken(subscription: Subscription, standing: Standing) -> bool:
    """Whether the books know more than this answer: it was given before what they hold.

    Refunds tell nothing of it: one that was booked may come back from the bank, and is gone then.
    """
    paid = sum(charge.paid for charge in standing.charges)
    fewer = paid < subscription.periods.count()
    older = standing.base < subscription.base
    return older or fewer or is_overtaken(subscription, standing.disputes)


def _make_room(subscription: Subscription) -> None:
    """A subscription that nothing is charged for any more ends when its reader buys another."""
    subscription.end(Subscription.UNPAID)
    subscription.save()
    sync_grants(subscription)


def _book(subscription: Subscription, standing: Standing, paper: Paper) -> None:
    booked = set(subscription.periods.values_list("payment__ref", flat=True))
    take_rest(subscription, standing)
    for charge in standing.charges:
        if charge.number >= standing.base:
            take_terms(subscription, standing)
        if not charge.paid:
            _book_failure(subscription, charge, standing)
        elif charge.ref not in booked:
            _book_charge(subscription, charge, paper)
    book_fees(subscription, standing)
    _book_refunds(subscription, standing, paper.time_zone)
    take_disputes(subscription, standing, paper.time_zone)
    follow_pause(subscription, standing)
    _take_state(subscription, standing)
    take_pending(subscription, standing)
    take_mandate(subscription, standing)
    sync_grants(subscription)


def _book_charge(subscription: Subscription, charge: Charge, paper: Paper) -> None:
    starts, ends = subscription.start_of(charge.number), subscription.start_of(charge.number + 1)
    version, change = subscription.version, change_at(subscription, charge.number)
    purchase = Purchase(
        reader=subscription.reader,
        seller=paper.name,
        description=f"{paper.name}: {described(version, change, paper.language)}"[:200],
        period_from=starts,
        period_until=ends,
        tax_name=version.tax_name,
        tax_rate=version.tax_rate,
        zone=paper.time_zone,
        credited=credited(change),
        buyer=Billing.of(subscription.reader),
    )
    payment = book_payment(subscription.provider, charge, purchase)
    if payment is None:
        return
    period = PaidPeriod.objects.create(
        subscription=subscription, number=charge.number, starts=starts, ends=ends, payment=payment
    )
    reason = _not_owed(subscription, charge)
    if reason:
        order_refund(payment, payment.amount, reason, None)
        mails.not_owed(subscription)
        return
    if not subscription.is_live:
        subscription.revive()
    if change is not None:
        mails.changed(subscription, period, change)
    else:
        mails.paid(subscription, period)


def _not_owed(subscription: Subscription, charge: Charge) -> str:
    """Why a charge goes straight back; "" when it is owed.

    A late one revives what lapsed for want of it, unless there is another or the account closed.
    """
    if subscription.end_reason == Subscription.DUPLICATE:
        return "Paid twice"
    cancelled = subscription.cancelled_at
    if not subscription.is_live:
        lapsed = subscription.end_reason == Subscription.UNPAID
        paid_before = cancelled is None or charge.at <= cancelled
        reads_on = subscription.reader.is_active and lapsed and paid_before
        other = subscription.reader.subscriptions.live().exists()
        return "" if reads_on and not other else "Charged after the end"
    late = cancelled is not None and charge.at > cancelled
    return "Charged after the cancellation" if late and not subscription.renews else ""


def _book_failure(subscription: Subscription, charge: Charge, standing: Standing) -> None:
    failure = book_failure(subscription.provider, charge, subscription.reader)
    newest = charge is standing.charges[-1]
    goes_on = subscription.is_live and subscription.renews
    renews = charge.number > 0 or subscription.trial is not None
    if failure is not None and renews and newest and goes_on:
        tries = sum(other.number == charge.number for other in standing.charges)
        last = standing.state == "ended"
        mails.failed(subscription, charge, standing.pay_url, last=last, tries=tries)


def _book_refunds(subscription: Subscription, standing: Standing, zone: str) -> None:
    if not standing.refunds:
        return
    refunds = Refund.objects.filter(payment__period__subscription=subscription)
    booked = set(refunds.values_list("ref", flat=True))
    for refunded in standing.refunds:
        if refunded.ref in booked:
            continue
        payment = Payment.objects.get(provider=subscription.provider, ref=refunded.charge)
        refund = book_refund(payment, refunded, zone)
        if refund is None:
            continue
        mails.refunded(subscription, refund)
        if sum(r.amount for r in payment.refunds.all()) >= payment.amount:
            _take_back(subscription, payment)


def _take_back(subscription: Subscription, payment: Payment) -> None:
    """A period given back whole opens nothing; without a paid period left, nothing goes on.

    Nor after a change of plan given back: what was credited for it is open to its old end again.
    """
    subscription.periods.filter(payment=payment).update(refunded_at=clock.now())
    undone = undo_credit(subscription, payment)
    if subscription.is_live and (undone or not is_worth_keeping(subscription)):
        subscription.end(Subscription.REFUNDED)
        subscription.cancelled_at = subscription.cancelled_at or clock.now()


def _take_wish(subscription: Subscription, standing: Standing, asked_at: datetime) -> None:
    """Who stops the renewal in the gateway's own pages means it: what was told there last is not
    ours any more. Not so in an answer from before we told something, or had a later one."""
    known = subscription.heard_at is not None and subscription.heard_at <= asked_at
    agreed = subscription.is_live and subscription.renews and subscription.renews_told
    if known and agreed and standing.state == "active" and not standing.renews:
        subscription.renews = False
        subscription.cancelled_at = clock.now()
        mails.cancelled(subscription)


def _take_state(subscription: Subscription, standing: Standing) -> None:
    """What the reader wants and the gateway does not know yet (`renews_told`) is not overwritten,
    and what an unpaid charge ends, ends with our grace."""
    overdue = bool(standing.charges) and not standing.charges[-1].paid
    if standing.state == "ended" and not (overdue and standing.renews):
        stopped_there = subscription.is_live and subscription.renews
        subscription.renews = subscription.renews_told = False
        if subscription.version.renews:
            subscription.cancelled_at = subscription.cancelled_at or clock.now()
        if stopped_there:
            mails.cancelled(subscription)
    else:
        subscription.renews_told = standing.renews
    if subscription.is_live:
        due = Subscription.PAST_DUE if overdue else Subscription.ACTIVE
        subscription.turn(Subscription.PAUSED if subscription.is_resting else due)
    subscription.pay_url = standing.pay_url
    subscription.asked_at = subscription.heard_at = clock.now()
    subscription.save()
