"""What the nightly check of the books found."""

from typing import ClassVar

from django.db import models

from broadsheet.kit import clock


class Audit(models.Model):
    """One night's check: how many problems there were, and the first of them in words.

    `day` is in the paper's zone; `ended_at` None while it runs, or when it was killed.
    """

    day = models.DateField(primary_key=True)
    began_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    problems = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-day"]
