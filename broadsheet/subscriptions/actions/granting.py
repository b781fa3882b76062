"""Make the grants of a subscription equal to what its trial and its paid periods call for."""

from broadsheet.kit import clock
from broadsheet.subscriptions.actions.following import follow_grants
from broadsheet.subscriptions.actions.lending import lend
from broadsheet.subscriptions.actions.matching import matched, written
from broadsheet.subscriptions.models import Grant, Subscription
from broadsheet.subscriptions.rules import LENT, Door, Period, doors
from broadsheet.subscriptions.trials import trial_doors


def sync_grants(subscription: Subscription) -> None:
    """Write, lengthen and revoke grants in the present transaction; void the passes if any did.

    What the subscription lends to a group follows.
    """
    ours = subscription.grants.filter(source__in=tuple(LENT))
    changed, missing = matched(ours, _doors(subscription))
    written(changed, [_grant(subscription, door) for door in missing])
    if changed or missing:
        follow_grants([subscription.reader_id])
    lend(subscription)


def _grant(subscription: Subscription, door: Door) -> Grant:
    return Grant(
        reader=subscription.reader,
        subscription=subscription,
        entitlement=door.entitlement,
        source=door.source,
        period=door.period,
        valid_from=door.opens,
        valid_until=door.closes,
    )


def _doors(subscription: Subscription) -> set[Door]:
    if subscription.end_reason == Subscription.DUPLICATE:
        return set()
    found = subscription.periods.filter(refunded_at=None).select_related("before__from_version")
    paid = [(p, p.before.from_version if p.before else subscription.version) for p in found]
    return _tried(subscription, is_paid=bool(paid)) | doors(
        subscription.version.entitlements,
        [
            Period(p.number, min(p.starts, clock.now()), p.ends, tuple(version.entitlements))
            for p, version in paid
        ],
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
