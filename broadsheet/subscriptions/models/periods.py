"""The periods of a subscription that were paid for, and the changes of plan between them."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from broadsheet.kit import clock
from broadsheet.kit.periods import start_of
from broadsheet.subscriptions.models.pauses import Pause
from broadsheet.subscriptions.models.plans import PlanVersion
from broadsheet.subscriptions.models.subscription import Subscription, new_key


class PlanChange(models.Model):
    """Another plan for a subscription, at the price that was shown, and the terms it replaces.

    `number` is the first period on the new plan. `at_once` it begins with the payment of `due`,
    which is the new price less `credit` for the unused rest of the period before (minor units, tax
    inside); otherwise with the next charge. Until `expires_at` the gateway takes the order.
    OPEN: told to the gateway, or about to be. PLANNED: the gateway has it for the end of the
    period. DONE: in force since `taken_at`. LEFT: nothing came of it.
    """

    OPEN, PLANNED, DONE, LEFT = "open", "planned", "done", "left"
    WAITING = (OPEN, PLANNED)

    key = models.CharField(max_length=40, unique=True, default=new_key)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="changes")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    from_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    from_anchor = models.DateTimeField()
    from_base = models.PositiveIntegerField()
    from_terms = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()
    at_once = models.BooleanField()
    credit = models.BigIntegerField()
    due = models.BigIntegerField()
    state = models.CharField(max_length=8, default=OPEN)
    pay_url = models.CharField(max_length=500, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        """One that waits for one subscription, whatever two browsers do at once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(state__in=("open", "planned")),
                name="one_change_waits",
            ),
            models.CheckConstraint(condition=Q(credit__gte=0), name="change_credit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.from_version} > {self.version}"

    @property
    def is_waiting(self) -> bool:
        """Whether it may still come into force."""
        return self.state in self.WAITING


class PaidPeriod(models.Model):
    """A period of a subscription that was paid for, by which payment.

    `before` is the change of plan that came after it: the period is on the terms of before. A
    change at once ends it early. `rest` is the pause after it, if that came before any change: the
    period is counted from the anchor of before. `refunded_at` is when the money went, given back or
    taken back by the reader's bank.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="periods")
    number = models.PositiveIntegerField()
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    payment = models.OneToOneField("ledger.Payment", models.PROTECT, related_name="period")
    refunded_at = models.DateTimeField(null=True)
    before = models.ForeignKey(
        PlanChange, models.RESTRICT, null=True, related_name="periods_before"
    )
    rest = models.ForeignKey(Pause, models.RESTRICT, null=True, related_name="periods_before")

    class Meta:
        """A period is paid once."""

        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subscription", "number"], name="period_paid_once")
        ]

    @property
    def version(self) -> PlanVersion:
        """What was paid for."""
        return self.before.from_version if self.before else self.subscription.version

    @property
    def price(self) -> int:
        """What it cost, paid or credited, minor units."""
        changed = self.before.from_terms if self.before else self.subscription.terms
        total = self.version.total.amount
        return total if changed else self.subscription.checkout.due(self.number)

    def bounds(self) -> tuple[datetime, datetime]:
        """From when until when it lasts by its anchor, had no change ended it early. UTC."""
        terms, zone = self.rest or self.before, self.subscription.zone
        anchor = terms.from_anchor if terms else self.subscription.anchor
        n = self.number - (terms.from_base if terms else self.subscription.base)
        interval = self.version.interval
        return start_of(anchor, n, interval, zone), start_of(anchor, n + 1, interval, zone)
