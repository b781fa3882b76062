"""Reminders before a renewal, a first charge, the end of a pause or a prepaid plan: each once.

A pause puts a charge off and takes no reminder away: what a rule says holds for the charge after it
too, counted from its new day, and shortly before that comes the reminder of the end of the pause.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import translation

from broadsheet.accounts.models import Mail, User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.ledger.models import Billing, Seller
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.models import PaidPeriod, Reminder, SalesPolicy, Subscription
from broadsheet.subscriptions.reads.account import next_price
from broadsheet.subscriptions.reminders import (
    END_RULES,
    REMINDER_RULES,
    RESUMING_AHEAD,
    SHORT_AHEAD,
    ReminderRule,
    end_ahead,
    renewal_ahead,
)
from broadsheet.subscriptions.rules import MANDATE_RULES
from broadsheet.subscriptions.trials import TRIAL_AHEAD, trial_ahead

MOST = 500

MOVED = timedelta(days=1)
"""A charge that has moved by more than this is not the one that was reminded of."""

ANNOUNCED = frozenset(rule.currency for rule in MANDATE_RULES)
"""Where a mandate's notice is written days before a debit: that is the reminder of a pause."""


def send_reminders(most: int = MOST) -> int:
    """Write the reminders that are due; how many are new. Safe to be killed and run again."""
    return sum(bool(each(_remind, subscription)) for subscription in _due()[:most])


def _due() -> QuerySet[Subscription]:
    """Subscriptions about which a reminder is due and not written: every one of them, no other, so
    that those that need none never stand before those that do."""
    now = clock.now()
    paid = PaidPeriod.objects.filter(subscription=OuterRef("pk"), refunded_at=None)
    last = paid.order_by("-number")
    told = Reminder.objects.filter(
        subscription=OuterRef("pk"), number=OuterRef("next"), kind=OuterRef("about"),
        due_at__gte=OuterRef("due") - MOVED, due_at__lte=OuterRef("due") + MOVED,
    )  # fmt: skip
    live: Any = Subscription.objects.live().exclude(state=Subscription.PAST_DUE)
    known = live.annotate(
        next=Coalesce(Subquery(last.values("number")[:1]) + 1, 0),
        until=Coalesce(Subquery(last.values("ends")[:1]), "trial_ends"),
    )
    dated = known.annotate(due=Greatest("until", Coalesce("resumes_at", "until")))
    near = dated.annotate(about=_about())
    found: QuerySet[Subscription] = near.filter(_wanted(), ~Exists(told), due__gt=now).order_by(
        "due"
    )
    return found


def _about() -> Case:
    return Case(
        When(trial_ends__gt=clock.now(), then=Value(Reminder.TRIAL)),
        When(version__renews=False, then=Value(Reminder.END)),
        When(_resumes(), then=Value(Reminder.RESUMING)),
        default=Value(Reminder.RENEWAL),
    )


def _wanted() -> Q:
    now, short = clock.now(), SalesPolicy.current().remind_short
    goes_on = Q(version__renews=True, renews=True) & ~Q(trial_ends__gt=now)
    soon = Q(due__lte=now + SHORT_AHEAD)
    wanted = Q()
    for rule in REMINDER_RULES:
        near = Q(due__lte=now + rule.ahead)
        wanted |= goes_on & _of_months(rule.months) & near & _lives_in(rule)
    wanted |= goes_on & soon & Q(terms="", checkout__opening_periods=F("next"))
    if short:
        wanted |= goes_on & soon & _of_months(1) & Q(resumes_at=None)
    wanted |= _resumes()
    # Of so short a trial the mail of its begin says it all.
    long = Q(trial_ends__gt=F("trial_starts") + TRIAL_AHEAD)
    wanted |= Q(renews=True, trial_ends__gt=now, trial_ends__lte=now + TRIAL_AHEAD) & long
    for end in END_RULES:
        near = Q(due__lte=now + end.ahead)
        wanted |= Q(version__renews=False) & _of_months(end.months) & near
    return wanted


