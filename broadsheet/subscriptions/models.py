"""Grants open doors; the meter's limits; the folded journal of reads."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseGenericSetting

from broadsheet.kit import clock
from broadsheet.look.texts import refuse_unknown_tokens

WALL_TOKENS = ("paper", "free_limit", "registered_limit")


def _wall_tokens(text: str) -> None:
    refuse_unknown_tokens(text, WALL_TOKENS)


class MeterPolicy(BaseGenericSetting):
    """How many articles a month are free, and what the wall says below its first sentence."""

    free_anonymous = models.PositiveIntegerField(
        _("free articles a month without an account"), default=3
    )
    free_registered = models.PositiveIntegerField(
        _("free articles a month with an account"), default=5
    )
    invitation = models.TextField(
        _("invitation on the wall"), blank=True, validators=[_wall_tokens],
        help_text=_(
            "Tokens: {{ paper }}, {{ free_limit }}, {{ registered_limit }}. Empty: our own words."
        ),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Meter and wall")


class GrantQuerySet(models.QuerySet["Grant"]):
    """Chainable filters."""

    def in_force(self, now: object) -> "GrantQuerySet":
        """Grants that open their door at `now`: half-open intervals, UTC."""
        until = Q(valid_until=None) | Q(valid_until__gt=now)
        return self.filter(until, valid_from__lte=now, revoked_at=None)


class Grant(models.Model):
    """The single thing that opens a door: a reader, an entitlement, from, until."""

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", verbose_name=_("reader")
    )
    entitlement = models.CharField(
        _("entitlement"), max_length=60, help_text=_("unlimited, premium, ad_free, …")
    )
    valid_from = models.DateTimeField(_("from"), default=clock.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=20, default="complimentary")
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    objects: ClassVar[models.Manager["Grant"]] = GrantQuerySet.as_manager()

    class Meta:
        """Found by reader."""

        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["reader", "entitlement"])]

    def __str__(self) -> str:
        return f"{self.reader}: {self.entitlement}"


class JournalCursor(models.Model):
    """How far a journal segment has been folded (bytes)."""

    segment = models.CharField(max_length=80, primary_key=True)
    offset = models.BigIntegerField(default=0)


class ArticleReads(models.Model):
    """How many distinct readers opened an article within a meter period: counts only, no names."""

    period = models.CharField(max_length=7)
    article = models.BigIntegerField()
    anonymous = models.PositiveIntegerField(default=0)
    registered = models.PositiveIntegerField(default=0)

    class Meta:
        """One row for an article and period."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["period", "article"], name="article_reads_once")
        ]
