"""Make the grants of a subscription equal to what its paid periods call for."""

from broadsheet.kit import clock
from broadsheet.press_log.models import Subject, announce
from broadsheet.subscriptions.actions.giving import follow_rights
from broadsheet.subscriptions.models import Grant, Subscription
from broadsheet.subscriptions.rules import GRACE, SUBSCRIPTION, Door, Period, doors


def sync_grants(subscription: Subscription) -> None:
    """Write, lengthen and revoke grants in the present transaction; void the passes if any did."""
    wanted = {(d.entitlement, d.source, d.period): d for d in _doors(subscription)}
    ours = subscription.grants.filter(source__in=(SUBSCRIPTION, GRACE))
    changed = [g for g in ours if _corrected(g, wanted.pop(_place(g), None))]
    Grant.objects.bulk_update(changed, ["revoked_at", "valid_from", "valid_until"])
    Grant.objects.bulk_create(_grant(subscription, door) for door in wanted.values())
    if changed or wanted:
        follow_rights(subscription.reader_id)
        announce(Subject.READER, subscription.reader_id)


def _place(grant: Grant) -> tuple[str, str, int]:
    return grant.entitlement, grant.source, grant.period or 0


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
    return doors(
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


def _corrected(grant: Grant, door: Door | None) -> bool:
    """Change a grant to what its door says, or revoke it; whether anything changed."""
    before = (grant.revoked_at, grant.valid_from, grant.valid_until)
    if door is None:
        grant.revoked_at = grant.revoked_at or clock.now()
    else:
        grant.revoked_at, grant.valid_until = None, door.closes
        if door.source == GRACE:  # What a period opens may have been opened before it began.
            grant.valid_from = door.opens
    return (grant.revoked_at, grant.valid_from, grant.valid_until) != before
