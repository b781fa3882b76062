"""Plans and what they once offered."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.subscriptions.models import Entitlement, Plan, PlanVersion, Subscription
from broadsheet.subscriptions.reads.business.written import Words
from broadsheet.subscriptions.reads.offers import (
    OfferView,
    first_text,
    offer,
    period_text,
    readers_text,
    tax_text,
    trial_text,
)
from broadsheet.subscriptions.reads.proposals import first_time

LIVE = ~Q(versions__subscriptions__state=Subscription.ENDED)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of the list; `price` is "" for a plan that has no terms yet, `readers` for
    one that is for one reader."""

    pk: int
    name: str
    note: str
    price: str
    period: str
    readers: str
    on_sale: bool
    subscribers: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a plan offered from `since` on; `live` subscribers still have it."""

    number: int
    since: datetime
    price: str
    period: str
    tax: str
    gives: str
    live: int
    ever: int


def plans() -> QuerySet[Plan]:
    """Every plan in the order of the price list, with its versions and live subscribers."""
    count = Count("versions__subscriptions", filter=LIVE)
    # Django leaves Meta.ordering out of grouped queries.
    ordered = Plan.objects.annotate(live=count).order_by("order", "name")
    return ordered.prefetch_related("versions")


def plan_row(plan: Plan, words: Words) -> PlanRow:
    """A line for a plan of `plans()`."""
    version = max(plan.versions.all(), key=lambda version: version.number, default=None)
    return PlanRow(
        pk=plan.pk,
        name=plan.name,
        note=plan.note,
        price=words.amount(version.price, version.currency) if version else "",
        period=period_text(version.interval) if version else "",
        readers=readers_text(version.seats) if version and version.seats > 1 else "",
        on_sale=plan.on_sale,
        subscribers=plan.live,  # type: ignore[attr-defined]
    )


def version_rows(plan: Plan, words: Words) -> list[VersionRow]:
    """Everything the plan offered, the newest first."""
    live = Count("subscriptions", filter=~Q(subscriptions__state=Subscription.ENDED))
    versions = plan.versions.annotate(live=live, ever=Count("subscriptions"))
    titles = {one.name: one.title for one in Entitlement.objects.all()}
    return [_version_row(version, titles, words) for version in versions.order_by("-number")]


def _version_row(version: PlanVersion, titles: dict[str, str], words: Words) -> VersionRow:
    return VersionRow(
        number=version.number,
        since=version.made_at,
        price=words.amount(version.price, version.currency),
        period=period_text(version.interval),
        tax=" · ".join([tax_text(version, words.language), *_particulars(version, words)]),
        gives=", ".join(titles.get(name, name) for name in version.entitlements),
        live=version.live,  # type: ignore[attr-defined]
        ever=version.ever,  # type: ignore[attr-defined]
    )


def _particulars(version: PlanVersion, words: Words) -> list[str]:
    """What is not as in other plans."""
    found = [] if version.renews else [_("paid once")]
    if version.seats > 1:
        found.append(readers_text(version.seats))
    if version.trial_days:
        found.append(trial_text(version.trial_days))
    if version.intro is not None:
        first = words.amount(version.intro.amount, version.currency)
        found.append(f"{first} {first_text(version.interval, version.intro_periods)}")
    return found


def keepers(plan: Plan) -> int:
    """How many live subscribers have other terms than those on sale."""
    mine = Subscription.objects.live().filter(version__plan=plan)
    current = plan.current
    return mine.exclude(version=current).count() if current else 0


def as_readers_see(plan: Plan, words: Words) -> OfferView | None:
    """The offer in the paper's language; None for a plan without terms."""
    current = plan.current
    if current is None:
        return None
    with translation.override(words.language):
        return offer(first_time(current), words.language)


def entitlement_in_use(name: str) -> bool:
    """Whether a plan ever gave this right: it must stay, for those who have it."""
    given = PlanVersion.objects.values_list("entitlements", flat=True)
    return any(name in names for names in given)
