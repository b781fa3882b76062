"""Plans as readers see them: on the wall, on the price list, before the payment."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.kit.money import show
from broadsheet.kit.periods import Interval
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import Entitlement, Plan, PlanVersion, SalesPolicy
from broadsheet.subscriptions.rules import per_month


@dataclass(frozen=True, slots=True)
class BenefitView(View):
    """Something a plan gives."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OfferView(View):
    """A plan on sale. `per_month` is "" when the plan is not counted in months."""

    slug: str
    name: str
    note: str
    description: str
    price: str
    period: str
    every: str
    per_month: str
    tax: str
    total: str
    benefits: tuple[BenefitView, ...]


def offers(language: str) -> list[OfferView]:
    """Every plan on sale that has a price, in the publisher's order."""
    known = {e.name: e for e in Entitlement.objects.all()}
    rounding = SalesPolicy.current().rounding
    plans = Plan.objects.filter(on_sale=True).prefetch_related("versions")
    return [
        offer_view(versions[-1], known, rounding, language)
        for plan in plans
        if (versions := sorted(plan.versions.all(), key=lambda version: version.number))
    ]


def offer(version: PlanVersion, language: str) -> OfferView:
    """One offer."""
    known = {e.name: e for e in Entitlement.objects.all()}
    return offer_view(version, known, SalesPolicy.current().rounding, language)


def offer_view(
    version: PlanVersion, known: dict[str, Entitlement], rounding: str, language: str
) -> OfferView:
    """The offer of a version; entitlements that nobody described are shown by their name."""
    month = per_month(version.shown, version.interval, rounding)
    return OfferView(
        slug=version.plan.slug,
        name=version.plan.name,
        note=version.plan.note,
        description=version.plan.description,
        price=show(version.shown, language),
        period=period_text(version.interval),
        every=every_text(version.interval),
        per_month=_("%(price)s/Month") % {"price": show(month, language)} if month else "",
        tax=tax_text(version, language),
        total=show(version.total, language),
        benefits=tuple(_benefit(name, known.get(name)) for name in _ordered(version, known)),
    )


def _ordered(version: PlanVersion, known: dict[str, Entitlement]) -> list[str]:
    places = {name: place for place, name in enumerate(known)}
    return sorted(version.entitlements, key=lambda name: places.get(name, len(places)))


def _benefit(name: str, entitlement: Entitlement | None) -> BenefitView:
    return (
        BenefitView(entitlement.title, entitlement.benefit)
        if entitlement
        else BenefitView(name, "")
    )


def tax_text(version: PlanVersion, language: str) -> str:
    """Whether tax is in the price: "18% GST included"."""
    if not version.tax_rate:
        return _("Tax included")
    rate = f"{version.tax_rate / 100:g}".replace(".", "," if language.startswith("de") else ".")
    facts = {"rate": rate, "tax": version.tax_name or _("tax")}
    if version.tax_included:
        return _("%(rate)s%% %(tax)s included") % facts
    facts["total"] = show(version.total, language)
    return _("plus %(rate)s%% %(tax)s: %(total)s in all") % facts


def period_text(interval: Interval) -> str:
    """How long a period lasts: "3 months"."""
    n = interval.count
    text = {
        "day": ngettext("%(n)d day", "%(n)d days", n),
        "week": ngettext("%(n)d week", "%(n)d weeks", n),
        "month": ngettext("%(n)d month", "%(n)d months", n),
        "year": ngettext("%(n)d year", "%(n)d years", n),
    }[interval.unit]
    return text % {"n": n}


def every_text(interval: Interval) -> str:
    """How often it is charged: "every year", "every 3 months"."""
    if interval.count > 1:
        return _("every %(period)s") % {"period": period_text(interval)}
    return {
        "day": _("every day"),
        "week": _("every week"),
        "month": _("every month"),
        "year": _("every year"),
    }[interval.unit]
