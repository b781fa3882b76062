"""What the press remembers in the paper's database."""

from typing import ClassVar

from django.db import models

from broadsheet.desk.models import Article


class Standing(models.Model):
    """The single row of the press: the origin its pages carry, and until when it looked ahead.

    `authority` is the host under which reports are named in feeds, kept when the origin moves.
    """

    origin = models.CharField(max_length=300, blank=True)
    authority = models.CharField(max_length=253, blank=True)
    looked_until = models.DateTimeField(null=True)


class VisibleChange(models.Model):
    """What readers last saw of a report, as a fingerprint, and when that was something new.

    `at` is None for a report that has not changed since readers saw it first.
    """

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="visible_change"
    )
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["VisibleChange"]] = models.Manager()
