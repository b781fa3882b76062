"""What a change of plan would come to for a reader, by what was paid."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.kit.say import Refusal
from broadsheet.ledger.actions import left_of, undecided
from broadsheet.ledger.models import Payment
from broadsheet.subscriptions.models import (
    Mandate,
    PaidPeriod,
    Pause,
    PlanChange,
    PlanVersion,
    Seat,
    Subscription,
)
from broadsheet.subscriptions.rules import Quote, Terms, quote, unused

PAYABLE = timedelta(hours=2)
"""So long before the next charge a quote is no longer made: both would meet at the gateway."""


def quote_of(subscription: Subscription, version: PlanVersion, now: datetime) -> Quote:
    """What changing to a version comes to at `now`.

    Raises Refusal when the plan cannot be changed: to this one, or at this time.
    """
    period = changeable_period(subscription, now)
    _check(subscription, version)
    zone = ZoneInfo(subscription.zone)
    starts, ends, today = (at.astimezone(zone).date() for at in (period.starts, period.ends, now))
    credit, days = unused(_worth(subscription, period), starts, ends, today)
    return quote(_terms(subscription.version), _terms(version), credit, days)


def _terms(version: PlanVersion) -> Terms:
    rights = frozenset(version.entitlements)
    total = version.total
    taxed = (total.amount, total.currency, version.tax_name, version.tax_rate)
    return Terms(*taxed, rights, version.seats)


def changeable_period(subscription: Subscription, now: datetime) -> PaidPeriod:
    """The period that is running. Raises Refusal when no other plan can be chosen now: it rests,
    is on trial, overdue, cancelled or paid once, or the next period is being charged."""
    if not subscription.is_live or subscription.state == Subscription.PAST_DUE:
        raise Refusal(
            _("The last charge failed."), _("Pay it first; then you can change the plan.")
        )
    if not subscription.version.renews:
        words = _("Your plan is paid once and ends by itself.")
        raise Refusal(words, _("When it has ended you can choose any plan."))
    if not subscription.renews:
        words = _("Your subscription is cancelled.")
        raise Refusal(words, _("Keep it first; then you can change the plan."))
    if subscription.is_on_trial:
        words = _("Your trial runs, and nothing is paid yet.")
        raise Refusal(words, _("Change the plan after the first charge, or cancel: it is free."))
    if subscription.pauses.filter(state__in=Pause.WAITING).exists():
        words = _("Your subscription is paused, or will be.")
        raise Refusal(words, _("End the pause first; then you can change the plan."))
    period: PaidPeriod | None = (
        subscription.periods.filter(refunded_at=None).select_related("payment").last()
    )
    if period is None or period.ends - PAYABLE <= now:
        words = _("The next period is about to be charged.")
        raise Refusal(words, _("Please change the plan in a few hours."))
    return period


def _check(subscription: Subscription, version: PlanVersion) -> None:
    gone = not version.plan.on_sale or version.plan.current != version
    if gone or version.plan_id == subscription.version.plan_id:
        raise Refusal(
            _("This plan is no longer offered."), _("Please look at the plans once more.")
        )
    if not version.renews:
        words = _("This plan is paid once: it cannot follow a subscription that renews.")
        raise Refusal(words, _("Cancel this one first: the other can be bought when it ends."))
    if version.currency != subscription.version.currency:
        raise Refusal(
            _("This plan is sold in another currency."),
            _("Cancel this one first: the other can begin when it ends."),
        )
    refuse_seats(seats_used(subscription), version.seats)
    mandate = Mandate.objects.filter(subscription=subscription).first()
    if mandate is not None and version.total.amount > mandate.max_amount:
        raise Refusal(
            _("Your mandate does not allow debits of that size."),
            _("Cancel, and subscribe to that plan when the paid time is over: a new mandate."),
        )
    if undecided().filter(payment__period__subscription=subscription).exists():
        raise Refusal(
            _("Your bank holds a payment."), _("Once that is decided you can change the plan.")
        )
    if subscription.changes.filter(state=PlanChange.PLANNED).exists():
        raise Refusal(_("Another change is planned."), _("Take it back first."))


def seats_used(subscription: Subscription) -> int:
    """How many people read by a subscription, its owner among them."""
    return Seat.objects.live().filter(subscription=subscription).count() + 1


def refuse_seats(used: int, seats: int) -> None:
    """Raise Refusal when more people read in the group than a plan is for."""
    if used > seats:
        facts = {"used": used, "seats": seats, "more": used - seats}
        words = ngettext(
            "%(used)d people read with your plan, and this one is for %(seats)d reader.",
            "%(used)d people read with your plan, and this one is for %(seats)d readers.",
            seats,
        )
        remedy = ngettext(
            "Remove %(more)d reader from your group first; then you can change the plan.",
            "Remove %(more)d readers from your group first; then you can change the plan.",
            facts["more"],
        )
        raise Refusal(words % facts, remedy % facts)


def _worth(subscription: Subscription, period: PaidPeriod) -> int:
    """What a period was paid with: money that was not given back, and what was credited for it."""
    before = change_at(subscription, period.number)
    return left_of(period.payment) + (before.credit if before else 0)


def change_at(subscription: Subscription, number: int) -> PlanChange | None:
    """The change at once that a period began with."""
    if not subscription.terms:
        return None  # By the terms it was bought with.
    changes = subscription.changes.filter(state=PlanChange.DONE, at_once=True, number=number)
    found: PlanChange | None = changes.select_related("version", "from_version__plan").first()
    return found


def is_credited(payment: Payment) -> bool:
    """Whether a change of plan took the rest of the period this paid for."""
    ended = PaidPeriod.objects.filter(payment=payment, before__at_once=True, before__credit__gt=0)
    if ended.filter(ends=F("before__taken_at")).exists():
        return True
    # Open again only as long as a bank holds the payment of the change: undecided.
    held = PaidPeriod.objects.filter(
        subscription=OuterRef("subscription"), number=OuterRef("before__number"),
        payment__in=undecided().values("payment"),
    )  # fmt: skip
    return ended.filter(Exists(held)).exists()
