"""The publisher's form of a coupon."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from broadsheet.kit.money import Money
from broadsheet.subscriptions.forms.amounts import minor_units
from broadsheet.subscriptions.models import Coupon, Plan
from broadsheet.subscriptions.reads.coupons import reduced
from broadsheet.subscriptions.reads.sellable import cannot_sell, refused


class CouponForm(forms.ModelForm[Coupon]):
    """A code and what it takes off. Once it was used, only its end and its number change."""

    off = forms.CharField(
        label=_("Or an amount off"), max_length=20, required=False,
        help_text=_("Such as 100.00, of the price with tax. For plans in this currency."),
    )  # fmt: skip

    class Meta:
        """The amount is typed as money."""

        model = Coupon
        fields: ClassVar[list[str]] = [
            "code", "note", "percent", "off", "currency", "periods", "plans", "valid_from",
            "valid_until", "most_uses", "active",
        ]  # fmt: skip

    STAYS = ("code", "percent", "off", "currency", "periods", "plans", "valid_from")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        held = self.instance
        if held.amount_off is not None:
            self.initial["off"] = f"{Money(held.amount_off, held.currency).major:f}"
        if held.pk and held.uses.exists():
            for name in self.STAYS:
                self.fields[name].disabled = True

    def clean_code(self) -> str:
        """In capitals: readers may type it as they like."""
        return str(self.cleaned_data["code"]).strip().upper()

    def clean_currency(self) -> str:
        """In capitals."""
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        """The amount in minor units, before the model looks at the whole."""
        facts = super().clean() or self.cleaned_data
        typed, self.instance.amount_off = facts.get("off", ""), None
        if typed:
            try:
                self.instance.amount_off = minor_units(typed, facts.get("currency") or "")
            except ValidationError as problem:
                self.add_error("off", problem)
            except ValueError as problem:
                self.add_error("currency", ValidationError(str(problem)))
        elif "currency" in facts:
            facts["currency"] = ""
        return facts

    def full_clean(self) -> None:
        """What the gateway cannot charge is refused here, not at the reader's button."""
        super().full_clean()
        if self.is_bound and not self.errors and self.cleaned_data["active"]:
            named = self.cleaned_data["plans"]
            whys = self._obstacles(named or Plan.objects.all())
            if named:
                for plan, why in whys.items():
                    self._refuse(f"{plan}: {cannot_sell(why)}" if why else "")
            elif whys and all(whys.values()):
                self._refuse(cannot_sell(next(iter(whys.values()))))

    def _obstacles(self, plans: QuerySet[Plan]) -> dict[Plan, str]:
        """For each plan on sale that it is meant for, why it cannot be sold with it, or ""."""
        sold = plans.filter(on_sale=True).order_by("pk")
        offers = [(plan, plan.current) for plan in sold]
        return {
            plan: refused(reduced(terms, self.instance))
            for plan, terms in offers
            if terms and self.instance.currency in ("", terms.currency)
        }

    def _refuse(self, told: str) -> None:
        """At the plans; where those cannot be changed any more, nothing is said."""
        if told and not self.fields["plans"].disabled:
            self.add_error("plans", told)
