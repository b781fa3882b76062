"""Payments for gift subscriptions: held until somebody redeems them, then earned by the day."""

from typing import ClassVar

from django.db import models

from broadsheet.ledger.models.books import Journal, Lasting, Payment


class GiftHold(Lasting):
    """A payment for a gift: its net stands in the account `rules.GIFTS` until it is redeemed."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="gift_hold")


class GiftRelease(Lasting):
    """A gift was redeemed: what was left of its net, `amount`, is earned over [first, until).

    Days are ordinals in `zone`. `journal` moved it out of the gifts; None when nothing was left.
    """

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="gift_release")
    journal = models.OneToOneField(Journal, models.PROTECT, null=True, related_name="gift_release")
    amount = models.BigIntegerField()
    zone = models.CharField(max_length=64)
    first = models.IntegerField()
    until = models.IntegerField()

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("first")), name="gift_release_has_days"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="gift_release_not_negative"
            ),
        ]
