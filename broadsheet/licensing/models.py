"""Who may take our reports, in what order reports change, and what was taken."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models import Article, Section
from broadsheet.kit import clock


class Licensee(models.Model):
    """Somebody who may print our reports. Of the token only a digest is kept.

    `window` is the minute that `asked` counts requests of.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    sections = models.ManyToManyField(
        Section, blank=True, verbose_name=_("sections"), help_text=_("None chosen: all of them.")
    )
    takes_premium = models.BooleanField(_("premium reports too"), default=False)
    takes_ninjs = models.BooleanField("ninjs", default=True)
    takes_newsmlg2 = models.BooleanField("NewsML-G2", default=True)
    ahead_of_embargo = models.BooleanField(
        _("reports ahead of their embargo"), default=False,
        help_text=_("Our own embargoes only, marked with the moment. An agency's is always kept."),
    )  # fmt: skip
    per_minute = models.PositiveIntegerField(_("requests a minute"), default=60)
    token_digest = models.CharField(max_length=64, editable=False)
    token_made_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    window = models.DateTimeField(null=True, editable=False)
    asked = models.PositiveIntegerField(default=0, editable=False)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[models.Manager["Licensee"]] = models.Manager()

    class Meta:
        """By name, as the desk lists them."""

        ordering: ClassVar[list[str]] = ["name"]
        verbose_name = _("licensee")
        verbose_name_plural = _("licensees")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """One format at least: else nothing could be taken."""
        if not self.takes_ninjs and not self.takes_newsmlg2:
            raise ValidationError(_("Choose a format, or both."))


class Change(models.Model):
    """The last public change of an article: the number of its newest entry in the press log.

    Licensees ask for what came after a number. One row for each article keeps that quick.
    """

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="last_change"
    )
    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager["Change"]] = models.Manager()


class Taken(models.Model):
    """The state of an article that a licensee was sent last: who has it must hear of its end."""

    licensee = models.ForeignKey(Licensee, models.CASCADE, related_name="taken")
    article = models.ForeignKey(Article, models.CASCADE, related_name="taken")
    number = models.BigIntegerField()
    status = models.CharField(max_length=10)
    format = models.CharField(max_length=10)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["Taken"]] = models.Manager()

    class Meta:
        """One row for an article of a licensee; the newest first."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["licensee", "article"], name="taken_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["licensee", "-at"], name="taken_newest")
        ]
