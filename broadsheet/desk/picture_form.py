"""The form of the picture library: what the file says of itself fills what nobody filled in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from broadsheet.kit import tokens
from broadsheet.kit.pictures import PictureUnreadable, examine

REWORKED = frozenset(["caption", "credit", "byline", "copyright_notice"])
"""What readers see beside a picture: the agency's words, until staff change one."""
SHOWN = ("caption", "credit", "byline", "copyright_notice", "description")


class PictureFileField(WagtailImageField):
    """Wagtail's, looked at before Wagtail decodes it; what the file says stands in `embedded`."""

    def to_python(self, data: Any) -> Any:
        """Raises ValidationError for what is no picture, is damaged or too large."""
        if not data:
            return super().to_python(data)
        data.seek(0)
        try:
            found = examine(data.read())
        except PictureUnreadable as problem:
            raise ValidationError(
                _("This picture cannot be taken. %(why)s"), params={"why": str(problem)}
            ) from problem
        data.seek(0)
        taken = super().to_python(data)
        taken.embedded = dict(found.embedded)
        return taken


class PictureForm(BaseImageForm):
    """Wagtail's, with the IPTC metadata of the file that is uploaded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields.get("file")
        if file is not None:
            self.fields["file"] = PictureFileField(
                label=file.label, required=file.required, widget=file.widget
            )
        if "expires" in self.fields:
            self.fields["expires"].widget = AdminDateTimeInput()

    def clean(self) -> dict[str, Any]:
        """What readers see of a picture holds no template marks."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.from_wire and "file" in self.changed_data:
            # Another file under the agency's name would be a lie that no disclosure could mend.
            self.add_error("file", _("The agency's file stays. Upload yours as a new picture."))
        for name in SHOWN:
            if tokens.has_marks(str(cleaned.get(name) or "")):
                self.add_error(name, _("Template marks such as {{ … }} would reach readers."))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Fill what is empty from the file; what somebody wrote is never overwritten."""
        if "file" in self.changed_data:
            self.instance.embedded = getattr(self.cleaned_data["file"], "embedded", {})
            for name, text in self.instance.embedded.items():
                if not getattr(self.instance, name) and not tokens.has_marks(text):
                    setattr(self.instance, name, text)
        if self.instance.from_wire and REWORKED.intersection(self.changed_data):
            self.instance.reworked = True
        return super().save(commit=commit)
