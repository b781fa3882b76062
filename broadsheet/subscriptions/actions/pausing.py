"""A pause, asked for and ended by the reader: a row first, then the gateway, until it has heard."""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent, Provider
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.models import Pause, Subscription
from broadsheet.subscriptions.reads.pausing import ends_of, refuse_pause

MOST = 100


def pause(provider: Provider, subscription: Subscription, months: int, shown: datetime) -> Pause:
    """Let a subscription rest for so many months when its paid time is over.

    `shown` is the day of the end that the reader saw. A mail confirms it when the gateway has it.
    Raises Refusal when it cannot be, or would end on another day, and GatewaySilent: then it is
    written down and told again. It comes to nothing if the gateway refuses then or the next charge
    is quicker; a mail says so.
    """
    asked = _asked(subscription, months, shown)
    _tell_now(provider, asked)
    if asked.state == Pause.LEFT:
        words = _("The payment service did not accept the pause. Nothing was changed.")
        raise Refusal(words, _("Look at your account, and try again later."))
    return asked


def _asked(subscription: Subscription, months: int, shown: datetime) -> Pause:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=subscription.reader_id)
        subscription.refresh_from_db()
        refuse_pause(subscription, clock.now())
        until = ends_of(subscription, months)
        if until != shown:
            words = _("Something has changed since this was shown. Nothing was changed.")
            raise Refusal(words, _("Please look at it once more."))
        return Pause.objects.create(
            subscription=subscription, number=subscription.periods.count(),
            from_anchor=subscription.anchor, from_base=subscription.base,
            begins=subscription.paid_until(), until=until,
        )  # fmt: skip


def resume_now(provider: Provider, subscription: Subscription) -> Pause | None:
    """End the pause: take it back before it begins, else begin the next period, charged now.

    The pause as it is then; None when there is none. Raises Refusal when the subscription is
    cancelled, and GatewaySilent: then it is told again.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=subscription.reader_id)
        subscription.refresh_from_db()
        waiting = subscription.pauses.filter(state__in=Pause.WAITING).first()
        if waiting is None:
            return None
        if not subscription.renews:
            words = _("Your subscription is cancelled: nothing more is charged.")
            raise Refusal(words, _("Keep it first; then you can end the pause."))
        waiting.state = Pause.RESUMING
        waiting.save()
    _tell_now(provider, waiting)
    return waiting


def _tell_now(provider: Provider, waiting: Pause) -> None:
    """Tell the gateway while the reader waits. Raises GatewaySilent when it is still to be told."""
    try:
        tell_pause(provider, waiting, awaited=True)
    except GatewaySilent:
        waiting.refresh_from_db()
        if waiting.state in Pause.UNTOLD:
            raise
    waiting.refresh_from_db()


def tell_pause(provider: Provider, waiting: Pause, *, awaited: bool = False) -> None:
    """Tell the gateway what it has not heard of, and take over what came of it.

    `awaited`: the reader waits for the answer, so a refusal needs no mail. Raises GatewaySilent.
    """
    ref, number = waiting.subscription.ref, waiting.number
    try:
        if waiting.state == Pause.RESUMING:
            provider.resume(ref, number=number)
        else:
            provider.pause(ref, number=number, until=waiting.until)
    except GatewayRefused as refusal:
        _refused(waiting, str(refusal), awaited=awaited)
    settle(provider, ref)


def _refused(waiting: Pause, problem: str, *, awaited: bool) -> None:
    """What was not accepted comes to nothing; a pause that could not be ended goes on."""
    was_open = waiting.state == Pause.OPEN
    state = Pause.LEFT if was_open else Pause.PLANNED
    with transaction.atomic(), translation.override(Paper.load().language):
        mine = Pause.objects.filter(pk=waiting.pk, state=waiting.state)
        was_mine = mine.update(state=state, problem=problem[:300])
        if was_open and was_mine and not awaited and waiting.subscription.is_live:
            mails.not_paused(waiting.subscription)


def tell_pauses(provider: Provider) -> int:
    """Tell the gateway of pauses that it did not hear of; returns how many were told."""
    untold = Pause.objects.filter(
        state__in=Pause.UNTOLD, subscription__provider=provider.name
    ).exclude(subscription__state=Subscription.ENDED)
    rows = untold.select_related("subscription").order_by("asked_at")[:MOST]
    return sum(bool(each(lambda waiting: _told(provider, waiting), row)) for row in rows)


def _told(provider: Provider, waiting: Pause) -> bool:
    try:
        tell_pause(provider, waiting)
    except GatewaySilent:
        return False
    return True


def begin_pauses() -> int:
    """Write down which pauses have begun: their paid time is over. Returns how many."""
    resting = Subscription.objects.resting(clock.now())
    due = resting.filter(renews=True, state=Subscription.ACTIVE)
    return sum(bool(each(_begin, subscription)) for subscription in due[:MOST])


def _begin(subscription: Subscription) -> bool:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=subscription.reader_id)
        locked = Subscription.objects.get(pk=subscription.pk)
        if locked.state != Subscription.ACTIVE or not locked.is_resting:
            return False
        locked.turn(Subscription.PAUSED)
        locked.save(update_fields=["state"])
    return True
