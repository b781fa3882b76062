"""Invoices, payments, refunds and their postings: written once, never changed, never deleted.

All amounts are whole minor units of `currency` (ISO 4217); all moments are UTC.
"""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.kit.say import Refusal
from broadsheet.ledger.rules import ROUNDING, Line, Owed, days_of, tax_account


def _refuse() -> NoReturn:
    raise Refusal("Books are written once.", "Book the opposite instead: a refund, a credit note.")


class LastingQuerySet(models.QuerySet[Any]):
    """Rows that stay as they were written."""

    def update(self, **values: Any) -> int:
        """Raise Refusal."""
        _refuse()

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raise Refusal."""
        _refuse()


class Lasting(models.Model):
    """A row that is written once. Raises Refusal when it is saved again or deleted."""

    objects: ClassVar[models.Manager[Any]] = LastingQuerySet.as_manager()

    class Meta:
        """No table of its own."""

        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Write it, once."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Raise Refusal."""
        _refuse()


def _reader() -> Any:
    # The books outlive the account: erasing a reader leaves the sums as they were.
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True,
        related_name="+", verbose_name=_("reader"),
    )  # fmt: skip


class Journal(Lasting):
    """One transaction in the books: its postings add up to nothing."""

    number = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    ref = models.CharField(max_length=200)
    at = models.DateTimeField()
    seal = models.CharField(max_length=64)

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "ref"], name="journal_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {self.ref}"


class Posting(Lasting):
    """A line of a journal: debits positive, credits negative."""

    journal = models.ForeignKey(Journal, models.PROTECT, related_name="postings")
    account = models.CharField(max_length=60)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account", "currency"])]


class Invoice(Lasting):
    """An invoice, or the credit note that takes (part of) one back. Numbers have no gaps.

    `taxes` are name, rate in ten-thousandths and amount of each tax; none on papers of an older
    version, whose one tax is in `tax_name`, `tax_rate` and `tax`. `ground` says why none is due.
    """

    series = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    label = models.CharField(_("number"), max_length=40, unique=True)
    issued_at = models.DateTimeField(_("issued"))
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    reader = _reader()
    buyer = models.CharField(_("buyer"), max_length=320)
    seller = models.TextField(_("seller"))
    description = models.CharField(_("what"), max_length=200)
    period_from = models.DateTimeField(null=True)
    period_until = models.DateTimeField(null=True)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    tax_name = models.CharField(max_length=40, blank=True)
    tax_rate = models.PositiveIntegerField(default=0)
    taxes: Any = models.JSONField(default=list)
    rounding = models.BigIntegerField(default=0)
    total = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    place = models.CharField(_("place of supply"), max_length=80, blank=True)
    ground = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=12, blank=True)
    buyer_address = models.TextField(blank=True)
    buyer_number = models.CharField(max_length=40, blank=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-issued_at", "-id"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["series", "number"], name="invoice_number_once"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax") + models.F("rounding")),
                name="invoice_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return str(self.label)

    def days(self, zone: str) -> tuple[int, int]:
        """The days it is for (`rules.days_of`); without a period, the one it was issued on."""
        starts = self.period_from or self.issued_at
        return days_of(starts, self.period_until or starts, zone)

    @property
    def money(self) -> Money:
        """The total."""
        return Money(self.total, self.currency)

    @property
    def owed(self) -> Owed:
        """What of the total is not ours, by account."""
        if not self.taxes:
            return (Line(tax_account(self.tax_name, self.tax_rate), self.tax),)
        lines = [Line(tax_account(name, rate), amount) for name, rate, amount in self.taxes]
        return (*lines, Line(ROUNDING, self.rounding))


class Payment(Lasting):
    """Money that a gateway took for us: one row for each successful charge."""

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    reader = _reader()
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(_("paid"))
    card = models.CharField(_("card"), max_length=40, blank=True)
    invoice = models.OneToOneField(Invoice, models.PROTECT)
    journal = models.OneToOneField(Journal, models.PROTECT)

    class Meta:
        """A charge is booked once, however often we hear of it."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref"], name="payment_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id and self.invoice}"

    @property
    def money(self) -> Money:
        """What was paid."""
        return Money(self.amount, self.currency)


class RefundOrder(models.Model):
    """Staff's wish to give money back, kept until the gateway has heard of it.

    `told_at` is when the gateway last accepted it; None once it refused, with its `problem`.
    """

    key = models.CharField(max_length=40, unique=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refund_orders")
    amount = models.BigIntegerField()
    reason = models.CharField(_("reason"), max_length=200)
    by = _reader()
    asked_at = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=400, blank=True)


class Refund(Lasting):
    """Money given back."""

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField(_("amount"))
    at = models.DateTimeField(_("refunded"))
    invoice = models.OneToOneField(Invoice, models.PROTECT)
    journal = models.OneToOneField(Journal, models.PROTECT)

    class Meta:
        """A refund is booked once."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref"], name="refund_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_positive"),
        ]


class FailedCharge(Lasting):
    """A charge that the gateway could not take, with its sentence."""

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    reader = _reader()
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(_("tried"))
    problem = models.CharField(_("problem"), max_length=300)

    class Meta:
        """A failure is heard of once."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref"], name="failed_charge_once")
        ]


class Delivery(models.Model):
    """A webhook as it came in: raw bytes and header fields, before anybody trusts them."""

    provider = models.CharField(max_length=20)
    headers = models.JSONField()
    body = models.BinaryField()
    received_at = models.DateTimeField(default=clock.now)
    problem = models.CharField(max_length=400, blank=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-id"]


class Event(models.Model):
    """An authentic event of a gateway, taken up once."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    ref = models.CharField(max_length=120)
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="events")
    received_at = models.DateTimeField(default=clock.now)
    taken_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=400, blank=True)

    class Meta:
        """In the order in which they came."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="event_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["taken_at", "next_at"])]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.ref}"
