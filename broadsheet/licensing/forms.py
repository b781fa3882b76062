"""The form of a licensee."""

from typing import Any, ClassVar

from django import forms

from broadsheet.licensing.models import Licensee


class LicenseeForm(forms.ModelForm[Licensee]):
    """What was agreed."""

    class Meta:
        """All that the publisher sets."""

        model = Licensee
        fields = (
            "name", "sections", "takes_premium", "takes_ninjs", "takes_newsmlg2",
            "ahead_of_embargo", "per_minute",
        )  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {"sections": forms.CheckboxSelectMultiple}
