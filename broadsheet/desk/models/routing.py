"""Ordered rules: what becomes of a wire version by itself."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models.paper import ACCESS, Section
from broadsheet.wire.models import Feed, Version


class RuleAction(models.TextChoices):
    """What a rule does."""

    PUBLISH = "publish", _("publish")
    HOLD = "hold", _("hold for the desk")
    DISCARD = "discard", _("discard")


class Rule(models.Model):
    """One rule: every filter that is filled in must match; the first match with `stop` ends."""

    order = models.PositiveSmallIntegerField(_("order"), default=100)
    name = models.CharField(_("name"), max_length=80)
    feed = models.ForeignKey(
        Feed, models.CASCADE, null=True, blank=True, verbose_name=_("only from the feed")
    )
    category = models.CharField(_("category contains"), max_length=80, blank=True)
    headline = models.CharField(_("headline contains"), max_length=80, blank=True)
    action = models.CharField(_("action"), max_length=8, choices=RuleAction.choices, default="hold")
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, verbose_name=_("into the section")
    )
    access = models.CharField(_("access"), max_length=40, choices=ACCESS, default="metered")
    max_age_hours = models.PositiveIntegerField(
        _("age limit (hours)"), null=True, blank=True, default=48,
        help_text=_("Older reports are kept and never published by themselves. Empty: no limit."),
    )  # fmt: skip
    stop = models.BooleanField(_("stop here"), default=True)

    class Meta:
        """Rules run in order."""

        ordering: ClassVar[list[str]] = ["order", "id"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.name

    @property
    def max_age(self) -> timedelta | None:
        """The age limit, None for no limit."""
        return None if self.max_age_hours is None else timedelta(hours=self.max_age_hours)

    def matches(self, version: Version) -> bool:
        """Whether every filter that is filled in fits."""
        if self.feed_id and (version.fetch is None or version.fetch.feed_id != self.feed_id):
            return False
        categories = " ".join(version.fields.get("categories", [])).casefold()
        if self.category and self.category.casefold() not in categories:
            return False
        return not self.headline or self.headline.casefold() in version.headline.casefold()
