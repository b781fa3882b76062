"""Do trials and their grants agree? What does not, with a remedy."""

from collections.abc import Iterator

from django.db.models import F, Q

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import ANEW, BACKUP, chunked
from broadsheet.subscriptions.models import Grant, PaidPeriod, Subscription
from broadsheet.subscriptions.rules import TRIAL


def problems() -> Iterator[Problem]:
    """Every grant of a trial has its trial and ends with it; every trial that was not cut short has
    its grants; and no paid period begins in one."""
    yield from _grants()
    tried = Subscription.objects.filter(trial_ends__isnull=False)
    for number in tried.exclude(trial_starts__lt=F("trial_ends")).values_list("pk", flat=True):
        yield Problem(f"The trial of subscription {number} ends before it begins.", BACKUP)
    early = PaidPeriod.objects.filter(starts__lt=F("subscription__trial_ends"))
    for period in early.iterator():
        text = f"Period {period.number} of subscription {period.subscription_id} begins in a trial."
        yield Problem(text, BACKUP)
    kept = tried.filter(Q(ended_at=None) | Q(ended_at__gte=F("trial_ends")))
    for chunk in chunked(kept.select_related("checkout__version")):
        yield from _without_grants(chunk)


def _grants() -> Iterator[Problem]:
    given = Grant.objects.filter(source=TRIAL, revoked_at=None)
    caused = given.filter(
        Q(subscription__ended_at=None)
        | Q(subscription__ended_at__gte=F("subscription__trial_ends")),
        reader=F("subscription__reader"), valid_until=F("subscription__trial_ends"),
        valid_from=F("subscription__trial_starts"),
    )  # fmt: skip
    # Not `exclude`: what is null must not be missed.
    for grant in given.exclude(pk__in=caused.values("pk")).iterator():
        text = f"Grant {grant.pk} ({grant.entitlement}) has no trial behind it, or another end."
        yield Problem(text, ANEW)


def _without_grants(chunk: list[Subscription]) -> Iterator[Problem]:
    given = Grant.objects.filter(subscription__in=chunk, source=TRIAL, revoked_at=None)
    held = set(given.values_list("subscription", "entitlement"))
    for found in chunk:
        for right in sorted(set(found.checkout.version.entitlements)):
            if (found.pk, right) not in held:
                yield Problem(
                    f"The trial of subscription {found.pk} has no grant of {right}.", ANEW
                )
