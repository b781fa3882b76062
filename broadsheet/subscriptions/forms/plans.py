"""The publisher's form of a plan: what it is called, its terms, what it gives."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.ledger.models import Seller
from broadsheet.ledger.taxes.table import rate_at
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms.amounts import minor_units
from broadsheet.subscriptions.forms.rights import rights_to_choose
from broadsheet.subscriptions.models import Plan, PlanVersion
from broadsheet.subscriptions.models.plans import check_currency
from broadsheet.subscriptions.reads.sellable import cannot_sell, obstacles
from broadsheet.subscriptions.rules import LONGEST, MOST_SEATS
from broadsheet.subscriptions.trials import MOST_DAYS

OUR_ADDRESSES = frozenset({"return", "left", "coupon", "withdraw", "gift", "redeem"})
"""Words after /subscribe/ that are the paper's own."""

UNITS = [("day", _("days")), ("week", _("weeks")), ("month", _("months")), ("year", _("years"))]

"""Ten years: a longer period is a slip of the pen, and its end may be beyond the calendar."""


class PlanForm(forms.ModelForm[Plan]):
    """A plan and the terms on which it is sold. Saving other terms makes a new version of it."""

    price = forms.CharField(label=_("Price"), max_length=20, help_text=_("Such as 900.00"))
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("INR, EUR, USD, …"))
    count = forms.IntegerField(label=_("Length"), min_value=1, initial=1)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, initial="month")
    once = forms.BooleanField(
        label=_("Paid once"), required=False,
        help_text=_("For one period: it ends by itself and does not renew."),
    )  # fmt: skip
    intro_price = forms.CharField(
        label=_("Introductory price"), max_length=20, required=False,
        help_text=_("For readers who never had the plan. Empty: none."),
    )  # fmt: skip
    intro_periods = forms.IntegerField(
        label=_("For so many periods"), min_value=1, max_value=1000, required=False
    )
    trial_days = forms.IntegerField(
        label=_("Days of trial"), min_value=0, max_value=MOST_DAYS, required=False,
        help_text=_(
            "So long nothing is charged; then the first period begins. Each reader has one trial"
            " ever, and none of a plan that he or she had before. Empty or 0: none."
        ),
    )  # fmt: skip
    seats = forms.IntegerField(
        label=_("Readers"), min_value=1, max_value=MOST_SEATS, required=False,
        help_text=_("For how many it is. Empty or 1: for the subscriber alone."),
    )  # fmt: skip
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
    FIRST = ("trial_days", "intro_price", "intro_periods")
    TAX = ("tax_name", "tax_rate")
    GIVES = ("tax_included", "once", "seats", "entitlements")

    class Meta:
        """What belongs to the plan itself."""

        model = Plan
        fields: ClassVar[list[str]] = ["name", "slug", "description", "note", "on_sale", "order"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.current = self.instance.current if self.instance.pk else None
        self.terms = PlanVersion()
        held = self.current.entitlements if self.current else []
        self._choices("entitlements").choices = rights_to_choose(held)
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
            "once": not version.renews,
            "trial_days": version.trial_days or None,
            "intro_price": _major(version),
            "intro_periods": version.intro_periods or None,
            "seats": version.seats,
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
        self._count_in_minor_units(facts)
        if {"count", "unit"} <= facts.keys() and facts["count"] > LONGEST[facts["unit"]]:
            self.add_error("count", _("No period is longer than ten years."))
        if facts.get("tax_rate") and not facts.get("tax_name"):
            self.add_error("tax_name", _("Name the tax: it stands on every invoice."))
        if not self.errors:
            self.terms = self._version(facts)
            self._check_terms(facts["on_sale"])
        return facts

    def _count_in_minor_units(self, facts: dict[str, Any]) -> None:
        for name in ("price", "intro_price"):
            typed = facts.get(name, "")
            if typed and "currency" in facts:
                try:
                    facts[f"{name}_minor"] = minor_units(typed, facts["currency"])
                except ValidationError as problem:
                    self.add_error(name, problem)

    def _check_terms(self, on_sale: bool) -> None:
        """What cannot be, and what the gateway in force cannot charge for."""
        try:
            self.terms.clean()
        except ValidationError as problem:
            wrong = self.terms.trial_days and (not self.terms.renews or self.terms.trial_days == 1)
            self.add_error("trial_days" if wrong else "intro_price", problem)
        if on_sale and not self.errors and (why := obstacles(self.terms)):
            self.add_error("on_sale", cannot_sell(why))

    def _version(self, facts: dict[str, Any]) -> PlanVersion:
        return PlanVersion(
            plan=self.instance,
            price=facts["price_minor"],
            renews=not facts["once"],
            trial_days=facts["trial_days"] or 0,
            intro_price=facts.get("intro_price_minor"),
            intro_periods=facts["intro_periods"] or 0,
            currency=facts["currency"],
            unit=facts["unit"],
            count=facts["count"],
            tax_name=facts["tax_name"],
            tax_rate=int(facts["tax_rate"] * 100),
            tax_included=facts["tax_included"],
            seats=facts["seats"] or 1,
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
    def first_row(self) -> list[BoundField]:
        """What newcomers pay at first."""
        return self.row(self.FIRST)

    @property
    def tax_row(self) -> list[BoundField]:
        """Which tax."""
        return self.row(self.TAX)

    @property
    def gives(self) -> list[BoundField]:
        """What is in the price."""
        return self.row(self.GIVES)


def _major(version: PlanVersion) -> str:
    """The introductory price as it was typed."""
    first = version.intro_price
    return "" if first is None else f"{Money(first, version.currency).major:f}"


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
