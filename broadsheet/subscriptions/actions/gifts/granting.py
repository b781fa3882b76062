"""Make the grants of a gift equal to what it is: redeemed and paid for, or not."""

from broadsheet.kit import clock
from broadsheet.press_log.models import Subject, announce
from broadsheet.subscriptions.actions.giving import follow_rights
from broadsheet.subscriptions.gift_rules import GIFT
from broadsheet.subscriptions.models import GiftSubscription, Grant


def sync_gift(gift: GiftSubscription) -> None:
    """Write or revoke grants in the present transaction, under the locks of reader and gift."""
    if gift.redeemed_by_id is None:
        return
    revoked = None if gift.refunded_at is None else clock.now()
    known = set(gift.grants.values_list("entitlement", flat=True))
    if revoked is None:
        gift.grants.update(revoked_at=None)
        wanted = list(dict.fromkeys(gift.version.entitlements))
        Grant.objects.bulk_create(_grant(gift, right) for right in wanted if right not in known)
    else:
        gift.grants.filter(revoked_at=None).update(revoked_at=revoked)
    follow_rights(gift.redeemed_by_id)
    announce(Subject.READER, gift.redeemed_by_id)


def _grant(gift: GiftSubscription, right: str) -> Grant:
    return Grant(
        reader_id=gift.redeemed_by_id, gift=gift, entitlement=right, source=GIFT,
        valid_from=gift.starts, valid_until=gift.ends,
    )  # fmt: skip
