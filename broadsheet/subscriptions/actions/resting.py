"""Pauses as the gateway says they are: from where periods are counted, and when it resumes."""

from datetime import datetime

from broadsheet.kit import clock
from broadsheet.ledger.providers.base import Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.models import Pause, Subscription


def take_rest(subscription: Subscription, standing: Standing) -> None:
    """Count periods from where a pause ends, before the first one after it is booked.

    Not saved: the subscription. Nothing when the gateway counts from elsewhere than a pause.
    """
    pause = _pause_at(subscription, standing)
    if pause is None or standing.started_at is None:
        return
    origin = (standing.base, standing.started_at)
    begun = subscription.periods.filter(number=standing.base).exists()
    if not begun and (subscription.base, subscription.anchor) != origin:
        subscription.periods.filter(before=None, rest=None).update(rest=pause)
        subscription.base, subscription.anchor = origin


def _pause_at(subscription: Subscription, standing: Standing) -> Pause | None:
    """The pause that the gateway counts from."""
    if standing.terms != subscription.terms:
        return None  # A change of plan comes first.
    pause: Pause | None = subscription.pauses.filter(number=standing.base).last()
    changed = subscription.changes.filter(key=standing.terms, number=standing.base)
    return None if pause is None or changed.exists() else pause


def follow_pause(subscription: Subscription, standing: Standing) -> None:
    """Note until when it rests, and what became of the pause that the reader asked for.

    Not saved: the subscription.
    """
    subscription.resumes_at = _resumes_at(subscription, standing)
    pause = subscription.pauses.filter(state__in=Pause.WAITING).first()
    if pause is None:
        return
    rests = standing.rests_until if standing.base == pause.number else None
    if pause.state == Pause.OPEN and rests is not None and subscription.is_live:
        pause.state, pause.until = Pause.PLANNED, rests
        mails.paused(subscription, pause)
    elif not subscription.is_live or (rests is None and _is_over(subscription, pause)):
        _close(subscription, pause, standing)
    pause.save()


def _resumes_at(subscription: Subscription, standing: Standing) -> datetime | None:
    """When the next period begins, if a pause lies before it."""
    pause, paid = _pause_at(subscription, standing), subscription.periods
    if pause is None or paid.filter(number=standing.base).exists():
        return None
    at = standing.started_at
    return at if at is not None and at > pause.begins else None


def _is_over(subscription: Subscription, pause: Pause) -> bool:
    """Whether a pause that the gateway does not speak of is one of the past.

    One that it has not heard of may still come, until the period after it was charged.
    """
    begun = subscription.periods.filter(number=pause.number).exists()
    return pause.state != Pause.OPEN or begun


def _close(subscription: Subscription, pause: Pause, standing: Standing) -> None:
    rested = standing.base == pause.number and (standing.started_at or pause.begins) > pause.begins
    was_owed = pause.state == Pause.OPEN and subscription.is_live
    was_planned = pause.state != Pause.OPEN and subscription.is_live
    ran = rested and pause.has_begun(clock.now())
    pause.state, pause.over_at = (Pause.DONE if ran else Pause.LEFT), clock.now()
    if was_planned and not ran:
        mails.unpaused(subscription)
    elif was_owed:
        mails.not_paused(subscription)
