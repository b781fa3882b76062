"""Access over time: an article's class turns with its age."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.access import AccessField
from broadsheet.desk.models.places import Section
from broadsheet.gate.policy import Policy, Turn

HOUR = 3600
MOST_HOURS = 100 * 365 * 24
"""A hundred years: what lies further off is a slip of the pen."""


class TimeRule(models.Model):
    """From some hours after an article's first publication until others it has another class.

    The first rule in order that fits an article is in force; where none fits it has its own.
    """

    name = models.CharField(_("name"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    section = models.ForeignKey(
        Section, models.CASCADE, null=True, blank=True, verbose_name=_("section"),
        help_text=_("Empty: in every section."),
    )  # fmt: skip
    own_access = AccessField(
        _("for articles that are"), blank=True,
        help_text=_("Empty: whatever their own access is."),
    )  # fmt: skip
    after = models.PositiveIntegerField(
        _("from hour"), default=0, validators=[MaxValueValidator(MOST_HOURS)],
        help_text=_("Hours after an article was first published."),
    )  # fmt: skip
    until = models.PositiveIntegerField(
        _("until hour"), null=True, blank=True, validators=[MaxValueValidator(MOST_HOURS)],
        help_text=_("Empty: for ever."),
    )  # fmt: skip
    access = AccessField(_("they are"))

    class Meta:
        """In the order in which they are tried."""

        ordering: ClassVar[list[str]] = ["order", "pk"]
        verbose_name = _("time rule")
        verbose_name_plural = _("time rules")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """An end before the beginning would never hold."""
        if self.until is not None and self.until <= self.after:
            told = _("This is not after hour %(hour)d, when the rule begins. Give a later hour.")
            raise ValidationError({"until": told % {"hour": self.after}})

    @property
    def turn(self) -> Turn:
        """The rule as the gate applies it; its name there is its number."""
        return Turn(
            name=str(self.pk),
            access=self.access,
            after=self.after * HOUR,
            until=(self.until or 0) * HOUR,
            sections=frozenset({self.section_id} if self.section_id else ()),
            classes=frozenset({self.own_access} if self.own_access else ()),
        )

    @classmethod
    def turns(cls) -> tuple[Turn, ...]:
        """The time rules of the gate's policy, in order."""
        return tuple(rule.turn for rule in cls.objects.all())

    @classmethod
    def policy(cls) -> Policy:
        """A policy of time rules alone: what the desk needs to tell an article's class."""
        return Policy((), turns=cls.turns())
