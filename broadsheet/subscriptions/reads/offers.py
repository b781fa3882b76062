"""Plans as readers see them: on the wall, on the price list, before the payment."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.desk.models import Paper
from broadsheet.desk.reads.premium import promise_text
from broadsheet.kit.money import show
from broadsheet.kit.periods import Interval
from broadsheet.ledger.models import Seller
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import Entitlement, Plan, PlanVersion, SalesPolicy
from broadsheet.subscriptions.reads.proposals import Proposal, Proposer, first_time
from broadsheet.subscriptions.rules import per_month

PREMIUM = "premium"
"""The entitlement that opens premium reports."""


@dataclass(frozen=True, slots=True)
class BenefitView(View):
    """Something a plan gives."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OfferView(View):
    """A plan on sale.

    `price` is what is charged, tax included; `per_month` is "" when the plan is not counted in
    months; `more` are the benefits that not every plan of the list gives. For a newcomer each of
    the first periods may cost `first`, `first_for` so long. `today` is what the checkout charges,
    `terms` how it goes on. `trial`
    says for how long nothing is charged at first: "14 days free", or "". Unless it `renews` it is
    paid once. `readers` says for how many readers it is, "" for one; `seats` is their number.
    """

    slug: str
    name: str
    note: str
    description: str
    price: str
    period: str
    every: str
    per_month: str
    tax: str
    benefits: tuple[BenefitView, ...]
    today: str
    terms: str
    renews: bool = True
    first: str = ""
    first_for: str = ""
    entitlements: frozenset[str] = frozenset()
    more: tuple[BenefitView, ...] = ()
    readers: str = ""
    trial: str = ""
    seats: int = 1


def offers(language: str, propose: Proposer = first_time) -> list[OfferView]:
    """Every plan on sale that has a price, in the publisher's order."""
    entitlements = known()
    rounding, places = SalesPolicy.current().rounding, Seller.current().taxes_by_country
    plans = Plan.objects.filter(on_sale=True).prefetch_related("versions")
    found = [
        offer_view(propose(versions[-1]), entitlements, rounding, language, by_country=places)
        for plan in plans
        if (versions := sorted(plan.versions.all(), key=lambda version: version.number))
    ]
    return compared(found)


def opening(plans: list[OfferView], entitlement: str) -> list[OfferView]:
    """Only those that give the entitlement, compared with one another."""
    return compared([plan for plan in plans if entitlement in plan.entitlements])


def compared(plans: list[OfferView]) -> list[OfferView]:
    """The same offers, each with the benefits that not all of them give."""
    shared = set(shared_benefits(plans))
    return [
        replace(plan, more=tuple(b for b in plan.benefits if b not in shared)) for plan in plans
    ]


def shared_benefits(plans: list[OfferView]) -> list[BenefitView]:
    """What every one of the plans gives, in the publisher's order."""
    first = plans[0].benefits if plans else ()
    return [benefit for benefit in first if all(benefit in plan.benefits for plan in plans)]


def known() -> dict[str, BenefitView]:
    """What the described entitlements give, by their names, in the publisher's order.

    With premium goes what the publisher promises of it: never a word that nobody counts.
    """
    described = {one.name: BenefitView(one.title, one.benefit) for one in Entitlement.objects.all()}
    promised = promise_text(Paper.load().premium_promise)
    premium = described.get(PREMIUM)
    if promised and premium:
        described[PREMIUM] = replace(premium, text=f"{premium.text} {promised}".strip())
    return described


def renewing(plans: list[OfferView]) -> str:
    """Which of the plans renew: "all", "some" or "none"."""
    found = {plan.renews for plan in plans}
    return "some" if len(found) > 1 else "none" if found == {False} else "all"


def offer(proposal: Proposal, language: str) -> OfferView:
    """One offer."""
    places = Seller.current().taxes_by_country
    rounding = SalesPolicy.current().rounding
    return offer_view(proposal, known(), rounding, language, by_country=places)


def offer_view(
    proposal: Proposal,
    described: dict[str, BenefitView],
    rounding: str,
    language: str,
    *,
    by_country: bool,
) -> OfferView:
    """The offer of a version; entitlements that nobody described are shown by their name.

    `by_country`: the rate is that of each reader's country, so that none can be told to all.
    """
    version, opening = proposal.version, proposal.opening
    month = per_month(proposal.total, version.interval, rounding)
    return OfferView(
        slug=version.plan.slug,
        name=version.plan.name,
        note=version.plan.note,
        description=version.plan.description,
        price=show(proposal.total, language),
        period=period_text(version.interval),
        every=every_text(version.interval),
        per_month=_("%(price)s/Month") % {"price": show(month, language)} if month else "",
        tax=_offered_tax(proposal, language, by_country),
        benefits=benefits_of(version, described),
        today=show(proposal.today, language),
        terms=terms_text(proposal, language),
        renews=version.renews,
        first=show(proposal.first, language) if opening else "",
        first_for=first_text(version.interval, opening.periods) if opening else "",
        entitlements=frozenset(version.entitlements),
        readers=readers_text(version.seats) if version.seats > 1 else "",
        trial=trial_text(proposal.trial) if proposal.trial else "",
        seats=version.seats,
    )


