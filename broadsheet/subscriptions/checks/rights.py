"""Does every subscription open what its trial and its paid periods call for? Recomputed by the
rules that write grants, and compared row by row; what differs, with a remedy."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Prefetch

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import ANEW, chunked, named
from broadsheet.subscriptions.models import Grant, PaidPeriod, Subscription
from broadsheet.subscriptions.reads.doors import doors_of
from broadsheet.subscriptions.rules import FOREVER, GRACE, LENT, SUBSCRIPTION, TRIAL, Door

EARLY = timedelta(days=1)
"""So much earlier than it was paid a period may have opened: a gateway has a clock of its own."""

MISSING = {
    SUBSCRIPTION: "Period {period} of subscription {number}",
    GRACE: "The grace after period {period} of subscription {number}",
    TRIAL: "The trial of subscription {number}",
}
DIFFERS = {
    SUBSCRIPTION: "has another reader, beginning or end than the paid period behind it.",
    GRACE: "has another reader, beginning or end than the grace of its subscription.",
    TRIAL: "has no trial behind it, or another end.",
}
STRAY = {
    SUBSCRIPTION: "has no paid period behind it.",
    GRACE: "has no renewal behind it that grace would be for.",
    TRIAL: DIFFERS[TRIAL],
}


def problems() -> Iterator[Problem]:
    """Every door of every subscription is a grant of its reader, as long as the rules say, and it
    has no other; three queries for so many subscriptions as are read at a time."""
    paid = PaidPeriod.objects.filter(refunded_at=None)
    given = Grant.objects.filter(source__in=tuple(LENT), revoked_at=None).order_by("pk")
    rows = Subscription.objects.select_related("version", "checkout__version").prefetch_related(
        Prefetch("periods", paid.select_related("before__from_version", "payment")),
        Prefetch("grants", given),
    )
    for chunk in chunked(rows):
        for subscription in chunk:
            yield from _compared(subscription)


def _compared(subscription: Subscription) -> Iterator[Problem]:
    paid = {period.number: period for period in subscription.periods.all()}
    doors = doors_of(subscription, paid.values(), FOREVER)
    wanted = {(door.entitlement, door.source, door.period): door for door in doors}
    for grant in subscription.grants.all():
        door = wanted.pop((grant.entitlement, grant.source, grant.period or 0), None)
        if door is None:
            yield Problem(f"{named(grant)} {STRAY[grant.source]}", ANEW)
            continue
        opens = _earliest(door, paid) <= grant.valid_from <= door.opens
        span = (grant.reader_id, grant.valid_until)
        if not opens or span != (subscription.reader_id, door.closes):
            yield Problem(f"{named(grant)} {DIFFERS[grant.source]}", ANEW)
    for door in sorted(wanted.values()):
        what = MISSING[door.source].format(period=door.period, number=subscription.pk)
        yield Problem(f"{what} has no grant of {door.entitlement}.", ANEW)


def _earliest(door: Door, paid: dict[int, PaidPeriod]) -> datetime:
    """From when on its grant may open: what a period opens may be opened when it is paid."""
    if door.source != SUBSCRIPTION:
        return door.opens
    period = paid[door.period]
    return min(period.starts, period.payment.at - EARLY)
