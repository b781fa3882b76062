"""Who sends: an agency, and what its contract and its habits ask for."""

from datetime import timedelta
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def is_zone(name: str) -> None:
    """A zone of the IANA database. Raises ValidationError for anything else."""
    if name not in available_timezones():
        raise ValidationError(
            _("'%(name)s' is no time zone. Give one like Asia/Kolkata or Europe/Lisbon."),
            params={"name": name},
        )


class Source(models.Model):
    """A wire: the agency as readers are told of it, and what its contract and its habits ask for.

    `zone` is what its dates without a zone are in, `language` and `credit_line` what is taken when
    an item states none.
    """

    name = models.SlugField(_("name"), unique=True)
    agency = models.CharField(_("agency"), max_length=120, help_text=_("As readers see it."))
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[is_zone])
    language = models.CharField(
        _("language"), max_length=35, blank=True,
        help_text=_("Of items that state none, such as en-IN."),
    )  # fmt: skip
    credit_line = models.CharField(
        _("credit line"), max_length=200, blank=True, help_text=_("Of items that state none.")
    )
    auto_publish = models.BooleanField(
        _("may be published by rules"), default=True,
        help_text=_("Off: every report waits for the desk, whatever the rules say."),
    )  # fmt: skip
    max_age_hours = models.PositiveIntegerField(
        _("age limit (hours)"), null=True, blank=True,
        help_text=_("Older reports are kept and never published by themselves. Empty: no limit."),
    )  # fmt: skip
    online_days = models.PositiveSmallIntegerField(
        _("days online"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("As the contract says; then the report comes off the site. Empty: for good."),
    )  # fmt: skip
    noindex = models.BooleanField(
        _("keep out of search engines"), default=False,
        help_text=_("As agencies may ask of those who print their reports."),
    )  # fmt: skip
    canonical_to_source = models.BooleanField(
        _("name the agency's page as the original"), default=False
    )
    may_be_licensed_on = models.BooleanField(
        _("may be passed on to licensees"), default=False,
        help_text=_("Only where the contract with the agency says so."),
    )  # fmt: skip

    class Meta:
        """Named as newspapers do."""

        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.agency

    @property
    def max_age(self) -> timedelta | None:
        """The age limit, None for no limit."""
        return None if self.max_age_hours is None else timedelta(hours=self.max_age_hours)
