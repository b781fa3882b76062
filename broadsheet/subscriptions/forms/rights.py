"""The publisher's forms: entitlements, refunds, institutions, links."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from broadsheet.gate.links import LONGEST_DAYS
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
    """Why money goes back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200,
        help_text=_("For the books. The reader does not see it."),
    )  # fmt: skip


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
