"""Cards behind subscriptions: which one took the place of which."""

from typing import ClassVar

from django.db import models

from broadsheet.kit import clock
from broadsheet.subscriptions.models.subscription import Subscription


class CardChange(models.Model):
    """Later charges are taken from `card` and no longer from `before`, both as the gateway names
    them ("•••• 4242"). `expires` is its last month, "2029-04", or ""; `at` is when we heard."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="card_changes")
    before = models.CharField(max_length=40, blank=True)
    card = models.CharField(max_length=40)
    expires = models.CharField(max_length=7, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        """The oldest first."""

        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.subscription}: {self.before} – {self.card}"
