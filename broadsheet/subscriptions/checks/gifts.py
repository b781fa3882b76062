"""Do gifts, their payments and their grants agree? What does not, in sentences with a remedy."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Prefetch, Q

from broadsheet.ledger.checks import Problem
from broadsheet.ledger.models import GiftHold
from broadsheet.subscriptions.checks.saying import BACKUP, chunked, named
from broadsheet.subscriptions.models import GiftSubscription, Grant


def problems() -> Iterator[Problem]:
    """Every gift has its payment; every redeemed one its grants, and its money left the gifts."""
    unheld = GiftHold.objects.filter(payment__gift=None).select_related("payment")
    for hold in unheld.iterator():
        yield Problem(f"Payment {hold.payment.ref} is of a gift that is not there.", BACKUP)
    paid = Q(state=GiftSubscription.PAID)
    for gift in GiftSubscription.objects.filter(paid ^ Q(payment__isnull=False)).iterator():
        yield Problem(f"Gift {gift.pk} is {gift.state}, its payment says otherwise.", BACKUP)
    moved = Q(redeemed_at__isnull=False) ^ Q(payment__gift_release__isnull=False)
    for gift in GiftSubscription.objects.filter(moved).iterator():
        yield Problem(f"Gift {gift.pk} and its money disagree whether it was redeemed.", BACKUP)
    yield from _grants()


def _grants() -> Iterator[Problem]:
    redeemed = GiftSubscription.objects.filter(redeemed_by__isnull=False, refunded_at=None)
    given = Grant.objects.filter(gift__isnull=False, revoked_at=None)
    rows = redeemed.select_related("version").prefetch_related(Prefetch("grants", given))
    for chunk in chunked(rows):
        for gift in chunk:
            yield from _compared(gift)
    cause = redeemed.filter(pk=OuterRef("gift"))
    for grant in given.filter(~Exists(cause)).iterator():
        yield Problem(f"{named(grant)} has no gift behind it.", BACKUP)


def _compared(gift: GiftSubscription) -> Iterator[Problem]:
    """Whether its grants are the version's rights, its reader's, from its start to its end."""
    missing = set(gift.version.entitlements)
    span = (gift.redeemed_by_id, gift.starts, gift.ends)
    for grant in gift.grants.all():
        if grant.entitlement not in missing:
            yield Problem(f"{named(grant)} is not what gift {gift.pk} opens.", BACKUP)
        elif (grant.reader_id, grant.valid_from, grant.valid_until) != span:
            text = f"{named(grant)} has another reader, beginning or end than gift {gift.pk}."
            yield Problem(text, BACKUP)
        missing.discard(grant.entitlement)
    for right in sorted(missing):
        yield Problem(f"Gift {gift.pk} was redeemed and has no grant of {right}.", BACKUP)
