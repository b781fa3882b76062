"""Take over what the gateway says of a checkout: the one way money becomes access.

Called when the reader returns, when a webhook came, and by the worker that asks by itself. Each
charge, refund and failure is booked once, under a row lock, whoever comes first.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import translation

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.actions import (
    Purchase,
    book_failure,
    book_payment,
    book_refund,
    order_refund,
)
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import Charge, Provider, Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.granting import sync_grants
from broadsheet.subscriptions.models import Checkout, PaidPeriod, SalesPolicy, Subscription


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of asking: the checkout as it is now, and its subscription when it was paid."""

    checkout: Checkout
    subscription: Subscription | None


def settle(provider: Provider, ref: str) -> Settled:
    """Ask the gateway about `ref` and book what is new. Nothing is booked twice.

    Raises GatewaySilent, and Refusal for an object that is not ours or whose price is not the
    plan's: then nothing is booked.
    """
    standing = provider.look_up(ref)
    with transaction.atomic(), translation.override(Paper.load().language):
        checkout = _checkout(provider, standing)
        subscription = _subscription(checkout, standing)
        if subscription is not None:
            _book(subscription, standing)
    return Settled(checkout, subscription)


def _checkout(provider: Provider, standing: Standing) -> Checkout:
    """Our checkout for the gateway's object, its reader locked. Raises Refusal for any other."""
    found = Checkout.objects.filter(key=standing.key, provider=provider.name)
    # All that happens to a reader's checkouts and subscriptions happens under this lock.
    readers = User.objects.filter(pk__in=found.values("reader"))
    readers.select_for_update(no_key=True).first()
    checkout = found.select_related("reader", "version__plan").first()
    if checkout is None or checkout.ref not in (None, standing.ref):
        raise Refusal(
            f"{standing.ref} at {provider.name} is no checkout of this paper.", "It was left alone."
        )
    _check_price(checkout, standing)
    checkout.ref, checkout.problem = standing.ref, ""
    if standing.state == "closed" and checkout.state == Checkout.OPEN:
        checkout.state = Checkout.LEFT
    checkout.asked_at = clock.now()
    checkout.save()
    return checkout


def _check_price(checkout: Checkout, standing: Standing) -> None:
    agreed = (checkout.amount, checkout.currency, checkout.version.interval)
    said = [(standing.amount, standing.currency, standing.interval)]
    said += [(c.amount, c.currency, standing.interval) for c in standing.charges if c.paid]
    for amount, currency, interval in said:
        if (amount, currency, interval) != agreed:
            raise Refusal(
                f"{standing.ref} is about {amount} {currency} for {interval.count}"
                f" {interval.unit}, the plan costs {checkout.amount} {checkout.currency} for"
                f" {checkout.version.count} {checkout.version.unit}.",
                "Nothing was booked. Look at it in the gateway's own pages.",
            )


def _subscription(checkout: Checkout, standing: Standing) -> Subscription | None:
    """The subscription of a paid checkout, made at its first charge."""
    existing = Subscription.objects.filter(checkout=checkout).first()
    first = next((charge for charge in standing.charges if charge.paid), None)
    if existing is not None or first is None:
        return existing
    for old in checkout.reader.subscriptions.given_up():
        _make_room(old)
    live = checkout.reader.subscriptions.live().exists()
    checkout.state = Checkout.PAID
    checkout.save()
    return Subscription.objects.create(
        reader=checkout.reader,
        version=checkout.version,
        checkout=checkout,
        provider=checkout.provider,
        ref=standing.ref,
        anchor=standing.started_at or first.at,
        zone=Paper.load().time_zone,
        grace_days=SalesPolicy.current().grace_days,
        # Somebody who paid twice, in two windows, gets the second payment back.
        state=Subscription.ENDED if live else Subscription.ACTIVE,
        end_reason=Subscription.DUPLICATE if live else "",
        ended_at=clock.now() if live else None,
        renews=not live,
    )


