"""What the press remembers in the paper's database."""

from typing import ClassVar

from django.db import models

from broadsheet.desk.models import Article


class Standing(models.Model):
    """The single row of the press: the origin its pages carry, and until when it looked ahead.

    `authority` is the host under which reports are named in feeds, kept when the origin moves;
    `hub_seen` the last change of the pressed store that was looked through for the hub.
    """

    origin = models.CharField(max_length=300, blank=True)
    authority = models.CharField(max_length=253, blank=True)
    looked_until = models.DateTimeField(null=True)
    hub_seen = models.BigIntegerField(default=0)


class FeedTopic(models.Model):
    """A feed as the WebSub hub knows it: the state it is to hear of, and when it is told next.

    `due_at` is None when it has heard, or when telling it was given up until the next change.
    """

    path = models.CharField(max_length=300, unique=True)
    etag = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)
    told_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager["FeedTopic"]] = models.Manager()

    def __str__(self) -> str:
        return self.path


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
