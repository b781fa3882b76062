"""Do subscriptions, payments and grants agree? Sentences about what does not."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from broadsheet.ledger.models import Payment
from broadsheet.subscriptions.models import Grant, PaidPeriod, PlanChange, Subscription
from broadsheet.subscriptions.rules import SUBSCRIPTION


def problems() -> Iterator[str]:
    """Every payment has its period, every period its grants, every grant its cause."""
    for payment in Payment.objects.filter(period=None, reader__isnull=False):
        yield f"Payment {payment.ref} paid for no period."
    yield from _periods()
    yield from _grants()


def _periods() -> Iterator[str]:
    rows = PaidPeriod.objects.select_related(
        "subscription__version", "payment", "before__from_version"
    )
    credits = _credits()
    for period in rows.order_by("id").iterator():
        subscription = period.subscription
        name = f"Period {period.number} of subscription {subscription.pk}"
        if not _follows(period):
            yield f"{name} does not follow from the anchor."
        worth = period.payment.amount + credits.get((subscription.pk, period.number), 0)
        if worth != period.version.total.amount:
            yield f"{name} was paid with {period.payment.amount}, the plan costs otherwise."
        if period.refunded_at is None and subscription.end_reason != Subscription.DUPLICATE:
            yield from _has_grants(period, name)


def _credits() -> dict[tuple[int, int], int]:
    """What changes of plan took off the price of their first period, by subscription and number."""
    done = PlanChange.objects.filter(state=PlanChange.DONE, at_once=True)
    return {
        (pk, number): c for pk, number, c in done.values_list("subscription", "number", "credit")
    }


def _follows(period: PaidPeriod) -> bool:
    """Whether it begins and ends by its anchor, or ended early by a change at once."""
    starts, ends = period.bounds()
    change = period.before
    ends_early = change is not None and change.at_once and period.ends == change.taken_at
    return period.starts == starts and (period.ends == ends or (ends_early and period.ends < ends))


def _has_grants(period: PaidPeriod, name: str) -> Iterator[str]:
    found = Grant.objects.filter(
        subscription=period.subscription, period=period.number, source=SUBSCRIPTION, revoked_at=None
    )
    held = set(found.values_list("entitlement", flat=True))
    for right in sorted(set(period.version.entitlements) - held):
        yield f"{name} has no grant of {right}."


def _grants() -> Iterator[str]:
    paid = PaidPeriod.objects.filter(
        subscription=OuterRef("subscription"), number=OuterRef("period"), refunded_at=None
    )
    unpaid = Grant.objects.filter(~Exists(paid), source=SUBSCRIPTION, revoked_at=None)
    for grant in unpaid:
        yield f"Grant {grant.pk} ({grant.entitlement}) has no paid period behind it."
