"""The paper itself: its name, its language and zone."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models.nameplates import Nameplated
from broadsheet.look.settings import Setting
from broadsheet.look.texts import refuse_tokens
from broadsheet.wire.models import is_zone


def _is_zone(name: str) -> None:
    is_zone(name)


class Paper(Nameplated, Setting):
    """What the publisher sets: name, nameplate, language, zone."""

    name = models.CharField(
        _("name"), max_length=120, default="My Paper", validators=[refuse_tokens]
    )
    device = models.TextField(_("device"), blank=True, editable=False)
    language = models.CharField(
        _("language"), max_length=10, default="en-gb", choices=settings.LANGUAGES
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[_is_zone],
        help_text=_("Dates, addresses and the monthly meter follow it."),
    )  # fmt: skip
    premium_promise = models.PositiveSmallIntegerField(
        _("premium reports promised a day"), default=0,
        help_text=_(
            "Readers are told it with the plans that open premium reports, and on /premium/ beside"
            " the day's count. 0: nothing is promised."
        ),
    )  # fmt: skip
    demo = models.BooleanField(default=False, editable=False)

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Paper")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls, request_or_site: Any = None) -> Self:
        """`current()`, and the row is made where there is none: a paper always has one."""
        found = cls.current()
        if found.pk is None:
            found = super().load(request_or_site)
        return found

    @property
    def right_to_left(self) -> bool:
        """Whether the paper's language is written from the right."""
        with override(self.language):
            return get_language_bidi()
