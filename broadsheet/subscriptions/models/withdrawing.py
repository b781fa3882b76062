"""Contracts that readers withdrew from."""

from django.db import models

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.subscriptions.models.subscription import Subscription


class Withdrawal(models.Model):
    """A reader's declaration to withdraw from a contract, as it was confirmed and acknowledged.

    `name` is what the reader typed; `amount` in minor units was ordered to go back.
    """

    subscription = models.OneToOneField(Subscription, models.CASCADE, related_name="withdrawal")
    name = models.CharField(max_length=160)
    at = models.DateTimeField(default=clock.now)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    def __str__(self) -> str:
        return f"{self.name}: {self.subscription}"

    @property
    def money(self) -> Money:
        """What goes back."""
        return Money(self.amount, self.currency)