def _make_room(subscription: Subscription) -> None:
    """A subscription that nothing is charged for any more ends when its reader buys another."""
    subscription.state, subscription.end_reason = Subscription.ENDED, Subscription.UNPAID
    subscription.ended_at, subscription.renews = clock.now(), False
    subscription.save()
    sync_grants(subscription)


def _book(subscription: Subscription, standing: Standing) -> None:
    for charge in standing.charges:
        if charge.paid:
            _book_charge(subscription, charge)
        else:
            _book_failure(subscription, charge, standing)
    _book_refunds(subscription, standing)
    _take_state(subscription, standing)
    sync_grants(subscription)


def _book_charge(subscription: Subscription, charge: Charge) -> None:
    starts, ends = subscription.start_of(charge.number), subscription.start_of(charge.number + 1)
    version, paper = subscription.version, Paper.load()
    purchase = Purchase(
        reader=subscription.reader,
        seller=paper.name,
        description=f"{paper.name}: {version.plan.name}",
        period_from=starts,
        period_until=ends,
        tax_name=version.tax_name,
        tax_rate=version.tax_rate,
        zone=paper.time_zone,
    )
    payment = book_payment(subscription.provider, charge, purchase)
    if payment is None:
        return
    period = PaidPeriod.objects.create(
        subscription=subscription, number=charge.number, starts=starts, ends=ends, payment=payment
    )
    if subscription.end_reason == Subscription.DUPLICATE:
        order_refund(payment, payment.amount, "Paid twice", None)
    elif not subscription.is_live:
        _come_back(subscription, payment)
    mails.paid(subscription, period)


def _come_back(subscription: Subscription, payment: Payment) -> None:
    """A charge that came through late revives a subscription that lapsed for want of it.

    If there is another by now, or this one was to end, the money goes back.
    """
    lapsed = subscription.end_reason == Subscription.UNPAID
    if not lapsed or subscription.reader.subscriptions.live().exists():
        order_refund(payment, payment.amount, "Charged after the end", None)
        return
    subscription.state, subscription.ended_at = Subscription.ACTIVE, None
    subscription.end_reason = ""


def _book_failure(subscription: Subscription, charge: Charge, standing: Standing) -> None:
    failure = book_failure(subscription.provider, charge, subscription.reader)
    newest = charge is standing.charges[-1]
    if failure is not None and charge.number > 0 and newest:
        mails.failed(subscription, charge, standing.pay_url, last=standing.state == "ended")


def _book_refunds(subscription: Subscription, standing: Standing) -> None:
    zone = Paper.load().time_zone
    for refunded in standing.refunds:
        payment = Payment.objects.get(provider=subscription.provider, ref=refunded.charge)
        refund = book_refund(payment, refunded, zone)
        if refund is None:
            continue
        mails.refunded(subscription, refund)
        if sum(r.amount for r in payment.refunds.all()) >= payment.amount:
            _take_back(subscription, payment)


def _take_back(subscription: Subscription, payment: Payment) -> None:
    """A period given back whole opens nothing; without a paid period left, nothing goes on."""
    subscription.periods.filter(payment=payment).update(refunded_at=clock.now())
    if subscription.is_live and subscription.paid_until() <= clock.now():
        subscription.state, subscription.ended_at = Subscription.ENDED, clock.now()
        subscription.end_reason, subscription.renews = Subscription.REFUNDED, False
        subscription.cancelled_at = subscription.cancelled_at or clock.now()


def _take_state(subscription: Subscription, standing: Standing) -> None:
    """What the reader wants and the gateway does not know yet (`renews_told`) is not overwritten,
    and what an unpaid charge ends, ends with our grace."""
    overdue = bool(standing.charges) and not standing.charges[-1].paid
    if subscription.renews == subscription.renews_told and not overdue:
        goes_on = standing.renews and standing.state != "ended"
        subscription.renews = subscription.renews_told = goes_on
        if not goes_on and subscription.cancelled_at is None:
            subscription.cancelled_at = clock.now()
    if subscription.is_live:
        subscription.state = Subscription.PAST_DUE if overdue else Subscription.ACTIVE
    subscription.pay_url = standing.pay_url
    subscription.asked_at = clock.now()
    subscription.save()
