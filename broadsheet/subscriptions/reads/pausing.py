"""A pause as the reader sees it: for how long, from when until when, what it costs when it ends."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from broadsheet.desk.models import Paper
from broadsheet.kit.money import show
from broadsheet.kit.say import Refusal
from broadsheet.ledger.actions import undecided
from broadsheet.ledger.gateways import lacks
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import Pause, PlanChange, SalesPolicy, Subscription
from broadsheet.subscriptions.pauses import pausable_from, pause_ends
from broadsheet.subscriptions.reads.quotes import PAYABLE


@dataclass(frozen=True, slots=True)
class LengthView(View):
    """So many months, and the day on which the subscription goes on, in the paper's zone."""

    months: int
    until: datetime


@dataclass(frozen=True, slots=True)
class PauseOfferView(View):
    """What a reader may choose: from the end of the paid time on, then `price` is charged."""

    plan: str
    begins: datetime
    price: str
    lengths: tuple[LengthView, ...]


@dataclass(frozen=True, slots=True)
class PauseView(View):
    """A pause that waits or runs. `heard`: the gateway has it. `ending`: the reader wants to go on,
    and the gateway has not heard of that."""

    begins: datetime
    until: datetime
    price: str
    runs: bool
    heard: bool
    ending: bool


def may_pause(subscription: Subscription) -> bool:
    """Whether this paper and this gateway have pauses at all."""
    rests = not lacks(subscription.provider, "pause") and subscription.version.renews
    return rests and SalesPolicy.current().pause_months > 0


def refuse_pause(subscription: Subscription, now: datetime) -> None:
    """Raise Refusal, with the remedy, when the subscription cannot be paused now."""
    if not may_pause(subscription):
        words = _("This subscription cannot be paused.")
        raise Refusal(words, _("You can cancel it, and subscribe again when you are back."))
    _refuse_state(subscription)
    if subscription.pauses.filter(state__in=Pause.WAITING).exists():
        raise Refusal(_("A pause is planned or running."), _("Your account shows it."))
    if subscription.changes.filter(state__in=PlanChange.WAITING).exists():
        raise Refusal(_("A change of plan is on its way."), _("Take it back first, then pause."))
    if undecided().filter(payment__period__subscription=subscription).exists():
        raise Refusal(_("Your bank holds a payment."), _("Once that is decided you can pause."))
    begins = subscription.paid_until()
    if begins - PAYABLE <= now:
        words = _("The next period is about to be charged.")
        raise Refusal(words, _("You can pause the time after it, in a few hours."))
    _refuse_often(subscription, begins)


def _refuse_state(subscription: Subscription) -> None:
    if not subscription.is_live:
        raise Refusal(_("The subscription has ended."), _("Choose a plan to subscribe again."))
    if subscription.state == Subscription.PAST_DUE:
        raise Refusal(_("The last charge failed."), _("Pay it first, then pause."))
    if not subscription.renews:
        words = _("Your subscription is cancelled: nothing more is charged.")
        raise Refusal(words, _("Keep it first if you want to pause instead."))
    if not subscription.periods.exists():
        words = _("Your trial runs, and nothing is paid yet.")
        raise Refusal(words, _("Pause after the first charge, or cancel: it is free."))
    if _is_cheaper_first(subscription):
        words = _("Your first payments are at a lower price.")
        raise Refusal(words, _("You can pause after the last of them."))


def _is_cheaper_first(subscription: Subscription) -> bool:
    """Gateways end a first price by the calendar, we by the period: a pause would part them."""
    early = 0 if subscription.terms else subscription.checkout.opening_periods
    return subscription.periods.count() < early


def _refuse_often(subscription: Subscription, begins: datetime) -> None:
    done = Pause.objects.filter(
        subscription__reader=subscription.reader_id, state=Pause.DONE
    ).values_list("begins", flat=True)
    every, zone = SalesPolicy.current().pause_every, subscription.zone
    allowed = pausable_from(done, every, zone)
    if allowed is not None and begins < allowed:
        day = date_format(allowed.astimezone(ZoneInfo(zone)), "DATE_FORMAT")
        words = _("You had a pause not long ago.")
        raise Refusal(words, _("The next one can begin on %(day)s or later.") % {"day": day})


def ends_of(subscription: Subscription, months: int) -> datetime:
    """When a pause of so many months ends, UTC; it begins where the paid time does.

    Raises Refusal for more months than the publisher allows.
    """
    most = SalesPolicy.current().pause_months
    if not 1 <= months <= most:
        words = _("A pause lasts from one month to %(most)d.") % {"most": most}
        raise Refusal(words, _("Choose one of the lengths shown."))
    return pause_ends(
        subscription.anchor, subscription.periods.count() - subscription.base,
        subscription.version.interval, subscription.zone, months=months,
    )  # fmt: skip


def pause_offer(subscription: Subscription) -> PauseOfferView:
    """The lengths a reader may choose, with their days."""
    zone, most = ZoneInfo(subscription.zone), SalesPolicy.current().pause_months
    return PauseOfferView(
        plan=subscription.version.plan.name,
        begins=subscription.paid_until().astimezone(zone),
        price=show(subscription.price, Paper.load().language),
        lengths=tuple(
            LengthView(months, ends_of(subscription, months).astimezone(zone))
            for months in range(1, most + 1)
        ),
    )


def pause_view(subscription: Subscription, now: datetime) -> PauseView | None:
    """The pause that waits or runs, None when there is none."""
    pause = subscription.pauses.filter(state__in=Pause.WAITING).first()
    if pause is None:
        return None
    zone = ZoneInfo(subscription.zone)
    return PauseView(
        begins=pause.begins.astimezone(zone),
        until=pause.until.astimezone(zone),
        price=show(subscription.price, Paper.load().language),
        runs=pause.has_begun(now),
        heard=pause.state == Pause.PLANNED,
        ending=pause.state == Pause.RESUMING,
    )
