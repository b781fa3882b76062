"""The whole story of one subscription, in the order in which it happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.ledger.actions import left_of
from broadsheet.ledger.models import Dispute, FailedCharge, Payment, RefundOrder
from broadsheet.subscriptions.models import (
    COMPLIMENTARY,
    Checkout,
    Grant,
    PaidPeriod,
    Pause,
    PlanChange,
    Reminder,
    Subscription,
)
from broadsheet.subscriptions.reads.business.subscribers import end_text
from broadsheet.subscriptions.reads.business.written import Words, reader_name
from broadsheet.subscriptions.reads.offers import period_text, trial_text
from broadsheet.subscriptions.rules import IMPORT

PAYMENT_PARTS = ("refund_orders__by", "refunds__invoice", "disputes__invoice")
"""What the story of a payment is told from."""
PARTS = (
    "periods__payment__invoice",
    *(f"periods__payment__{part}" for part in PAYMENT_PARTS),
    "changes__version__plan",
    "changes__from_version__plan",
    "pauses",
    "reminders",
    "seats__reader",
    "card_changes",
)
"""What the story of a subscription is told from."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """Something that happened. `invoice` is a label or ""; `refundable` a payment's key or 0.

    `about` names the plan or gift it is part of and `url` leads there, both "" where that is the
    screen itself.
    """

    at: datetime
    what: str
    detail: str = ""
    tone: str = "quiet"
    invoice: str = ""
    refundable: int = 0
    about: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant: what it opens, who or what gave it, from when until when."""

    entitlement: str
    source: str
    opens: datetime
    closes: datetime | None
    revoked: datetime | None


def payment_story(payment: Payment, words: Words) -> list[StoryLine]:
    """What went back of a payment, and what the bank did."""
    return [*_refunds(payment, words), *_disputes(payment, words)]


