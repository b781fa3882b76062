"""Fronts: curated slots; whatever is not curated fills itself."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from broadsheet.desk.models import Article, Section, Title


class Front(ClusterableModel):
    """The home page (neither section nor title), a section's front or a title's."""

    section = models.OneToOneField(
        Section, models.CASCADE, null=True, blank=True, verbose_name=_("section"),
        help_text=_("Empty: the home page, or the front of the title chosen below."),
    )  # fmt: skip
    title = models.OneToOneField(
        Title, models.CASCADE, null=True, blank=True, verbose_name=_("title of the house"),
        help_text=_("For the first page of a second title; leave the section empty."),
    )  # fmt: skip

    class Meta:
        """Named as newspapers do."""

        verbose_name = _("front")
        verbose_name_plural = _("fronts")

    def __str__(self) -> str:
        return str(self.section or self.title or _("Home"))

    @property
    def place(self) -> str:
        """The address by which stages name the front to each other; "" for the home page."""
        if self.section:
            return str(self.section.place)
        return str(self.title.slug) if self.title else ""

    def clean(self) -> None:
        """One front for each place."""
        if self.section_id and self.title_id:
            told = _("Choose a section or a title, not both.")
            raise ValidationError({"title": told})


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
