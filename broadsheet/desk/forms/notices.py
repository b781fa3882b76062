"""What readers are told, as staff type it."""

from django import forms
from django.utils.translation import gettext_lazy


class CorrectionForm(forms.Form):
    """What readers are told was wrong."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[
            ("correction", gettext_lazy("Correction")),
            ("clarification", gettext_lazy("Clarification")),
        ],
    )
    text = forms.CharField(
        label=gettext_lazy("Note to readers"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Say what was wrong and what is right. It appears above the text at once."
        ),
    )


class HoldForm(forms.Form):
    """What readers find at the address while a report is held."""

    text = forms.CharField(
        label=gettext_lazy("Note to readers"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The report is dark until you release it; its address shows this note."
        ),
    )


class WithdrawalForm(forms.Form):
    """Why a report is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason, as readers will see it"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
