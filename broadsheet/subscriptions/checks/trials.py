"""Do trials and paid periods agree? What does not, with a remedy. Their grants: `rights.py`."""

from collections.abc import Iterator

from django.db.models import F

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import BACKUP
from broadsheet.subscriptions.models import PaidPeriod, Subscription


def problems() -> Iterator[Problem]:
    """Every trial ends after it begins, and no paid period begins in one."""
    tried = Subscription.objects.filter(trial_ends__isnull=False)
    for number in tried.exclude(trial_starts__lt=F("trial_ends")).values_list("pk", flat=True):
        yield Problem(f"The trial of subscription {number} ends before it begins.", BACKUP)
    early = PaidPeriod.objects.filter(starts__lt=F("subscription__trial_ends"))
    for period in early.iterator():
        text = f"Period {period.number} of subscription {period.subscription_id} begins in a trial."
        yield Problem(text, BACKUP)
