"""What readers were reminded of: a renewal, a first charge, the end of a pause or a plan."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.subscriptions.models.subscription import Subscription


class Reminder(models.Model):
    """A mail about period `number`, written before `due_at`.

    `amount` is what will be charged (minor units, tax included), 0 before an END: then the period
    does not come.
    """

    RENEWAL, RESUMING, END, TRIAL = "renewal", "resuming", "end", "trial"
    KINDS: ClassVar[dict[str, object]] = {
        RENEWAL: _("Reminded of the renewal"), RESUMING: _("Reminded of the end of the pause"),
        END: _("Reminded of the end"), TRIAL: _("Reminded of the end of the trial"),
    }  # fmt: skip

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="reminders")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(default=clock.now)
    mail = models.ForeignKey("accounts.Mail", models.SET_NULL, null=True, related_name="+")

    class Meta:
        """Nobody is reminded twice of one thing."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "number", "kind"], name="reminded_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} ({self.number}, {self.kind})"
