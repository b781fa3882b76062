"""Sums by month, for the figures of the business: made again and again from other rows."""

from typing import ClassVar

from django.db import models


class MonthSum(models.Model):
    """What readers did in a month, added up: no row is about one of them.

    `kind` is a movement (`figures.MOVEMENTS`), "checkout" or "paid", or of a `plan` "charged",
    "refunded" or "earned"; `month` and `cohort` are months as numbers (`figures`). `net` is in
    minor units, of a movement per `length` times `unit`. Sums of accounts that were erased are
    `kept`; the others are made anew.
    """

    month = models.PositiveIntegerField()
    cohort = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=12)
    unit = models.CharField(max_length=5, blank=True)
    length = models.PositiveSmallIntegerField(default=0)
    plan = models.BigIntegerField(default=0)
    kept = models.BooleanField(default=False)
    number = models.BigIntegerField(default=0)
    net = models.BigIntegerField(default=0)

    class Meta:
        """One row for each of these."""

        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["month", "cohort", "currency", "kind", "unit", "length", "plan", "kept"],
                name="month_sum_once",
            )
        ]


class Summing(models.Model):
    """When the sums were last made: claimed by `began_at`, done at `ended_at`; and how many
    accounts were `erased` since there are sums. One row."""

    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    erased = models.PositiveBigIntegerField(default=0)

    class Meta:
        """Nobody's to give or take."""

        default_permissions = ()


class ReadingDemand(models.Model):
    """Of a month that is over, how many readers of a kind opened `reads` metered articles of
    `limit` that were free, and were stopped at `behind` others."""

    month = models.CharField(max_length=7)
    kind = models.CharField(max_length=10)
    limit = models.PositiveIntegerField()
    reads = models.PositiveIntegerField()
    behind = models.PositiveIntegerField()
    number = models.PositiveBigIntegerField()

    class Meta:
        """One row for each of these."""

        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["month", "kind", "limit", "reads", "behind"], name="reading_demand_once"
            )
        ]
