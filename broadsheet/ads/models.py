"""House ads in named slots."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.look.texts import refuse_tokens


class AdSlot(models.TextChoices):
    """Where an ad may stand."""

    TOP = "top", _("top of fronts")
    ARTICLE = "article", _("inside articles")
    ASIDE = "aside", _("beside the text")


def _own_or_https(url: str) -> None:
    if not url.startswith(("/", "https://")) or url.startswith("//"):
        raise ValidationError(_("Give an address that starts with / or https://."))


class HouseAd(models.Model):
    """The paper's own advertisement. The live ad with the lowest order stands in its slot."""

    slot = models.CharField(_("slot"), max_length=10, choices=AdSlot.choices)
    headline = models.CharField(_("headline"), max_length=120, validators=[refuse_tokens])
    text = models.CharField(_("text"), max_length=300, blank=True, validators=[refuse_tokens])
    link_text = models.CharField(_("link text"), max_length=60, validators=[refuse_tokens])
    url = models.CharField(_("address"), max_length=300, validators=[_own_or_https])
    live = models.BooleanField(_("live"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        """By slot and order."""

        ordering: ClassVar[list[str]] = ["slot", "order", "id"]
        verbose_name = _("house ad")
        verbose_name_plural = _("house ads")

    def __str__(self) -> str:
        return self.headline
