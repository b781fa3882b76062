"""Do gifts, their payments and their grants agree? What does not, in sentences with a remedy."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from broadsheet.ledger.checks import Problem
from broadsheet.ledger.models import GiftHold
from broadsheet.subscriptions.checks.saying import BACKUP
from broadsheet.subscriptions.gift_rules import GIFT
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
    rows = redeemed.select_related("version").prefetch_related("grants")
    for gift in rows.order_by("pk").iterator(chunk_size=500):
        held = {
            grant.entitlement
            for grant in gift.grants.all()
            if grant.revoked_at is None
            and (grant.reader_id, grant.valid_from, grant.valid_until)
            == (gift.redeemed_by_id, gift.starts, gift.ends)
        }
        for right in sorted(set(gift.version.entitlements) - held):
            yield Problem(f"Gift {gift.pk} was redeemed and has no grant of {right}.", BACKUP)
    cause = redeemed.filter(pk=OuterRef("gift"), redeemed_by=OuterRef("reader"))
    stray = Grant.objects.filter(~Exists(cause), revoked_at=None)
    for grant in stray.filter(Q(source=GIFT) | Q(gift__isnull=False)).iterator():
        yield Problem(f"Grant {grant.pk} ({grant.entitlement}) has no gift behind it.", BACKUP)
