"""The publisher's forms of partner benefits and of their codes."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.subscriptions.forms.rights import rights_to_choose
from broadsheet.subscriptions.models import PartnerBenefit
from broadsheet.subscriptions.models.partners import LONGEST_CODE
from broadsheet.subscriptions.partnering import Typed, refused_redirects, typed_codes

MOST_CODES = 20_000
"""Lines of one upload."""
SHOWN = 5


class PartnerBenefitForm(forms.ModelForm[PartnerBenefit]):
    """A benefit, and where its partner wants readers to come back to."""

    redirects = forms.CharField(
        label=gettext_lazy("Addresses to come back to"), required=False, widget=forms.Textarea,
        help_text=gettext_lazy(
            "OpenID Connect only: the partner's redirect URIs, one a line, letter by letter."
        ),
    )  # fmt: skip

    class Meta:
        """The whole row; the client is made from it."""

        model = PartnerBenefit
        fields: ClassVar[list[str]] = [
            "partner", "title", "gives", "terms", "link", "entitlement", "kind", "redirects",
            "asks_email", "valid_from", "valid_until", "warn_below", "active",
        ]  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        held = self.instance
        self.fields["entitlement"] = forms.ChoiceField(
            label=self.fields["entitlement"].label,
            choices=rights_to_choose([held.entitlement] if held.entitlement else []),
        )
        if held.client is not None:
            self.initial["redirects"] = "\n".join(held.client.get_redirect_uris())
        if held.pk:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("Make another benefit for the other way.")

    def clean_redirects(self) -> list[str]:
        """Addresses with https and a host, no wildcard; each once."""
        lines = [line.strip() for line in self.cleaned_data["redirects"].splitlines()]
        found = list(dict.fromkeys(line for line in lines if line))
        if wrong := refused_redirects(found):
            words = _("Not usable: %(lines)s. Each begins with https:// and has no * and no #.")
            raise ValidationError(words % {"lines": ", ".join(wrong[:SHOWN])})
        return found

    def clean(self) -> dict[str, Any]:
        """A partner that asks needs an address to come back to."""
        facts = super().clean() or self.cleaned_data
        asks = facts.get("kind") == PartnerBenefit.OPENID
        if asks and "redirects" in facts and not facts["redirects"]:
            self.add_error("redirects", _("Give at least one: readers are led back there."))
        return facts


class CodesForm(forms.Form):
    """Codes for a pool, as text."""

    codes = forms.CharField(
        label=gettext_lazy("Codes"), strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, as the partner sent them."),
        max_length=MOST_CODES * (LONGEST_CODE + 2),
    )  # fmt: skip

    def clean_codes(self) -> Typed:
        """The codes; all is refused when one line is none, so that nothing is half done."""
        typed = typed_codes(self.cleaned_data["codes"], LONGEST_CODE)
        if typed.wrong:
            words = _("No codes, so nothing was added: %(lines)s")
            shown = ", ".join(line[:40] for line in typed.wrong[:SHOWN])
            raise ValidationError(words % {"lines": shown})
        if not typed.codes:
            raise ValidationError(_("There is no code in it."))
        if len(typed.codes) > MOST_CODES:
            words = _("At most %(most)d codes at once. Add the rest afterwards.")
            raise ValidationError(words % {"most": MOST_CODES})
        return typed
