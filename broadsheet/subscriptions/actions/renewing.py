"""Cancelling, taking that back, and the end: our clock decides when access stops."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent, Provider
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.actions.granting import sync_grants
from broadsheet.subscriptions.actions.locking import lock_group
from broadsheet.subscriptions.actions.noticing import opt_out
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.models import PlanChange, Subscription
from broadsheet.subscriptions.reads.gifts.shown import gift_waits


def set_renewal(subscription: Subscription, *, renews: bool) -> Subscription:
    """Write down that the reader cancels at the end of the paid period, or goes on after all.

    Counts at once, with a mail; one whose last period was not paid ends at once. The gateway is
    told afterwards (`tell_gateway`), until it has heard. The same wish twice changes nothing.
    Raises Refusal when the subscription has ended, is paid once, or does not come back at this
    gateway, or a gift begins where it ends.
    """
    with transaction.atomic(), translation.override(Paper.load().language):
        locked = _locked(subscription)
        if not locked.is_live:
            raise Refusal("The subscription has ended.", "Choose a plan to subscribe again.")
        if locked.renews == renews:
            return locked
        if not locked.version.renews:
            words = _("This plan is paid once and ends by itself.")
            raise Refusal(words, _("When it has ended, it can be bought again."))
        if renews and gateways.lacks(locked.provider, "resume"):
            words = _("The mandate has ended and does not come back.")
            raise Refusal(words, _("Subscribe again when the paid time is over."))
        if renews and gift_waits(locked.reader):
            words = _("A gift subscription begins when the paid time ends.")
            raise Refusal(words, _("Subscribe again when the gift is over."))
        # Whatever was told before, perhaps unheard: it is told again.
        locked.renews, locked.renews_told = renews, not renews
        locked.cancelled_at = None if renews else clock.now()
        locked.save()
        # A gateway that is told to stop lets go of changes as well.
        locked.changes.filter(state__in=PlanChange.WAITING).update(state=PlanChange.LEFT)
        opt_out(locked, locked.cancelled_at)
        sync_grants(locked)
        if _is_over(locked):
            _finish(locked, Subscription.CANCELLED)
        elif renews:
            mails.resumed(locked)
        else:
            mails.cancelled(locked)
    return locked


def _locked(subscription: Subscription) -> Subscription:
    lock_group(User.objects.filter(pk=subscription.reader_id))
    return Subscription.objects.select_related("reader", "version__plan").get(pk=subscription.pk)


def tell_gateway(provider: Provider, subscription: Subscription) -> bool:
    """Tell the gateway whether to renew, if it does not know; False when it must be told later."""
    wish = subscription.renews
    if wish == subscription.renews_told:
        return True
    try:
        provider.set_renewal(subscription.ref, renews=wish)
    except GatewaySilent:
        return False
    except GatewayRefused:
        # It has ended there. Told "no more", that is what was wished; told "go on", settling
        # learns of the end, and the reader is asked to subscribe again.
        pass
    # Wished otherwise meanwhile: then this makes it untold.
    Subscription.objects.filter(pk=subscription.pk).update(renews_told=wish, heard_at=None)
    return True


def end_due() -> int:
    """End what is over by now; returns how many. A reader gets one mail about it."""
    over = Subscription.objects.over(clock.now()).select_related("version")
    return sum(bool(each(_end, subscription)) for subscription in over)


def _end(subscription: Subscription) -> bool:
    if not _is_over(subscription) or not _is_heard(subscription):
        return False
    with transaction.atomic(), translation.override(Paper.load().language):
        locked = _locked(subscription)
        if not locked.is_live or not _is_over(locked):
            return False
        _finish(locked, _why(locked))
    return True


def _why(locked: Subscription) -> str:
    if not locked.version.renews:
        return Subscription.RAN_OUT
    return Subscription.UNPAID if locked.renews else Subscription.CANCELLED


def _is_heard(subscription: Subscription) -> bool:
    """Ask once after the end: what was charged up to then, unheard, must not be lost."""
    try:
        settle(gateways.named(subscription.provider), subscription.ref)
    except GatewaySilent:
        return False
    except Refusal:
        return True
    return True


def _finish(locked: Subscription, reason: str) -> None:
    locked.end(reason)
    locked.save()
    sync_grants(locked)
    mails.ended(locked)


def _is_over(subscription: Subscription) -> bool:
    return subscription.ends_at() <= clock.now()
