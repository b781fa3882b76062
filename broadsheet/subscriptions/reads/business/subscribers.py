"""Subscriptions by state, plan and reader."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.subscriptions.models import PaidPeriod, Plan, Subscription
from broadsheet.subscriptions.reads.business.written import Words
from broadsheet.subscriptions.reads.offers import period_text

STATES = {
    "active": Q(state=Subscription.ACTIVE, renews=True),
    "leaving": Q(renews=False) & ~Q(state=Subscription.ENDED),
    "overdue": Q(state=Subscription.PAST_DUE),
    "paused": Q(state=Subscription.PAUSED),
    "ended": Q(state=Subscription.ENDED),
}


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A line of the list. `until` is the end of what is paid for or of the trial, None when nothing
    is."""

    pk: int
    reader: str
    name: str
    plan: str
    price: str
    state: str
    tone: str
    since: datetime
    until: datetime | None
    renews: bool


def states() -> list[tuple[str, str]]:
    """The filter's choices."""
    return [
        ("", _("All")),
        ("active", _("Active")),
        ("trial", _("In the trial")),
        ("leaving", _("Will end")),
        ("overdue", _("Payment overdue")),
        ("paused", _("Paused")),
        ("ended", _("Ended")),
    ]


def plan_choices() -> list[tuple[int, str]]:
    """The filter's plans."""
    return list(Plan.objects.values_list("pk", "name"))


def subscriptions(state: str = "", plan: str = "", query: str = "") -> QuerySet[Subscription]:
    """The newest first, with all that a line shows; an unknown filter is none."""
    paid = PaidPeriod.objects.filter(subscription=OuterRef("pk"), refunded_at=None)
    last = paid.order_by("-number").values("ends")[:1]
    first = PaidPeriod.objects.filter(subscription=OuterRef("pk"), number=0).values("starts")[:1]
    found: QuerySet[Subscription] = Subscription.objects.select_related(
        "reader", "version__plan", "checkout"
    ).annotate(until=Subquery(last), began=Subquery(first))
    if state == "trial":
        found = found.filter(pk__in=Subscription.objects.on_trial(clock.now()).values("pk"))
    elif state in STATES:
        found = found.filter(STATES[state])
    if plan.isascii() and plan.isdigit() and len(plan) < 18:
        found = found.filter(version__plan=int(plan))
    if query:
        found = found.filter(reader__email__icontains=query)
    return found


def subscription_row(subscription: Subscription, words: Words) -> SubscriptionRow:
    """A line for a subscription of `subscriptions()`."""
    state, tone = state_text(subscription)
    version = subscription.version
    price = words.amount(subscription.usual.amount, version.currency)
    return SubscriptionRow(
        pk=subscription.pk,
        reader=subscription.reader.email,
        name=subscription.reader.get_full_name(),
        plan=version.plan.name,
        price=f"{price} / {period_text(version.interval)}",
        state=state,
        tone=tone,
        since=subscription.trial_starts
        or subscription.began  # type: ignore[attr-defined]
        or subscription.anchor,
        until=subscription.until or subscription.trial_ends,  # type: ignore[attr-defined]
        renews=subscription.renews,
    )


def state_text(subscription: Subscription) -> tuple[str, str]:
    """The state in words, and its colour on the desk's screens."""
    if not subscription.is_live:
        return f"{_('ended')}: {end_text(subscription.end_reason)}", "quiet"
    if subscription.state == Subscription.PAST_DUE:
        return _("payment overdue"), "bad"
    if subscription.state == Subscription.PAUSED:
        return _("paused"), "warn"
    if not subscription.renews:
        return _("will end"), "warn"
    if subscription.is_on_trial:
        return _("in the trial"), "good"
    return _("active"), "good"


def end_text(reason: str) -> str:
    """Why a subscription ended."""
    words = {
        Subscription.CANCELLED: _("cancelled"),
        Subscription.UNPAID: _("unpaid"),
        Subscription.REFUNDED: _("refunded"),
        Subscription.DUPLICATE: _("paid twice"),
        Subscription.WITHDRAWN: _("withdrawn from"),
        Subscription.DISPUTED: _("payment disputed at the bank"),
        Subscription.RAN_OUT: _("paid once"),
    }
    return words.get(reason, reason or "–")
