"""What a subscription should open, from its trial and its paid periods as they are written."""

from collections.abc import Collection
from datetime import datetime

from broadsheet.subscriptions.models import PaidPeriod, Subscription
from broadsheet.subscriptions.rules import Door, Period, doors
from broadsheet.subscriptions.trials import trial_doors


def doors_of(subscription: Subscription, paid: Collection[PaidPeriod], now: datetime) -> set[Door]:
    """Every grant that it should have; `paid` are its periods whose money was not given back.

    What is paid before it begins opens `now`.
    """
    if subscription.end_reason == Subscription.DUPLICATE:
        return set()
    return _tried(subscription, is_paid=bool(paid)) | doors(
        subscription.version.entitlements,
        [Period(p.number, min(p.starts, now), p.ends, tuple(p.version.entitlements)) for p in paid],
        renews=subscription.renews,
        ended=not subscription.is_live,
        grace=subscription.grace,
        resumes=subscription.resumes_at,
    )


def _tried(subscription: Subscription, *, is_paid: bool) -> set[Door]:
    """What the trial opens, and the grace while its first charge is outstanding."""
    if subscription.trial is None:
        return set()
    waits = subscription.is_live and subscription.renews and not is_paid
    return trial_doors(
        subscription.checkout.version.entitlements, subscription.trial,
        ended=subscription.ended_at, grace=subscription.grace,
        owed=subscription.version.entitlements if waits else (),
    )  # fmt: skip
