"""Whom a gift is from and for is forgotten with their accounts, and unpaid gifts in time."""

from datetime import timedelta

from django.db.models import Q

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.subscriptions.models import GiftSubscription

KEPT = timedelta(days=30)
"""How long a gift that was never paid is kept. A gateway closes its page after a day."""


def forget_gifts_of(account: User) -> None:
    """An account is erased: what it bought names its buyer no more, what it redeemed its reader.

    Whom a gift is for stays while it waits, for it is paid: its code is good, and goes to them.
    """
    GiftSubscription.objects.filter(redeemed_by=account).update(recipient_email="")
    bought = GiftSubscription.objects.filter(buyer=account)
    bought.update(buyer_name="", buyer_email="")
    bought.exclude(pk__in=bought.waiting().values("pk")).update(recipient_email="", message="")


def forget_gifts() -> int:
    """Delete gifts that nobody paid for, 30 days after they were made, with the addresses and words
    in them; and forget for whom a gift was that ran out, where no buyer is left. Returns how many
    were deleted."""
    now = clock.now()
    ran_out = GiftSubscription.objects.waiting().without_buyer().filter(expires_at__lte=now)
    ran_out.exclude(recipient_email="", message="").update(recipient_email="", message="")
    ended = Q(state__in=(GiftSubscription.LEFT, GiftSubscription.REFUSED))
    never_opened = Q(state=GiftSubscription.OPEN, ref=None)
    unpaid = GiftSubscription.objects.filter(ended | never_opened, payment=None)
    return unpaid.filter(made_at__lte=now - KEPT).delete()[0]