def with_story(found: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """Subscriptions with all that their stories ask for, in as many queries for ten as for one."""
    return found.select_related(
        "reader", "version__plan", "checkout__version__plan", "checkout__coupon"
    ).prefetch_related(*PARTS)


def story(subscription: Subscription, words: Words) -> list[StoryLine]:
    """Everything about one subscription of `with_story`, the oldest first."""
    lines = lifetime(subscription, words)
    lines += [failed(charge, words) for charge in _failures(subscription)]
    return sorted(lines, key=lambda line: line.at)


def lifetime(subscription: Subscription, words: Words) -> list[StoryLine]:
    """Checkout, payments, changes of plan and card, pauses, refunds and the end, in no order.

    Charges that failed name a reader, not a subscription: they are not among them.
    """
    periods = list(subscription.periods.all())
    return [
        _opened(subscription.checkout, words),
        *_trial(subscription, words),
        *(_paid(period, words) for period in periods),
        *(line for period in periods for line in _refunds(period.payment, words)),
        *(line for period in periods for line in _disputes(period.payment, words)),
        *_changes(subscription, words),
        *_seats(subscription),
        *_reminders(subscription),
        *_cards(subscription),
        *(line for pause in subscription.pauses.all() for line in _pause(pause, words)),
        *_endings(subscription),
    ]


def _opened(checkout: Checkout, words: Words) -> StoryLine:
    version = checkout.version
    price = words.amount(checkout.amount, checkout.currency)
    detail = f"{version.plan.name}, {price} / {period_text(version.interval)}"
    if checkout.opening_amount is not None:
        first = words.amount(checkout.opening_amount, checkout.currency)
        facts = {"price": first, "n": checkout.opening_periods}
        detail = f"{detail}, {_('first %(n)d: %(price)s each') % facts}"
    if checkout.trial_days:
        detail = f"{detail}, {trial_text(checkout.trial_days)}"
    if checkout.coupon is not None:
        detail = f"{detail}, {_('coupon')} {checkout.coupon.code}"
    return StoryLine(checkout.made_at, _("Checkout opened"), detail)


def _trial(subscription: Subscription, words: Words) -> Iterator[StoryLine]:
    """When nothing is charged, and whether it is over."""
    trial = subscription.trial
    if trial is None:
        return
    days = f"{words.day(trial.starts)} – {words.day(trial.ends)}"
    yield StoryLine(trial.starts, _("Trial begun"), days, "good")
    if trial.ends <= clock.now() and (subscription.ended_at or trial.ends) >= trial.ends:
        yield StoryLine(trial.ends, _("Trial over"))


def _paid(period: PaidPeriod, words: Words) -> StoryLine:
    payment = period.payment
    detail = f"{words.day(period.starts)} – {words.day(period.ends)}"
    return paid(payment, f"{detail}, {payment.card}" if payment.card else detail, words)


def paid(payment: Payment, detail: str, words: Words) -> StoryLine:
    """A payment, with the way to give it back as long as anything is left of it."""
    return StoryLine(
        at=payment.at,
        what=_("Paid %(amount)s") % {"amount": words.amount(payment.amount, payment.currency)},
        detail=detail,
        tone="good",
        invoice=payment.invoice.label,
        refundable=payment.pk if is_refundable(payment) else 0,
    )


def is_refundable(payment: Payment) -> bool:
    """Whether anything is left of a payment that was not given back, or is on its way."""
    return left_of(payment) > 0


def _failures(subscription: Subscription) -> list[FailedCharge]:
    """A failed charge names its reader only: those between this checkout and the next one."""
    begun = subscription.checkout.made_at
    later = subscription.reader.subscriptions.filter(checkout__made_at__gt=begun)
    next_ = later.order_by("checkout__made_at").values_list("checkout__made_at", flat=True).first()
    mine = {"reader": subscription.reader_id, "provider": subscription.provider}
    found = FailedCharge.objects.filter(at__gte=begun, **mine)
    return list(found.filter(at__lt=next_) if next_ else found)


def failed(charge: FailedCharge, words: Words) -> StoryLine:
    """A charge that the gateway tried in vain."""
    tried = {"amount": words.amount(charge.amount, charge.currency)}
    return StoryLine(charge.at, _("A charge of %(amount)s failed") % tried, charge.problem, "bad")


def _refunds(payment: Payment, words: Words) -> Iterator[StoryLine]:
    for order in payment.refund_orders.all():
        yield _ordered(order, words.amount(order.amount, payment.currency))
    for refund in payment.refunds.all():
        given = {"amount": words.amount(refund.amount, payment.currency)}
        what = _("%(amount)s given back") % given
        yield StoryLine(refund.at, what, tone="warn", invoice=refund.invoice.label)


def _disputes(payment: Payment, words: Words) -> Iterator[StoryLine]:
    """What the reader's bank did."""
    said = {
        Dispute.OPEN: (_("The reader's bank took %(amount)s back, until it is decided"), "bad"),
        Dispute.WON: (_("The bank gave %(amount)s back to us"), "good"),
        Dispute.LOST: (_("The bank keeps %(amount)s"), "bad"),
    }
    for step in payment.disputes.all():
        what, tone = said[step.step]
        taken = {"amount": words.amount(step.amount, payment.currency)}
        label = step.invoice.label if step.invoice else ""
        yield StoryLine(step.at, what % taken, tone=tone, invoice=label)


def _ordered(order: RefundOrder, written: str) -> StoryLine:
    what = _("Refund of %(amount)s ordered") % {"amount": written}
    by = reader_name(order.by, _("Broadsheet"))
    detail, tone = f"{order.reason} ({by})", "quiet"
    if order.problem:
        refused = _("The gateway refused:")
        detail, tone = f"{detail} {refused} {order.problem}", "bad"
    elif order.told_at is None:
        untold = _("The gateway has not heard of it yet.")
        detail, tone = f"{detail} {untold}", "warn"
    return StoryLine(order.asked_at, what, detail, tone)


def _changes(subscription: Subscription, words: Words) -> Iterator[StoryLine]:
    told = (PlanChange.DONE, PlanChange.PLANNED)
    for change in (one for one in subscription.changes.all() if one.state in told):
        facts = {"before": change.from_version.plan.name, "after": change.version.plan.name}
        detail = _("%(before)s to %(after)s") % facts
        if change.credit:
            credit = words.amount(change.credit, change.version.currency)
            detail = f"{detail}, {_('%(credit)s credited') % {'credit': credit}}"
        done = change.taken_at is not None
        what = _("Plan changed") if done else _("Another plan from the next charge on")
        yield StoryLine(change.taken_at or change.made_at, what, detail)


def _cards(subscription: Subscription) -> Iterator[StoryLine]:
    """Which card took the place of which."""
    for change in subscription.card_changes.all():
        facts = {"before": change.before, "after": change.card}
        detail = _("%(before)s to %(after)s") % facts if change.before else change.card
        yield StoryLine(change.at, _("Card changed"), detail)


def _seats(subscription: Subscription) -> Iterator[StoryLine]:
    """Who took a seat in the group, and how it ended."""
    for seat in subscription.seats.all():
        yield StoryLine(seat.taken_at, _("A seat taken"), seat.reader.email)
        if seat.left_at is not None:
            detail = f"{seat.reader.email} ({seat.get_why_display()})"
            yield StoryLine(seat.left_at, _("A seat ended"), detail, "warn")


def _pause(pause: Pause, words: Words) -> Iterator[StoryLine]:
    """When it was asked for, with its days; when it began, and when it was over."""
    days = f"{words.day(pause.begins)} – {words.day(pause.until)}"
    if pause.state in Pause.UNTOLD:
        days = f"{days}. {_('The gateway has not heard of it yet.')}"
    yield StoryLine(pause.asked_at, _("Pause asked for"), f"{days} {pause.problem}".strip(), "warn")
    begun = pause.state in (Pause.PLANNED, Pause.RESUMING) and pause.has_begun(clock.now())
    if begun or pause.state == Pause.DONE:
        yield StoryLine(pause.begins, _("Pause begun"), "", "warn")
    if pause.state == Pause.DONE and pause.over_at is not None:
        yield StoryLine(pause.over_at, _("Pause over"))
    elif pause.state == Pause.LEFT and pause.over_at is not None:
        yield StoryLine(pause.over_at, _("Nothing came of the pause"))


def _reminders(subscription: Subscription) -> Iterator[StoryLine]:
    for reminder in subscription.reminders.all():
        yield StoryLine(reminder.made_at, str(Reminder.KINDS[reminder.kind]))


def _endings(subscription: Subscription) -> Iterator[StoryLine]:
    if subscription.cancelled_at is not None:
        untold = subscription.renews != subscription.renews_told
        detail = _("The gateway has not heard of it yet.") if untold else ""
        yield StoryLine(subscription.cancelled_at, _("Renewal stopped"), detail, "warn")
    if subscription.ended_at is not None:
        yield StoryLine(subscription.ended_at, _("Ended"), end_text(subscription.end_reason))


def grant_rows(grants: QuerySet[Grant]) -> list[GrantRow]:
    """The grants of a subscription or a reader, by period and right."""
    return [grant_row(grant) for grant in grants.order_by("valid_from", "entitlement")]


def grant_row(grant: Grant) -> GrantRow:
    """A line for a grant."""
    source = source_text(grant.source)
    return GrantRow(
        grant.entitlement, source, grant.valid_from, grant.valid_until, grant.revoked_at
    )


def source_text(source: str) -> str:
    """What gave a grant, in words."""
    words = {
        "subscription": _("paid"),
        "grace": _("grace"),
        "trial": _("trial"),
        "coupon": _("coupon"),
        "gift": _("gift"),
        "group": _("group"),
        "group_grace": _("group, grace"),
        "group_trial": _("group, trial"),
        "institution": _("institution"),
        IMPORT: _("brought along"),
        COMPLIMENTARY: _("complimentary"),
    }
    return words.get(source, source)
