"""Changing the plan as the reader sees it: the other plans, what one of them costs today."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.kit.periods import start_of
from broadsheet.kit.say import Refusal
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import Plan, PlanChange, PlanVersion, Subscription
from broadsheet.subscriptions.reads.offers import (
    BenefitView,
    OfferView,
    known,
    offer,
    offers,
)
from broadsheet.subscriptions.reads.proposals import ordinary
from broadsheet.subscriptions.reads.quotes import refuse_seats, seats_used
from broadsheet.subscriptions.reads.taxes import included_text
from broadsheet.subscriptions.rules import Quote


@dataclass(frozen=True, slots=True)
class QuoteView(View):
    """What a change costs, written out. `begins` is when the new plan does; `next_at` when the
    next charge is due, of the offer's price; both in the paper's zone. `credit` and `tax` are ""
    when there is none. `lost` is what the new plan does not give."""

    offer: OfferView
    before: str
    at_once: bool
    due: str
    credit: str
    days: int
    tax: str
    begins: datetime
    next_at: datetime
    lost: tuple[BenefitView, ...]


@dataclass(frozen=True, slots=True)
class OtherView(View):
    """Another plan; `full` says why the reader's group has no room in it, "" when it has."""

    offer: OfferView
    full: str


@dataclass(frozen=True, slots=True)
class ChangeView(View):
    """A change that waits: `planned` for the end of the period, or to be paid at `pay_url`."""

    plan: str
    price: str
    due: str
    planned: bool
    problem: str
    pay_url: str


def version_of(slug: str) -> PlanVersion | None:
    """What a plan on sale gives to whoever changes to it."""
    plan = Plan.objects.filter(slug=slug, on_sale=True).first()
    return plan.current if plan else None


def other_plans(subscription: Subscription) -> list[OtherView]:
    """The plans on sale in the same currency that renew, but the reader's own. Prices for newcomers
    are not for those who change."""
    mine, used = subscription.version, seats_used(subscription)
    sold = Plan.objects.filter(on_sale=True).exclude(pk=mine.plan_id)
    slugs = set(sold.filter(versions__currency=mine.currency).values_list("slug", flat=True))
    found = offers(get_language() or "en", ordinary)
    renewing = (plan for plan in found if plan.slug in slugs and plan.renews)
    return [OtherView(plan, _full(used, plan.seats)) for plan in renewing]


def _full(used: int, seats: int) -> str:
    try:
        refuse_seats(used, seats)
    except Refusal as refusal:
        return f"{refusal.problem} {refusal.remedy}"
    return ""


def quote_view(subscription: Subscription, version: PlanVersion, shown: Quote) -> QuoteView:
    """The view of a quote made now."""
    zone = ZoneInfo(subscription.zone)
    begins = clock.now() if shown.at_once else subscription.paid_until()
    over = start_of(begins, 1, version.interval, subscription.zone)
    described = known()
    lost = set(subscription.version.entitlements) - set(version.entitlements)
    return QuoteView(
        offer=offer(ordinary(version), get_language() or "en"),
        before=subscription.version.plan.name,
        at_once=shown.at_once,
        due=_written(shown.due, version),
        credit=_written(shown.credit, version) if shown.credit else "",
        days=shown.days,
        tax=included_text(shown.due, version, subscription.reader),
        begins=begins.astimezone(zone),
        next_at=(over if shown.at_once else begins).astimezone(zone),
        lost=tuple(view for name, view in described.items() if name in lost),
    )


def change_view(subscription: Subscription) -> ChangeView | None:
    """The change that waits, None when there is none."""
    waiting = subscription.changes.filter(state__in=PlanChange.WAITING)
    change = waiting.select_related("version__plan").first()
    if change is None:
        return None
    language = Paper.load().language
    return ChangeView(
        plan=change.version.plan.name,
        price=show(change.version.total, language),
        due=_written(change.due, change.version),
        planned=change.state == PlanChange.PLANNED,
        problem=change.problem,
        pay_url=change.pay_url if change.expires_at > clock.now() else "",
    )


def _written(amount: int, version: PlanVersion) -> str:
    return show(Money(amount, version.currency), Paper.load().language)
