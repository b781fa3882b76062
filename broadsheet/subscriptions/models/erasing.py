"""Accounts that their readers want deleted."""

from django.conf import settings
from django.db import models

from broadsheet.kit import clock


class Erasure(models.Model):
    """A reader's wish to be deleted, kept until nothing can be charged any more. The account is
    closed meanwhile; the row goes with it."""

    reader = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="erasure", primary_key=True
    )
    asked_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"erasure of account {self.pk}"
