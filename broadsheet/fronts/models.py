"""Fronts: curated slots; whatever is not curated fills itself."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from broadsheet.desk.models import Article, Section


class Front(ClusterableModel):
    """The home page (no section) or a section's front."""

    section = models.OneToOneField(
        Section, models.CASCADE, null=True, blank=True, verbose_name=_("section"),
        help_text=_("Empty: the home page."),
    )  # fmt: skip

    class Meta:
        """Named as newspapers do."""

        verbose_name = _("front")
        verbose_name_plural = _("fronts")

    def __str__(self) -> str:
        return str(self.section) if self.section else str(_("Home"))


class Slot(Orderable):
    """An article pinned to the front, in order from the top, until a moment."""

    front = ParentalKey(Front, on_delete=models.CASCADE, related_name="slots")
    article = models.ForeignKey(
        Article, models.CASCADE, related_name="+", verbose_name=_("article")
    )
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta(Orderable.Meta):
        """From the top."""

        ordering: ClassVar[list[str]] = ["sort_order"]
        verbose_name = pgettext_lazy("front", "slot")
        verbose_name_plural = pgettext_lazy("front", "slots")
