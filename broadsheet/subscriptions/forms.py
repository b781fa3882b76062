"""The publisher's forms: plans and their terms, entitlements, refunds, institutions, links."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from broadsheet.gate.links import LONGEST_DAYS
from broadsheet.kit import clock
from broadsheet.kit.money import digits, parse
from broadsheet.ledger.models import Seller
from broadsheet.ledger.taxes.table import rate_at
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Entitlement, Institution, LinkPolicy, Plan, PlanVersion
from broadsheet.subscriptions.models.plans import check_currency
from broadsheet.subscriptions.rules import LONGEST

OUR_ADDRESSES = frozenset({"return", "left", "withdraw"})
"""Words after /subscribe/ that are the paper's own."""

UNITS = [("day", _("days")), ("week", _("weeks")), ("month", _("months")), ("year", _("years"))]

"""Ten years: a longer period is a slip of the pen, and its end may be beyond the calendar."""


class PlanForm(forms.ModelForm[Plan]):
    """A plan and the terms on which it is sold. Saving other terms makes a new version of it."""

    price = forms.CharField(label=_("Price"), max_length=20, help_text=_("Such as 900.00"))
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("INR, EUR, USD, …"))
    count = forms.IntegerField(label=_("Length"), min_value=1, initial=1)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, initial="month")
    tax_name = forms.CharField(
        label=_("Name of the tax"), max_length=40, required=False, help_text=_("GST, VAT, …")
    )
    tax_rate = forms.DecimalField(
        label=_("Tax rate in percent"), min_value=0, max_value=100, max_digits=5, decimal_places=2,
        initial=0,
    )  # fmt: skip
    tax_included = forms.BooleanField(label=_("Tax is in the price"), required=False, initial=True)
    entitlements = forms.MultipleChoiceField(
        label=_("Gives"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one: the plan would open nothing.")},
    )  # fmt: skip

    ABOUT = ("name", "slug", "description", "note", "on_sale", "order")
    PRICE = ("price", "currency", "count", "unit")
    TAX = ("tax_name", "tax_rate")
    GIVES = ("tax_included", "entitlements")

    class Meta:
        """What belongs to the plan itself."""

        model = Plan
        fields: ClassVar[list[str]] = ["name", "slug", "description", "note", "on_sale", "order"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.current = self.instance.current if self.instance.pk else None
        self.terms = PlanVersion()
        held = self.current.entitlements if self.current else []
        self._choices("entitlements").choices = _rights(held)
        self.initial.update(self._terms_now())

    def _choices(self, name: str) -> forms.MultipleChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        return field

    def _terms_now(self) -> dict[str, Any]:
        """The terms on sale; for a new plan the currency and tax of the last one made."""
        version = self.current
        if version is None:
            last = PlanVersion.objects.order_by("-pk").first()
            return _money_terms(last) if last else _proposed()
        return _money_terms(version) | {
            "price": f"{version.shown.major:f}",
            "count": version.count,
            "unit": version.unit,
            "entitlements": version.entitlements,
        }

    def clean_slug(self) -> str:
        """No address of our own."""
        slug: str = self.cleaned_data["slug"]
        if slug in OUR_ADDRESSES:
            raise ValidationError(
                _("'%(slug)s' is an address of the paper itself. Choose another word."),
                params={"slug": slug},
            )
        return slug

    def clean_currency(self) -> str:
        """A currency of ISO 4217, in capitals."""
        code: str = self.cleaned_data["currency"].strip().upper()
        check_currency(code)
        return code

    def clean(self) -> dict[str, Any]:
        """The terms as a version of the plan, not yet saved."""
        facts = super().clean() or self.cleaned_data
        if {"price", "currency"} <= facts.keys():
            try:
                facts["minor"] = _minor_units(facts["price"], facts["currency"])
            except ValidationError as problem:
                self.add_error("price", problem)
        if {"count", "unit"} <= facts.keys() and facts["count"] > LONGEST[facts["unit"]]:
            self.add_error("count", _("No period is longer than ten years."))
        if not self.errors:
            self.terms = self._version(facts)
        return facts

    def _version(self, facts: dict[str, Any]) -> PlanVersion:
        return PlanVersion(
            price=facts["minor"],
            currency=facts["currency"],
            unit=facts["unit"],
            count=facts["count"],
            tax_name=facts["tax_name"],
            tax_rate=int(facts["tax_rate"] * 100),
            tax_included=facts["tax_included"],
            entitlements=self._rights(facts["entitlements"]),
        )

    def _rights(self, chosen: list[str]) -> list[str]:
        """In the order of the terms on sale when they are the same: order alone is no change."""
        held = list(self.current.entitlements) if self.current else []
        return held if set(held) == set(chosen) else chosen

    def save(self, commit: bool = True) -> Plan:
        """The plan and, when its terms changed, a new version: both or neither."""
        with transaction.atomic():
            plan = super().save(commit)
            self.terms = actions.set_terms(plan, self.terms)
        return plan

    @property
    def has_new_terms(self) -> bool:
        """After saving: whether other terms are on sale than before."""
        return self.current is not None and self.terms.pk != self.current.pk

    def row(self, names: tuple[str, ...]) -> list[BoundField]:
        """Fields that stand together."""
        return [self[name] for name in names]

    @property
    def about(self) -> list[BoundField]:
        """What the plan is called and where it stands."""
        return self.row(self.ABOUT)

    @property
    def price_row(self) -> list[BoundField]:
        """So much for so long."""
        return self.row(self.PRICE)

    @property
    def tax_row(self) -> list[BoundField]:
        """Which tax."""
        return self.row(self.TAX)

    @property
    def gives(self) -> list[BoundField]:
        """What is in the price."""
        return self.row(self.GIVES)


def _proposed() -> dict[str, Any]:
    """The tax that the table knows for the seller's country today."""
    there = rate_at(Seller.current().country, clock.now().date())
    return {"tax_name": there.tax, "tax_rate": Decimal(there.rate) / 100} if there else {}


def _money_terms(version: PlanVersion) -> dict[str, Any]:
    return {
        "currency": version.currency,
        "tax_name": version.tax_name,
        "tax_rate": Decimal(version.tax_rate) / 100,
        "tax_included": version.tax_included,
    }


def _minor_units(typed: str, currency: str) -> int:
    """The typed price; trailing zeros beyond the currency's decimals may be thousands: refused."""
    places = digits(currency)
    if len(typed.strip().partition(".")[2]) > places:
        raise ValidationError(
            _("%(currency)s has %(places)d decimals. Write thousands without a separator."),
            params={"currency": currency, "places": places},
        )
    try:
        minor = parse(typed, currency).amount
    except ValueError:
        raise ValidationError(
            _("This is no amount. Write figures with a point, such as 900.00 or 1250.")
        ) from None
    if minor <= 0:
        raise ValidationError(_("The price must be more than nothing."))
    return minor


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
        field.choices = _rights(self.instance.entitlements)


def _rights(held: list[str]) -> list[tuple[str, str]]:
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
