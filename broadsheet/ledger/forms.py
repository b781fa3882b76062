"""What a reader wants on invoices."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.ledger.models import Billing

LINES = 5


class BillingForm(forms.ModelForm[Billing]):
    """Name, place and tax number. Invoices already issued stay as they are."""

    class Meta:
        """What the reader types; each field with the browser's own word for it."""

        model = Billing
        fields: ClassVar[list[str]] = ["name", "country", "region", "address", "tax_number"]
        help_texts: ClassVar[dict[str, object]] = {
            "tax_number": _("For businesses: GSTIN, or VAT number. Not needed otherwise."),
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "name": forms.TextInput({"autocomplete": "billing name"}),
            "country": forms.Select({"autocomplete": "billing country"}),
            "address": forms.Textarea({"rows": 3, "autocomplete": "billing street-address"}),
        }

    def __init__(self, *args: object, country: str = "", **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.label_suffix = ""
        self.fields["country"].required = True
        self.initial["country"] = self.initial.get("country") or country

    def clean_address(self) -> str:
        """A few lines: it stands on the invoice."""
        address: str = self.cleaned_data["address"].strip()
        if len(address) > 400 or len(address.splitlines()) > LINES:
            raise forms.ValidationError(_("Five lines and 400 signs at most."))
        return address

    def save(self, commit: bool = True) -> Billing:
        """With the moment it was changed."""
        self.instance.changed_at = clock.now()
        return super().save(commit)
