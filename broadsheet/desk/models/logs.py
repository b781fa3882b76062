"""What happened: who changed which field, what readers were told, how far the desk has read."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models.articles import Article
from broadsheet.kit import clock
from broadsheet.wire.models import Version

CURSOR = "wire"
"""The name of the cursor over versions; its row is the lock of whatever makes articles of them."""


class Cursor(models.Model):
    """The last sequence the desk has taken: of versions, of arrivals."""

    name = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)


class Edit(models.Model):
    """One published change of one field. `after` None: the field follows the wire again.

    `reason` is what staff noted for the desk; readers never see it.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="edits")
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    field = models.CharField(max_length=20)
    before = models.TextField(null=True)
    after = models.TextField(null=True)
    basis = models.ForeignKey(Version, models.PROTECT, null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        """As they happened."""

        ordering: ClassVar[list[str]] = ["id"]


class NoticeKind(models.TextChoices):
    """What readers are told."""

    CORRECTION = "correction", _("Correction")
    CLARIFICATION = "clarification", _("Clarification")
    HOLD = "hold", _("Being checked")
    WITHDRAWAL = "withdrawal", _("Withdrawn")
    REINSTATEMENT = "reinstatement", _("Published again")


class Notice(models.Model):
    """A note that readers see. `version` is the wire version that caused it, or None: staff.

    What was told is never rewritten: a note is taken back, and another one published. `seen_at`
    is when the desk took note of what the wire had caused.
    """

    LATER: ClassVar[frozenset[str]] = frozenset(["seen_at", "taken_back_at", "taken_back_by"])

    article = models.ForeignKey(Article, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=14, choices=NoticeKind.choices)
    text = models.TextField()
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    version = models.ForeignKey(Version, models.PROTECT, null=True)
    seen_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    PASSING: ClassVar[frozenset[str]] = frozenset([NoticeKind.HOLD, NoticeKind.WITHDRAWAL])
    """Kinds that are over by the time the report can be read again."""

    class Meta:
        """The newest first, as the page shows them."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "-at"], name="notice_unseen", condition=Q(seen_at=None)),
        ]

    @property
    def stands(self) -> bool:
        """Whether readers are told it: what was taken back was never said, on any surface."""
        return self.taken_back_at is None

    @property
    def lasts(self) -> bool:
        """Whether it stands below a report that readers can see."""
        return self.stands and self.kind not in self.PASSING

    def save(self, *args: Any, **options: Any) -> None:
        """Store a new note, or that it was seen or taken back. Raises ValueError for the rest."""
        changed = options.get("update_fields")
        if not self._state.adding and (changed is None or set(changed) - self.LATER):
            raise ValueError("A notice is not rewritten: take it back and publish another one.")
        super().save(*args, **options)


class Intake(models.Model):
    """What the rules decided about an item, and why: no item is ever only in a log file.

    `queue` is where a rule put it, or "unmapped". `due_at`: it publishes itself then, when its
    embargo lifts. `by_desk`: staff discarded it, and no rule decides about it any more. Each of
    `reasons` is a sentence, or one with its names (`rules.Reason`).
    """

    class Outcome(models.TextChoices):
        """What became of it by itself."""

        PUBLISHED = "published", _("published by a rule")
        HELD = "held", _("waits for the desk")
        DISCARDED = "discarded", _("discarded by a rule")

    item = models.OneToOneField(
        "wire.Item", models.CASCADE, related_name="intake", primary_key=True
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    rule = models.CharField(max_length=80, blank=True)
    section = models.ForeignKey("desk.Section", models.SET_NULL, null=True)
    access = models.CharField(max_length=40, default="metered")
    reasons = models.JSONField(default=list)
    queue = models.CharField(max_length=40, blank=True, db_index=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    by_desk = models.BooleanField(default=False)
    search_text = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        """By what became of it, the newest first: the queue of what is new."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["outcome", "-at", "-item"], name="intake_outcome"),
        ]
