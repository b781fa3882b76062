"""Do subscriptions, payments and grants agree? What does not, in sentences with a remedy."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from broadsheet.kit.say import Refusal
from broadsheet.ledger import checks as ledger
from broadsheet.ledger.checks import Problem
from broadsheet.ledger.models import Credit, Payment
from broadsheet.ledger.snapshot import snapshot
from broadsheet.subscriptions.checks import (
    causes,
    gifts,
    imports,
    institutions,
    partners,
    rights,
    seats,
    trials,
)
from broadsheet.subscriptions.checks.saying import BACKUP, chunked
from broadsheet.subscriptions.models import (
    Checkout,
    CouponUse,
    PaidPeriod,
    PlanChange,
)

REFUND = "Nobody reads for this money: look it up at the gateway, and give it back there."


def everything() -> Iterator[Problem]:
    """All that is wrong with books, subscriptions and grants, as they were at one moment."""
    with snapshot():
        yield from ledger.problems()
        yield from problems()


def problems() -> Iterator[Problem]:
    """Every payment has its period, every period its grants, every grant its cause."""
    unspent = Payment.objects.filter(period=None, gift=None, reader__isnull=False)
    for payment in unspent.iterator():
        yield Problem(f"Payment {payment.ref} paid for no period.", REFUND)
    rows = PaidPeriod.objects.select_related(
        "subscription__version", "subscription__checkout", "payment", "before__from_version"
    ).prefetch_related("payment__credits")
    for chunk in chunked(rows):
        yield from _periods(chunk)
    yield from rights.problems()
    yield from causes.problems()
    yield from _coupons()
    yield from seats.problems()
    yield from gifts.problems()
    yield from trials.problems()
    yield from imports.problems()
    yield from institutions.problems()
    yield from partners.problems()


def unannounced(since: datetime) -> Iterator[Problem]:
    """Renewals charged since then that no mandate allowed, as far as the paper knows.

    The gateway charges by its own clock: the money is booked, and the publisher hears of it. No
    part of `everything`, because nothing mends what was charged.
    """
    by_itself = Q(number__gt=0) | Q(subscription__trial_ends__isnull=False)
    charged = PaidPeriod.objects.filter(
        by_itself, payment__at__gte=since, subscription__mandate__isnull=False
    ).select_related("subscription__mandate", "payment")
    periods = list(charged.prefetch_related("subscription__notices"))
    changes = _changes(periods)
    for period in periods:
        subscription, n, paid = period.subscription, period.number, period.payment
        if (subscription.pk, n) in changes:
            continue  # The reader was there, and agreed.
        try:
            subscription.mandate.check_charge(n, paid.amount, paid.at)
        except Refusal as why:
            yield Problem(
                f"Period {n} of subscription {subscription.pk}: {why.problem}", why.remedy
            )


def _periods(periods: list[PaidPeriod]) -> Iterator[Problem]:
    changes = _changes(periods)
    for period in periods:
        subscription, n = period.subscription, period.number
        name = f"Period {n} of subscription {subscription.pk}"
        if not _follows(period):
            yield Problem(f"{name} does not follow from the anchor.", BACKUP)
        change = changes.get((subscription.pk, n))
        paid, credit = period.payment.amount, change.credit if change else 0
        price = period.price
        if paid + credit != price:
            text = f"{name} was paid with {paid} and a credit of {credit}, the plan costs {price}."
            yield Problem(text, BACKUP)
        if change is None and any(_is_moved(period, c) for c in period.payment.credits.all()):
            yield Problem(f"{name} earns a credit, but no change of plan began it.", BACKUP)


def _is_moved(period: PaidPeriod, credit: Credit) -> bool:
    """Whether it came with the payment; what came later was given back to the period."""
    return credit.journal_id == period.payment.journal_id


def _follows(period: PaidPeriod) -> bool:
    """Whether it begins and ends by its anchor, or ended early by a change at once."""
    starts, ends = period.bounds()
    change = period.before
    ends_early = change is not None and change.at_once and period.ends == change.taken_at
    return period.starts == starts and (period.ends == ends or (ends_early and period.ends < ends))


def _changes(periods: list[PaidPeriod]) -> dict[tuple[int, int], PlanChange]:
    """Changes at once by subscription and the period they began, in one query for a chunk."""
    done = PlanChange.objects.filter(
        subscription__in={period.subscription_id for period in periods},
        state=PlanChange.DONE,
        at_once=True,
    )
    return {(change.subscription_id, change.number): change for change in done}


def _coupons() -> Iterator[Problem]:
    """A paid checkout with a coupon has used it, and what it left to pay is as the coupon said."""
    final = CouponUse.objects.filter(
        coupon=OuterRef("coupon"), reader=OuterRef("reader"), final_at__isnull=False
    )
    paid = Checkout.objects.filter(coupon__isnull=False, state=Checkout.PAID)
    for checkout in paid.filter(~Exists(final)).iterator():
        yield Problem(f"Checkout {checkout.pk} was paid with a coupon that has no use.", BACKUP)
