"""Regular debits that come, in currencies whose law wants them announced (`MANDATE_RULES`)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from broadsheet.subscriptions.models import PaidPeriod, PredebitNotice, Subscription
from broadsheet.subscriptions.rules import MANDATE_RULES

WARNED = timedelta(hours=48)
"""A notice that has not left so long before its debit is a trouble: a day is left to mend it."""


def debits(now: datetime, within: timedelta) -> QuerySet[Any]:
    """Subscriptions that renew within so long, the nearest first: `next` is the number of the
    period, `due` when it is taken at the latest."""
    paid = PaidPeriod.objects.filter(subscription=OuterRef("pk"), refunded_at=None)
    last = paid.order_by("-number")
    currencies = {rule.currency for rule in MANDATE_RULES}
    found = Subscription.objects.live().filter(renews=True, version__currency__in=currencies)
    return (
        found.annotate(
            next=Coalesce(Subquery(last.values("number")[:1]) + 1, 0),
            until=Coalesce(Subquery(last.values("ends")[:1]), "trial_ends"),
        )
        .annotate(due=Greatest("until", Coalesce("resumes_at", "until")))
        .filter(due__gt=now, due__lte=now + within)
        .order_by("due")
    )


def notices() -> QuerySet[PredebitNotice]:
    """Those of the debit that `debits` finds, for a subquery."""
    return PredebitNotice.objects.filter(subscription=OuterRef("pk"), number=OuterRef("next"))


def silent(now: datetime) -> QuerySet[Any]:
    """Whose debit is near, and no notice of it has left: the law will not allow it."""
    left = notices().filter(sent_at__isnull=False)
    return debits(now, WARNED).filter(~Exists(left))
