"""The journal in the database: decisions of the last 30 days, and counts without names for ever."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LOOKED = "subscriptions.look_at_decisions"
"""The act, in Wagtail's log, of looking at what somebody read."""

KEEP = timedelta(days=30)
"""Who read what is kept no longer than this in the database; counts stay."""


class JournalCursor(models.Model):
    """How far a journal segment has been folded (bytes)."""

    segment = models.CharField(max_length=80, primary_key=True)
    offset = models.BigIntegerField(default=0)


class GateDecision(models.Model):
    """What the gate decided about one reader and one article: a line of the journal.

    `code` stands for the reader id or account (`codes.code_of`), "" for who sent no cookie;
    `reader` is the account, or that to which the link in a newsletter was sent. `reads` of `limit`
    are the counts of the decision; of a link, which of how many browsers. A merge has article 0
    and in `taken_over` the code of the reader whose reads became the account's as well.
    """

    class Outcome(models.TextChoices):
        """What came of it."""

        READ = "read", _("opened and counted")
        STOP = "stop", _("stopped")
        OPEN = "open", _("opened, not counted")
        MERGE = "merge", _("signed in")

    at = models.DateTimeField(db_index=True)
    code = models.CharField(max_length=12, blank=True)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    article = models.BigIntegerField()
    section = models.BigIntegerField(default=0)
    outcome = models.CharField(max_length=5, choices=Outcome.choices)
    rule = models.CharField(max_length=120, blank=True)
    reads = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(default=0)
    taken_over = models.CharField(max_length=12, blank=True)

    class Meta:
        """Found by reader and by article; seen by those who answer readers, changed by nobody."""

        default_permissions = ("view",)
        verbose_name = _("decision of the gate")
        verbose_name_plural = _("decisions of the gate")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["code", "-at"], name="decision_of_reader"),
            models.Index(fields=["article", "-at"], name="decision_about_article"),
        ]

    def __str__(self) -> str:
        return self.code or str(_("a reader without a cookie"))


class ReadingCount(models.Model):
    """How often a rule had an outcome for an article within a month, by kind of reader.

    `month` is "2026-11" in the paper's zone; `kind` is "anonymous", "registered" or "unknown"
    (`decisions.kind_of`); `rule` never names a person (`decisions.counted_rule`).
    """

    month = models.CharField(max_length=7)
    article = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=5)
    rule = models.CharField(max_length=120)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row for each of these."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["month", "article", "kind", "outcome", "rule"], name="reading_count_once"
            )
        ]


class DayCount(models.Model):
    """How often a rule had an outcome on a day in the paper's zone, at which count of reads.

    The reads with `reads` n are as many as readers who came to their n-th article.
    """

    day = models.DateField()
    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=5)
    rule = models.CharField(max_length=120)
    reads = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(default=0)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row for each of these."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "kind", "outcome", "rule", "reads", "limit"], name="day_count_once"
            )
        ]
