"""A reader's own page: the subscription, what comes next, what was paid, what was saved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from broadsheet.accounts.models import User
from broadsheet.accounts.reads import saved_articles
from broadsheet.desk.models import Article, Paper
from broadsheet.desk.reads import card_view
from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.ledger.gateways import lacks
from broadsheet.ledger.models import FailedCharge, Invoice
from broadsheet.look.parts import CardView
from broadsheet.look.strict import View
from broadsheet.subscriptions.imports.judging import OPEN
from broadsheet.subscriptions.models import (
    Entitlement,
    ImportedSubscription,
    PlanChange,
    Subscription,
)
from broadsheet.subscriptions.reads.cards import card_text, has_fixed_card, may_change_card
from broadsheet.subscriptions.reads.offers import every_text
from broadsheet.subscriptions.reads.pausing import may_pause
from broadsheet.subscriptions.reads.rights import entitlements
from broadsheet.subscriptions.reads.withdrawing import concluded_at
from broadsheet.subscriptions.rules import ends_at

MOST_INVOICES = 60
LATE = timedelta(minutes=5)
"""How far the gateway's clock may be from ours."""


@dataclass(frozen=True, slots=True)
class FailedView(View):
    """The last charge that failed: when, in the paper's zone, and why in the gateway's words."""

    at: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class SubscriptionView(View):
    """A reader's subscription in words; `next_price` is what the next charge takes, should a change
    of plan be planned. `again` is where the plan is subscribed to anew, "" when it is not sold any
    more. One that is paid `once` ends by itself. `resumes` and `changes` say what the gateway can
    do, `fixed_card` that it cannot take another card. `next_at` is when the next charge is due,
    after a pause as well, and after a `trial`, which costs nothing. Dates are in the paper's zone.
    """

    plan: str
    every: str
    state: str
    price: str
    next_price: str
    since: datetime
    until: datetime
    next_at: datetime
    renews: bool
    ends_now: bool
    pay_url: str
    grace_until: datetime
    card: str
    changes_card: bool
    fixed_card: bool
    again: str
    failed: FailedView | None
    resumes: bool
    changes: bool
    pauses: bool
    once: bool
    trial: bool


@dataclass(frozen=True, slots=True)
class InvitationView(View):
    """A right without payment; `until` is None when it has no end."""

    title: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class BroughtView(View):
    """What was paid elsewhere; `until` is None when it has no end. Nothing is charged for it."""

    plan: str
    until: datetime | None
    cancelled: bool


@dataclass(frozen=True, slots=True)
class PaidView(View):
    """A line of the list of invoices."""

    label: str
    issued: datetime
    total: str
    is_credit: bool


def subscription_view(subscription: Subscription) -> SubscriptionView:
    """The view of one subscription."""
    paper = Paper.load()
    zone, until = ZoneInfo(paper.time_zone), subscription.paid_until()
    last = subscription.periods.select_related("payment").order_by("-number").first()
    grace_until = ends_at(
        subscription.next_at(), renews=subscription.renews, grace=subscription.grace
    )
    return SubscriptionView(
        plan=subscription.version.plan.name,
        every=every_text(subscription.version.interval),
        state=subscription.state,
        price=show(subscription.price, paper.language),
        next_price=show(next_price(subscription), paper.language),
        since=concluded_at(subscription).astimezone(zone),
        until=until.astimezone(zone),
        next_at=subscription.next_at().astimezone(zone),
        renews=subscription.renews,
        ends_now=until <= clock.now(),
        pay_url=subscription.pay_url,
        grace_until=grace_until.astimezone(zone),
        card=card_text(subscription, last.payment.card if last else ""),
        changes_card=may_change_card(subscription),
        fixed_card=has_fixed_card(subscription),
        again=subscription.version.plan.slug if subscription.version.plan.on_sale else "",
        failed=_failed(subscription, zone),
        resumes=not lacks(subscription.provider, "resume"),
        changes=not lacks(subscription.provider, "change"),
        pauses=may_pause(subscription),
        once=not subscription.version.renews,
        trial=subscription.is_on_trial,
    )


