"""The publisher's forms: entitlements, refunds, institutions, links."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from broadsheet.gate.links import LONGEST_DAYS
from broadsheet.kit.money import Money
from broadsheet.subscriptions.forms.amounts import minor_units
from broadsheet.subscriptions.models import Entitlement, Institution, LinkPolicy


class EntitlementForm(forms.ModelForm[Entitlement]):
    """A right and how it is put to readers. Its name is in grants and passes, and stays."""

    class Meta:
        """The whole row."""

        model = Entitlement
        fields: ClassVar[list[str]] = ["name", "title", "benefit", "order"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["name"].disabled = True
            self.fields["name"].help_text = _("Plans and grants know it by this name: it stays.")


class RefundForm(forms.Form):
    """How much of a payment goes back, and why."""

    amount = forms.CharField(label=_("Amount"), max_length=24)
    reason = forms.CharField(
        label=_("Reason"), max_length=200,
        help_text=_("For the books. The reader does not see it."),
    )  # fmt: skip

    def __init__(self, data: Any, left: Money, written: str) -> None:
        """`left` is what may go back, `written` the same in words."""
        super().__init__(data, initial={"amount": f"{left.major:f}"})
        self.left = left
        told = _("In %(currency)s. %(left)s are left of the payment.")
        self.fields["amount"].help_text = told % {"currency": left.currency, "left": written}

    def clean_amount(self) -> int:
        """Minor units, not more than is left."""
        minor = minor_units(self.cleaned_data["amount"], self.left.currency)
        if minor > self.left.amount:
            raise ValidationError(_("That is more than is left of the payment."))
        return minor


class InstitutionForm(forms.ModelForm[Institution]):
    """An institution: who is meant, and what it opens for them."""

    entitlements = forms.MultipleChoiceField(
        label=_("Opens"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one: nothing would be opened.")},
    )  # fmt: skip

    class Meta:
        """The whole row."""

        model = Institution
        fields: ClassVar[list[str]] = [
            "name", "networks", "domains", "entitlements", "seats", "starts", "ends",
        ]  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["entitlements"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = rights_to_choose(self.instance.entitlements)


def rights_to_choose(held: list[str]) -> list[tuple[str, str]]:
    """Every entitlement, those included that are held and no longer in the list."""
    known = {one.name: str(one) for one in Entitlement.objects.all()}
    return list((known | {name: name for name in held if name not in known}).items())


def _share_days() -> int:
    return LinkPolicy.current().share_days


class ShareForm(forms.Form):
    """How long a link of the staff lasts, and whom it is for."""

    days = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=LONGEST_DAYS, initial=_share_days
    )
    note = forms.CharField(
        label=_("For whom"), max_length=120, required=False, help_text=_("The desk alone sees it.")
    )
