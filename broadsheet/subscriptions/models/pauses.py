"""Pauses: a subscription that rests for some months, and is charged for none of them."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from broadsheet.kit import clock
from broadsheet.subscriptions.models.subscription import Subscription


class Pause(models.Model):
    """Nothing is charged and nothing opened from `begins` until `until`, UTC.

    `number` is the first period after it, counted from `until`; periods before are counted from
    `from_anchor`, where period `from_base` began. OPEN: the gateway has not heard of it. PLANNED:
    it has, and the pause is to come or runs. RESUMING: the reader wants to go on at once, and the
    gateway has not heard. DONE: it is over. LEFT: nothing came of it, or it was taken back.
    """

    OPEN, PLANNED, RESUMING, DONE, LEFT = "open", "planned", "resuming", "done", "left"
    WAITING = (OPEN, PLANNED, RESUMING)
    UNTOLD = (OPEN, RESUMING)

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="pauses")
    number = models.PositiveIntegerField()
    from_anchor = models.DateTimeField()
    from_base = models.PositiveIntegerField()
    begins = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=8, default=OPEN)
    problem = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    over_at = models.DateTimeField(null=True)

    class Meta:
        """One that waits or runs for one subscription, whatever two browsers do at once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(state__in=("open", "planned", "resuming")),
                name="one_pause_waits",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("begins")), name="pause_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription}: {self.begins:%Y-%m-%d} – {self.until:%Y-%m-%d}"

    def has_begun(self, now: datetime) -> bool:
        """Whether what was paid before it is over."""
        return self.begins <= now