def benefits_of(version: PlanVersion, described: dict[str, BenefitView]) -> tuple[BenefitView, ...]:
    """What a version gives, in the publisher's order."""
    ordered = _ordered(version, described)
    return tuple(described.get(name, BenefitView(name, "")) for name in ordered)


def _ordered(version: PlanVersion, described: dict[str, BenefitView]) -> list[str]:
    places = {name: place for place, name in enumerate(described)}
    return sorted(version.entitlements, key=lambda name: places.get(name, len(places)))


def _offered_tax(proposal: Proposal, language: str, by_country: bool) -> str:
    if by_country:
        return _("Tax included")
    return tax_text(proposal.version, language, within=proposal.coupon is not None)


def tax_text(version: PlanVersion, language: str, *, within: bool = False) -> str:
    """Whether tax is in the price: "18% GST included"; `within` a price that was reduced it is."""
    if not version.tax_rate:
        return _("Tax included") if version.tax_included else _("No tax is charged")
    rate = f"{version.tax_rate / 100:g}".replace(".", "," if language.startswith("de") else ".")
    facts = {"rate": rate, "tax": version.tax_name or _("tax")}
    if version.tax_included or within:
        return _("%(rate)s%% %(tax)s included") % facts
    facts["net"] = show(version.shown, language)
    return _("%(net)s plus %(rate)s%% %(tax)s") % facts


def first_text(interval: Interval, periods: int) -> str:
    """How long a first price holds: "every month for the first 3 months"."""
    whole = Interval(interval.unit, interval.count * periods)
    if whole.count == 1:
        return {
            "day": _("for the first day"),
            "week": _("for the first week"),
            "month": _("for the first month"),
            "year": _("for the first year"),
        }[whole.unit]
    if periods == 1:
        return _("for the first %(period)s") % {"period": period_text(whole)}
    facts = {"every": every_text(interval), "period": period_text(whole)}
    return _("%(every)s for the first %(period)s") % facts


def terms_text(proposal: Proposal, language: str) -> str:
    """How a plan goes on after it was paid for."""
    version, opening = proposal.version, proposal.opening
    facts = {"total": show(proposal.total, language), "every": every_text(version.interval)}
    if proposal.free:
        return free_text(proposal)
    if not version.renews:
        words = _("Paid once, for %(period)s: it ends by itself, and nothing more is charged.")
        return words % {"period": period_text(version.interval)}
    facts["trial"] = trial_text(proposal.trial) if proposal.trial else ""
    if opening is None and proposal.trial:
        words = _(
            "%(trial)s, then it renews automatically at %(total)s %(every)s, cancel anytime: two"
            " clicks in your account."
        )
        return words % facts
    if opening is None:
        words = _(
            "Renews automatically at %(total)s %(every)s, cancel anytime: two clicks in your"
            " account."
        )
        return words % facts
    facts["first"] = show(proposal.first, language)
    facts["how_long"] = first_text(version.interval, opening.periods)
    words = _(
        "%(first)s %(how_long)s; then it renews automatically at %(total)s %(every)s, cancel"
        " anytime: two clicks in your account."
    )
    if proposal.trial:
        words = _(
            "%(trial)s, then %(first)s %(how_long)s; then it renews automatically at %(total)s"
            " %(every)s, cancel anytime: two clicks in your account."
        )
    return words % facts


def free_text(proposal: Proposal) -> str:
    """How a plan goes on when a coupon leaves nothing to be paid."""
    interval = proposal.version.interval
    whole = Interval(interval.unit, interval.count * proposal.free)
    words = _("Free for %(period)s: nothing is charged, no card is needed, and it ends by itself.")
    return words % {"period": period_text(whole)}


def trial_text(days: int) -> str:
    """For how long nothing is charged: "14 days free"."""
    return ngettext("%(n)d day free", "%(n)d days free", days) % {"n": days}


def readers_text(seats: int) -> str:
    """For how many a plan is: "for 4 readers"."""
    return ngettext("for %(n)d reader", "for %(n)d readers", seats) % {"n": seats}


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
