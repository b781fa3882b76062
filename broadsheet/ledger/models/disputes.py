"""What a gateway keeps of a payment, and payments that a reader's bank took back."""

from typing import ClassVar

from django.db import models

from broadsheet.ledger.models.books import Invoice, Journal, Lasting, Payment


class Fee(Lasting):
    """What a gateway kept of a payment; `ref` is the charge's, or that of a dispute."""

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="fees")
    amount = models.BigIntegerField()
    at = models.DateTimeField()
    journal = models.OneToOneField(Journal, models.PROTECT)

    class Meta:
        """A fee is booked once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref"], name="fee_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="fee_positive"),
        ]


class Dispute(Lasting):
    """A step of a dispute: the bank took the money (`OPEN`), we have it again, or it is gone.

    `invoice` is the credit note of one that was lost. `due_at` is until when the gateway takes
    evidence, as it said when it was opened.
    """

    OPEN, WON, LOST = "open", "won", "lost"

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    step = models.CharField(max_length=4)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    amount = models.BigIntegerField()
    at = models.DateTimeField()
    journal = models.OneToOneField(Journal, models.PROTECT)
    invoice = models.OneToOneField(Invoice, models.PROTECT, null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        """A step is taken once, and a dispute decided once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref", "step"], name="dispute_step_once"),
            models.UniqueConstraint(
                fields=["provider", "ref"], condition=~models.Q(step="open"),
                name="dispute_decided_once",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="dispute_positive"),
        ]  # fmt: skip
