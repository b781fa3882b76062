"""The form of the picture library: what the file says of itself fills what nobody filled in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.images.forms import BaseImageForm

from broadsheet.kit import tokens
from broadsheet.kit.pictures import PictureUnreadable, examine

SHOWN = ("caption", "credit", "byline", "copyright_notice", "description")


class PictureForm(BaseImageForm):
    """Wagtail's, with the file looked at and its IPTC metadata read when it is uploaded."""

    def clean_file(self) -> Any:
        """A file that cannot be shown is refused here, before it is kept."""
        uploaded = self.cleaned_data["file"]
        if "file" not in self.changed_data or not uploaded:
            return uploaded
        uploaded.seek(0)
        try:
            found = examine(uploaded.read())
        except PictureUnreadable as problem:
            raise ValidationError(
                _("This picture cannot be taken. %(why)s"), params={"why": str(problem)}
            ) from problem
        uploaded.seek(0)
        self.instance.embedded = dict(found.embedded)
        return uploaded

    def clean(self) -> dict[str, Any]:
        """What readers see of a picture holds no template marks."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in SHOWN:
            if tokens.has_marks(str(cleaned.get(name) or "")):
                self.add_error(name, _("Template marks such as {{ … }} would reach readers."))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Fill what is empty from the file; what somebody wrote is never overwritten."""
        if "file" in self.changed_data:
            for name, text in self.instance.embedded.items():
                if not getattr(self.instance, name) and not tokens.has_marks(text):
                    setattr(self.instance, name, text)
        return super().save(commit=commit)
