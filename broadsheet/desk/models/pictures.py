"""Pictures with the credit that belongs to them."""

from io import BytesIO
from typing import Any, ClassVar

from django.core.files.images import ImageFile
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class Picture(AbstractImage):
    """A picture. Wagtail's `title` names it in the desk, `description` says what is to be seen."""

    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    terms = models.CharField(_("usage terms"), max_length=500, blank=True)
    source_url = models.CharField(max_length=2000, blank=True, editable=False)
    from_wire = models.BooleanField(default=False, editable=False)

    admin_form_fields: ClassVar[Any] = (
        *Image.admin_form_fields,
        "caption",
        "credit",
        "terms",
    )

    @classmethod
    def make(cls, data: bytes, file_name: str, **facts: Any) -> "Picture":
        """Store a picture's bytes with its facts (title, credit, caption, …)."""
        # Given to the constructor, not set later: only then are width and height read.
        picture = cls(file=ImageFile(BytesIO(data), name=file_name), **facts)
        picture.save()
        return picture

    class Meta(AbstractImage.Meta):
        """Named as newspapers do."""

        verbose_name = _("picture")
        verbose_name_plural = _("pictures")


class Rendition(AbstractRendition):
    """A picture in one size."""

    image = models.ForeignKey(Picture, models.CASCADE, related_name="renditions")

    class Meta:
        """One file for one filter."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="rendition_once"
            )
        ]
