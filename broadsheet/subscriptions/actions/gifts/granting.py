"""Make the grants of a gift equal to what it is: redeemed and paid for, or not."""

from broadsheet.kit import clock
from broadsheet.subscriptions.actions.following import follow_grants
from broadsheet.subscriptions.gift_rules import GIFT
from broadsheet.subscriptions.models import GiftSubscription, Grant


def sync_gift(gift: GiftSubscription) -> None:
    """Write or revoke grants in the present transaction, under the locks of reader and gift."""
    reader = gift.redeemed_by
    if reader is None or gift.starts is None:
        return
    if gift.refunded_at is not None:
        gift.grants.filter(revoked_at=None).update(revoked_at=clock.now())
    else:
        gift.grants.update(revoked_at=None)
        known = set(gift.grants.values_list("entitlement", flat=True))
        Grant.objects.bulk_create(
            Grant(
                reader=reader, gift=gift, entitlement=right, source=GIFT,
                valid_from=gift.starts, valid_until=gift.ends,
            )
            for right in dict.fromkeys(gift.version.entitlements)
            if right not in known
        )  # fmt: skip
    follow_grants([reader.pk])
