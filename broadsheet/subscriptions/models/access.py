"""Grants: the single thing that opens a door."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.press_log.models import Subject, announce

COMPLIMENTARY = "complimentary"
REVOKED = "subscriptions.revoke_access"
"""Wagtail's log of who took complimentary access back."""


class GrantQuerySet(models.QuerySet["Grant"]):
    """Chainable filters."""

    def in_force(self, now: datetime) -> "GrantQuerySet":
        """Grants that open their door at `now`: half-open intervals, UTC."""
        until = Q(valid_until=None) | Q(valid_until__gt=now)
        return self.filter(until, valid_from__lte=now, revoked_at=None)

    def complimentary(self) -> "GrantQuerySet":
        """What somebody gave, for nothing; not what subscriptions, seats, coupons, gifts, imports
        and institutions wrote."""
        none: dict[str, Any] = dict.fromkeys(("subscription", "seat", "gift", "imported"))
        return self.filter(source=COMPLIMENTARY, institution=None, **none)


class Grant(models.Model):
    """A reader, an entitlement, from, until. Saved one by one: each save voids the reader's passes.

    `subscription` and `period` say which paid period caused it, `seat` in whose group its reader
    has a place, `gift` what was redeemed, `imported` what was brought along from elsewhere,
    `institution` whose account it is; complimentary access has none of them. That one says
    `given_by` whom and when, and without an end also who decided it; taken back, who did and why.
    """

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", verbose_name=_("reader")
    )
    entitlement = models.CharField(
        _("entitlement"), max_length=60, help_text=_("unlimited, premium, ad_free, …")
    )
    valid_from = models.DateTimeField(_("from"), default=clock.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=20, default=COMPLIMENTARY)
    subscription = models.ForeignKey(
        "subscriptions.Subscription", models.CASCADE, null=True, blank=True, editable=False,
        related_name="grants",
    )  # fmt: skip
    institution = models.ForeignKey(
        "subscriptions.Institution", models.SET_NULL, null=True, blank=True, editable=False,
        related_name="grants",
    )  # fmt: skip
    seat = models.ForeignKey(
        "subscriptions.Seat", models.CASCADE, null=True, blank=True, editable=False,
        related_name="grants",
    )  # fmt: skip
    gift = models.ForeignKey(
        "subscriptions.GiftSubscription", models.CASCADE, null=True, blank=True, editable=False,
        related_name="grants",
    )  # fmt: skip
    imported = models.ForeignKey(
        "subscriptions.ImportedSubscription", models.CASCADE, null=True, blank=True, editable=False,
        related_name="grants",
    )  # fmt: skip
    period = models.PositiveIntegerField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+",
        verbose_name=_("given by"),
    )  # fmt: skip
    given_at = models.DateTimeField(_("given"), null=True, editable=False)
    decided_by = models.CharField(_("who decided"), max_length=120, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    revoke_reason = models.CharField(max_length=200, blank=True, editable=False)
    objects: ClassVar[models.Manager["Grant"]] = GrantQuerySet.as_manager()

    class Meta:
        """Found by reader."""

        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["reader", "entitlement"])]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "period", "entitlement", "source"],
                condition=Q(subscription__isnull=False),
                name="grant_once_a_period",
            ),
            models.UniqueConstraint(
                fields=["institution", "reader", "entitlement"],
                condition=Q(institution__isnull=False, revoked_at=None),
                name="grant_once_a_seat",
            ),
            models.UniqueConstraint(
                fields=["seat", "period", "entitlement", "source"],
                condition=Q(seat__isnull=False),
                name="grant_lent_once",
            ),
            models.UniqueConstraint(
                fields=["gift", "entitlement"],
                condition=Q(gift__isnull=False),
                name="grant_once_a_gift",
            ),
            models.UniqueConstraint(
                fields=["imported", "entitlement"],
                condition=Q(imported__isnull=False),
                name="grant_once_an_import",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.entitlement}"

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and let every gate ask for a new pass of this reader.

        Under the reader's lock: what the reader gives away hangs on the grants (`listening.py`).
        """
        with transaction.atomic():
            self._lock_reader()
            super().save(*args, **options)
            announce(Subject.READER, self.reader_id)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete, and let every gate ask for a new pass of this reader."""
        with transaction.atomic():
            self._lock_reader()
            announce(Subject.READER, self.reader_id)
            return super().delete(*args, **options)

    def _lock_reader(self) -> None:
        User.objects.select_for_update(no_key=True).filter(pk=self.reader_id).first()