def _failed(subscription: Subscription, zone: ZoneInfo) -> FailedView | None:
    if subscription.state != Subscription.PAST_DUE:
        return None
    since = subscription.paid_until() - LATE
    mine = {"provider": subscription.provider, "reader": subscription.reader_id}
    charge = FailedCharge.objects.filter(at__gte=since, **mine).first()
    return FailedView(charge.at.astimezone(zone), charge.problem) if charge else None


def next_price(subscription: Subscription) -> Money:
    """What the next charge takes: of another plan when a change is planned."""
    planned = subscription.changes.filter(state=PlanChange.PLANNED).select_related("version")
    change = planned.first()
    return change.version.total if change else subscription.price


def live_subscription(reader: User) -> Subscription | None:
    """The reader's subscription that has not ended."""
    live = reader.subscriptions.live().select_related("version__plan", "reader")
    return live.first()


def is_bound(reader: User) -> bool:
    """Whether the reader has a subscription that goes on: nothing more can be bought."""
    subscriptions = reader.subscriptions
    return bool(subscriptions.live().exclude(pk__in=subscriptions.given_up().values("pk")).exists())


def invitations(reader: User) -> list[InvitationView]:
    """What the reader has on the paper's invitation."""
    zone = ZoneInfo(Paper.load().time_zone)
    titles = dict(Entitlement.objects.values_list("name", "title"))
    return [
        InvitationView(
            titles.get(grant.entitlement, grant.entitlement),
            grant.valid_until.astimezone(zone) if grant.valid_until else None,
        )
        for grant in reader.grants.in_force(clock.now()).filter(
            subscription=None, seat=None, gift=None, imported=None
        )
    ]


def brought_along(reader: User) -> list[BroughtView]:
    """What the reader has paid for elsewhere, as long as it opens anything here."""
    zone = ZoneInfo(Paper.load().time_zone)
    rows = ImportedSubscription.objects.filter(
        Q(paid_until=None) | Q(paid_until__gt=clock.now()), reader=reader, state=OPEN
    )
    return [
        BroughtView(
            row.version.plan.name,
            row.last_moment.astimezone(zone) if row.last_moment else None,
            row.cancelled,
        )
        for row in rows.select_related("version__plan").order_by("paid_until", "pk")
        if row.version
    ]


def reads_all(reader: User) -> bool:
    """Whether no plan would open more reports."""
    return {"unlimited", "premium"} <= entitlements(reader, clock.now())


def invoices(reader: User, most: int | None) -> list[PaidView]:
    """The newest invoices and credit notes; every one when `most` is None."""
    paper = Paper.load()
    zone = ZoneInfo(paper.time_zone)
    return [
        PaidView(
            invoice.label,
            invoice.issued_at.astimezone(zone),
            show(Money(invoice.total, invoice.currency), paper.language),
            invoice.total < 0,
        )
        for invoice in Invoice.objects.filter(reader=reader)[:most]
    ]


def more_invoices(reader: User, shown: list[PaidView]) -> int:
    """How many there are in all when more than are shown, else 0: most readers cost no query."""
    if len(shown) < MOST_INVOICES:
        return 0
    found = Invoice.objects.filter(reader=reader).count()
    return found if found > len(shown) else 0


def saved_cards(reader: User) -> list[CardView]:
    """The reader's saved articles that may be read, the last saved first."""
    zone = ZoneInfo(Paper.load().time_zone)
    numbers = [row.article for row in saved_articles(reader)]
    visible = Article.objects.visible(clock.now()).filter(pk__in=numbers).for_cards()
    found = {article.pk: article for article in visible}
    return [card_view(found[number], zone) for number in numbers if number in found]
