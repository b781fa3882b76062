"""In which sections a group may do what; without a line the group's rights hold everywhere."""

from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models.places import Section


class SectionRight(models.Model):
    """What a group may do in one section. A group with a single line is limited to its lines.

    The right itself is the group's permission (`desk.publish_article`); a line says where.
    """

    group = models.ForeignKey(
        Group, models.CASCADE, related_name="section_rights", verbose_name=_("group")
    )
    section = models.ForeignKey(
        Section, models.CASCADE, related_name="+", verbose_name=_("section")
    )
    change = models.BooleanField(_("edit"), default=True)
    publish = models.BooleanField(_("publish and unpublish"), default=True)
    correct = models.BooleanField(_("correct and clarify"), default=True)
    hold = models.BooleanField(_("hold and release"), default=True)
    withdraw = models.BooleanField(_("withdraw"), default=False)

    class Meta:
        """One line for a group and a section."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["group", "section"], name="section_right_once")
        ]
        ordering: ClassVar[list[str]] = ["group__name", "section__order"]
        verbose_name = _("section right")
        verbose_name_plural = _("section rights")

    def __str__(self) -> str:
        return f"{self.group}: {self.section}"
