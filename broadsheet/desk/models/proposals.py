"""What the wires propose and the desk decides: two reports of one story, a withdrawal by text."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.wire.models import Item, Version


class Fingerprint(models.Model):
    """One number of the sketch of an item's text, kept for as long as copies are looked for."""

    WINDOW: ClassVar[timedelta] = timedelta(hours=36)

    item = models.ForeignKey(Item, models.CASCADE, related_name="fingerprints")
    value = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        """Found by value, the newest."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["value", "at"], name="fingerprint_value")
        ]


class Likeness(models.Model):
    """That `item` tells the same story as `like`, which another agency sent before.

    A proposal to put them into one story; bodies are never merged. `share` is how much of the
    shorter text stands in the other, 0 to 1. `verdict` is the desk's, empty until it has decided.
    """

    class Verdict(models.TextChoices):
        """What the desk makes of it."""

        BOTH = "both", _("the desk keeps both")
        DIFFERENT = "different", _("the desk says: not the same story")

    item = models.ForeignKey(Item, models.CASCADE, related_name="likenesses")
    like = models.ForeignKey(Item, models.CASCADE, related_name="copies")
    share = models.FloatField()
    at = models.DateTimeField(default=clock.now)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        """A pair is proposed once; the undecided are found by their time."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item", "like"], name="likeness_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-at"], name="likeness_open", condition=Q(verdict=""))
        ]
        ordering: ClassVar[list[str]] = ["like__first_seen", "like_id"]

    def __str__(self) -> str:
        return f"{self.item}: {self.like}"


class WithdrawalRequest(models.Model):
    """A text of the wire that asks to take another item back, by naming it ("kill item dpa 157").

    `item` is what it names, None when nothing of that name is known. The desk confirms it or not;
    until then the item does not publish itself.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="withdrawal_requests")
    named = models.CharField(max_length=200)
    item = models.ForeignKey(Item, models.CASCADE, null=True, related_name="withdrawal_requests")
    at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(_("decided"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    confirmed = models.BooleanField(default=False)

    class Meta:
        """A version asks once for an item; the newest first."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "named"], name="withdrawal_request_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["-at"], name="withdrawal_request_open", condition=Q(settled_at=None)
            )
        ]
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.named}: {self.item}"
