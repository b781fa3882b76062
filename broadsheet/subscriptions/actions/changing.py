"""Another plan for a subscription: what it costs, said first and charged as it was said."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core import signing
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import Change, GatewayRefused, Provider
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.models import PlanChange, PlanVersion, Subscription
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.rules import Quote

SALT = "change of plan"
HOLDS = timedelta(hours=1)
"""A quote holds for so long, and never beyond the day it was made on."""


class QuoteIsOver(Refusal):
    """What was shown is no longer what it would cost: it has to be shown again."""


def expiry(subscription: Subscription, now: datetime) -> datetime:
    """Until when a quote made at `now` holds, UTC."""
    local = now.astimezone(ZoneInfo(subscription.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return min(now + HOLDS, midnight.astimezone(now.tzinfo))


def sealed(subscription: Subscription, version: PlanVersion, shown: Quote, now: datetime) -> str:
    """The quote as the form carries it: signed, with its end."""
    until = expiry(subscription, now).timestamp()
    return signing.dumps([*_facts(subscription, version, shown), until], salt=SALT)


def _facts(subscription: Subscription, version: PlanVersion, shown: Quote) -> list[Any]:
    last = subscription.periods.count()
    return [subscription.pk, subscription.version_id, version.pk, last, *shown]


def change_plan(
    provider: Provider, subscription: Subscription, version: PlanVersion, token: str
) -> PlanChange:
    """Order the change that `token` was sealed for; the same one again is the same order.

    What came of it is in the change returned: done, planned, or open with a page to pay it on.
    Raises QuoteIsOver when anything is no longer as it was shown, Refusal when the plan cannot be
    changed, and GatewaySilent: then it is open, and asked about until it expires.
    """
    change = _ordered(subscription, version, token)
    try:
        if change.is_waiting:
            provider.change(subscription.ref, _order(change))
    except GatewayRefused as refusal:
        _leave(change, str(refusal))
        settle(provider, subscription.ref)
        raise _over() from None
    settle(provider, subscription.ref)
    change.refresh_from_db()
    return change


def _over() -> QuoteIsOver:
    return QuoteIsOver(
        _("Something has changed since this was shown. Nothing was charged."),
        _("Please look at it once more."),
    )


def _read(token: str) -> tuple[list[Any], datetime]:
    """What a seal says, and until when it holds. Raises QuoteIsOver."""
    try:
        *facts, until = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise _over() from None
    holds = datetime.fromtimestamp(until, clock.now().tzinfo)
    if holds <= clock.now():
        raise _over()
    return facts, holds


def _ordered(subscription: Subscription, version: PlanVersion, token: str) -> PlanChange:
    """The order's row, written before anybody is told of it."""
    facts, holds = _read(token)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=subscription.reader_id)
        subscription.refresh_from_db()
        ordered = subscription.changes.filter(key=_key(token)).first()
        if ordered is not None:
            return _again(ordered)
        shown = quote_of(subscription, version, clock.now())
        if facts != _facts(subscription, version, shown):
            raise _over()
        waiting = subscription.changes.filter(state__in=PlanChange.WAITING)
        waiting.update(state=PlanChange.LEFT)
        return PlanChange.objects.create(
            key=_key(token), subscription=subscription, version=version,
            from_version=subscription.version, from_anchor=subscription.anchor,
            from_base=subscription.base, from_terms=subscription.terms,
            number=subscription.periods.count(),
            at_once=shown.at_once, credit=shown.credit, due=shown.due, expires_at=holds,
        )  # fmt: skip


def _key(token: str) -> str:
    # The signature alone: unguessable, and the same for every click on one page.
    return token.rpartition(":")[2][:40]


def _again(ordered: PlanChange) -> PlanChange:
    if ordered.state == PlanChange.LEFT:
        raise _over()
    return ordered


def _order(change: PlanChange) -> Change:
    return Change(
        key=change.key,
        number=change.number,
        amount=change.version.total.amount,
        interval=change.version.interval,
        description=change.version.plan.name,
        due=change.due,
        at_once=change.at_once,
        expires_at=change.expires_at,
    )


def _leave(change: PlanChange, problem: str) -> None:
    waiting = PlanChange.objects.filter(pk=change.pk, state__in=PlanChange.WAITING)
    waiting.update(state=PlanChange.LEFT, problem=problem[:300], pay_url="")


def keep_plan(provider: Provider, subscription: Subscription) -> None:
    """Take back a change that waits; a mail confirms it when it was planned.

    Raises GatewaySilent: then it stands. One that came into force meanwhile is settled.
    """
    change = subscription.changes.filter(state__in=PlanChange.WAITING).first()
    if change is None:
        return
    try:
        provider.drop_change(subscription.ref, change.key)
    except GatewayRefused:
        settle(provider, subscription.ref)
        raise Refusal(_("The change is in force already."), _("Your account shows it.")) from None
    with transaction.atomic(), translation.override(Paper.load().language):
        User.objects.select_for_update(no_key=True).get(pk=subscription.reader_id)
        locked = PlanChange.objects.filter(pk=change.pk, state__in=PlanChange.WAITING).first()
        if locked is None:
            return
        was_planned = locked.state == PlanChange.PLANNED
        _leave(locked, "")
        if was_planned:
            mails.kept(subscription, locked)
