"""The publisher's form of a file of subscribers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from broadsheet.subscriptions.imports import MOST_BYTES
from broadsheet.subscriptions.reads.business.imports import FORMATS


class ImportForm(forms.Form):
    """A file, and what kind of list it is."""

    file = forms.FileField(
        label=_("File"), max_length=200, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("CSV in UTF-8, up to 20 MB. It is kept until it is imported, a week at most."),
    )  # fmt: skip
    format = forms.ChoiceField(
        label=_("Format"), required=False,
        choices=[("", _("Found by the first line")), *FORMATS.items()],
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Not larger than what can be taken in."""
        found = self.cleaned_data["file"]
        if found.size > MOST_BYTES:
            raise ValidationError(
                _("The file is larger than 20 MB. Split it, each part with the column names.")
            )
        return found
