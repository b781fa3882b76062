"""Do subscriptions, payments and grants agree? Sentences about what does not."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from broadsheet.ledger.models import Payment
from broadsheet.subscriptions.models import Grant, PaidPeriod, Subscription
from broadsheet.subscriptions.rules import SUBSCRIPTION


def problems() -> Iterator[str]:
    """Every payment has its period, every period its grants, every grant its cause."""
    for payment in Payment.objects.filter(period=None, reader__isnull=False):
        yield f"Payment {payment.ref} paid for no period."
    yield from _periods()
    yield from _grants()


def _periods() -> Iterator[str]:
    rows = PaidPeriod.objects.select_related("subscription__version", "payment")
    for period in rows.order_by("id").iterator():
        subscription = period.subscription
        name = f"Period {period.number} of subscription {subscription.pk}"
        n = period.number
        if (period.starts, period.ends) != (subscription.start_of(n), subscription.start_of(n + 1)):
            yield f"{name} does not follow from the anchor."
        if period.payment.amount != subscription.version.total.amount:
            yield f"{name} was paid with {period.payment.amount}, the plan costs otherwise."
        if period.refunded_at is None and subscription.end_reason != Subscription.DUPLICATE:
            yield from _has_grants(period, name)


def _has_grants(period: PaidPeriod, name: str) -> Iterator[str]:
    found = Grant.objects.filter(
        subscription=period.subscription, period=period.number, source=SUBSCRIPTION, revoked_at=None
    )
    held = set(found.values_list("entitlement", flat=True))
    for right in sorted(set(period.subscription.version.entitlements) - held):
        yield f"{name} has no grant of {right}."


def _grants() -> Iterator[str]:
    paid = PaidPeriod.objects.filter(
        subscription=OuterRef("subscription"), number=OuterRef("period"), refunded_at=None
    )
    unpaid = Grant.objects.filter(~Exists(paid), source=SUBSCRIPTION, revoked_at=None)
    for grant in unpaid:
        yield f"Grant {grant.pk} ({grant.entitlement}) has no paid period behind it."
