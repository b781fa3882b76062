"""What was paid ahead and is earned by the day, and which days are closed."""

from typing import ClassVar

from django.db import models

from broadsheet.ledger.models.books import Journal, Lasting, Payment
from broadsheet.ledger.rules import Stretch


class Deferral(Lasting):
    """Net money of a payment that is earned day by day, and since when the books defer it.

    See `rules.Stretch`: days are ordinals in `zone`. `journal` posted what was not earned yet;
    None when nothing was, as for most payments that an older version booked.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="deferrals")
    journal = models.ForeignKey(Journal, models.PROTECT, null=True, related_name="deferrals")
    zone = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    first = models.IntegerField()
    until = models.IntegerField()
    since = models.IntegerField()

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["until", "since"])]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("first")), name="deferral_has_days"
            ),
        ]

    @property
    def stretch(self) -> Stretch:
        """As the rules count it."""
        return Stretch(self.amount, self.first, self.until, self.since)


class Credit(Lasting):
    """Net money of one payment, not earned yet, that is earned over the days of another.

    A change of plan moves the rest of the old payment, `source`, to the new one, from the `day`
    (an ordinal) on which the new period begins; when the new payment is given back whole, what is
    left of it goes back the same way. `journal` is the payment's, or the one that took it back.
    """

    source = models.ForeignKey(Payment, models.PROTECT, related_name="credited")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="credits")
    amount = models.BigIntegerField()
    day = models.IntegerField()
    journal = models.ForeignKey(Journal, models.PROTECT, related_name="credits")

    class Meta:
        """In the order in which they were written; each way once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "payment"], name="credited_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="credit_positive"),
        ]


class ClosedDay(Lasting):
    """A day whose earnings are booked: once, and never again.

    `day` is its ordinal; `journal` the number of the last ledger journal when it was closed.
    """

    day = models.IntegerField(primary_key=True)
    journal = models.BigIntegerField()

    class Meta:
        """In the order in which they were closed."""

        ordering: ClassVar[list[str]] = ["day"]