def _resumes() -> Q:
    near = Q(resumes_at__isnull=False, due__lte=clock.now() + RESUMING_AHEAD)
    return Q(renews=True) & near & ~Q(version__currency__in=ANNOUNCED)


def _of_months(months: int) -> Q:
    years = Q(version__unit="year", version__count__gte=-(-months // 12))
    return years | Q(version__unit="month", version__count__gte=months)


def _lives_in(rule: ReminderRule) -> Q:
    """By the country of the bill; where none is known, by the seller's."""
    if not rule.country:
        return Q(pk__isnull=False)
    there = Q(reader__billing__country=rule.country)
    if Seller.current().country == rule.country:
        there |= Q(reader__billing__isnull=True) | Q(reader__billing__country="")
    return there


def _remind(subscription: Subscription) -> bool:
    with transaction.atomic(), translation.override(Paper.load().language):
        User.objects.select_for_update(no_key=True).get(pk=subscription.reader_id)
        locked = Subscription.objects.select_related("reader", "version__plan", "checkout")
        fresh = locked.get(pk=subscription.pk)
        last = fresh.periods.filter(refunded_at=None).order_by("-number").first()
        kind = _kind(fresh) if last is not None or fresh.is_on_trial else None
        if kind is None:
            return False
        return _written_down(fresh, kind, last)


def _written_down(fresh: Subscription, kind: str, last: PaidPeriod | None) -> bool:
    """One row for each thing to remind of, written anew when its day has moved."""
    due, price = fresh.next_at(), next_price(fresh)
    number = last.number + 1 if last else 0
    which: dict[str, Any] = {"subscription": fresh, "number": number, "kind": kind}
    before = Reminder.objects.filter(**which).first()
    if before is not None and abs(before.due_at - due) <= MOVED:
        return False
    facts = {
        "amount": 0 if kind == Reminder.END else price.amount, "currency": price.currency,
        "due_at": due, "made_at": clock.now(), "mail": _written(fresh, kind, last),
    }  # fmt: skip
    Reminder.objects.update_or_create(**which, defaults=facts)
    return True


def _kind(fresh: Subscription) -> str | None:
    """What to remind of now; None when it is not due any more, or not yet."""
    left = fresh.next_at() - clock.now()
    if not fresh.is_live or left <= timedelta():
        return None
    if not fresh.version.renews:
        ahead, kind = end_ahead(fresh.version.interval), Reminder.END
    elif not fresh.renews:
        return None
    elif fresh.trial is not None and fresh.is_on_trial:
        ahead, kind = trial_ahead(fresh.trial), Reminder.TRIAL
    elif _resumes_soon(fresh, left):
        ahead, kind = RESUMING_AHEAD, Reminder.RESUMING
    else:
        ahead, kind = _renewal_ahead(fresh), Reminder.RENEWAL
    return kind if ahead is not None and left <= ahead else None


def _resumes_soon(fresh: Subscription, left: timedelta) -> bool:
    near = fresh.resumes_at is not None and left <= RESUMING_AHEAD
    return near and fresh.version.currency not in ANNOUNCED


def _renewal_ahead(fresh: Subscription) -> timedelta | None:
    country = Billing.of(fresh.reader).country or Seller.current().country
    return renewal_ahead(
        country, fresh.version.interval, fresh.next_at().date(),
        short=SalesPolicy.current().remind_short and fresh.resumes_at is None,
        dearer=not fresh.terms and fresh.checkout.opening_periods == fresh.periods.count(),
    )  # fmt: skip


def _written(fresh: Subscription, kind: str, last: PaidPeriod | None) -> Mail:
    if kind == Reminder.END:
        return mails.ends_soon(fresh)
    price = next_price(fresh)
    before = last.payment.amount if last else 0
    return mails.reminded(
        fresh, price, dearer=kind == Reminder.RENEWAL and price.amount > before > 0,
        resumes=fresh.resumes_at is not None, tried=kind == Reminder.TRIAL,
    )  # fmt: skip
