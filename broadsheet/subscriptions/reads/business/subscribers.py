"""Subscriptions by state, plan and reader."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.ledger import gateways
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
    """A line of the list. `until` is when what `until_label` names is over: the paid time, the
    trial or the pause; None when there is none of them."""

    pk: int
    reader: str
    reader_pk: int
    name: str
    plan: str
    price: str
    state: str
    tone: str
    since: datetime
    until: datetime | None
    until_label: str
    renews: bool


class Until(NamedTuple):
    """A moment, and what lasts until then."""

    at: datetime
    label: str


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
    said = until_of(subscription)
    return SubscriptionRow(
        pk=subscription.pk,
        reader=subscription.reader.email,
        reader_pk=subscription.reader_id,
        name=subscription.reader.get_full_name(),
        plan=version.plan.name,
        price=f"{price} / {period_text(version.interval)}",
        state=state,
        tone=tone,
        since=subscription.trial_starts
        or subscription.began  # type: ignore[attr-defined]
        or subscription.anchor,
        until=said.at if said else None,
        until_label=said.label if said else "",
        renews=subscription.renews,
    )


def until_of(subscription: Subscription) -> Until | None:
    """What lasts until when, of a subscription of `subscriptions()`."""
    paid: datetime | None = subscription.until  # type: ignore[attr-defined]
    if subscription.state == Subscription.PAUSED and subscription.resumes_at:
        return Until(subscription.resumes_at, _("paused until"))
    if paid is not None:
        return Until(paid, _("paid until"))
    if subscription.trial_ends is not None:
        return Until(subscription.trial_ends, _("in the trial until"))
    return None


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


def cancel_text(subscription: Subscription, words: Words) -> str:
    """What follows when its renewal is cancelled now, as its reader would be told; of one of
    `subscriptions()`."""
    paid: datetime | None = subscription.until  # type: ignore[attr-defined]
    if subscription.state == Subscription.PAUSED:
        said = _("It is paused: it ends now, and nothing more is charged.")
    elif subscription.is_on_trial and subscription.trial_ends is not None:
        last = {"day": words.day(subscription.trial_ends)}
        said = _("It ends with its trial on %(day)s, and nothing is charged.") % last
    elif paid is None or paid <= clock.now():
        said = _("The last period was not paid: access ends now, and nothing more is charged.")
    else:
        last = {"day": words.day(paid)}
        said = _("Access goes on until %(day)s, and nothing more is charged.") % last
    if gateways.lacks(subscription.provider, "resume"):
        final = _("That ends the mandate and cannot be taken back.")
        said = f"{said} {final}"
    return said
