"""Make the grants of a subscription equal to what its trial and its paid periods call for."""

from functools import partial

from broadsheet.kit import clock
from broadsheet.subscriptions.actions.following import follow_grants
from broadsheet.subscriptions.actions.lending import lend
from broadsheet.subscriptions.actions.matching import match
from broadsheet.subscriptions.models import Grant, Subscription
from broadsheet.subscriptions.reads.doors import doors_of
from broadsheet.subscriptions.rules import LENT, Door


def sync_grants(subscription: Subscription) -> None:
    """Write, lengthen and revoke grants in the present transaction, under the locks of
    `lock_group`; void the passes if any did.

    What the subscription lends to a group follows.
    """
    ours = subscription.grants.filter(source__in=tuple(LENT))
    paid = subscription.periods.filter(refunded_at=None).select_related("before__from_version")
    doors = doors_of(subscription, list(paid), clock.now())
    follow_grants(match([(ours, doors, partial(_grant, subscription))]))
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
