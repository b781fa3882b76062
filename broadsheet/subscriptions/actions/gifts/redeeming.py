"""A code becomes access: once, for one reader, beginning where what is paid for ends."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import release_gift
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions.actions.gifts import mails
from broadsheet.subscriptions.actions.gifts.granting import sync_gift
from broadsheet.subscriptions.actions.locking import lock_group
from broadsheet.subscriptions.actions.renewing import set_renewal, tell_gateway
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.gift_codes import digest_of
from broadsheet.subscriptions.models import GiftSubscription, Subscription
from broadsheet.subscriptions.reads.gifts.redeeming import check_redeemable, gift_terms
from broadsheet.subscriptions.reads.withdrawing import is_going_back


def redeem_gift(reader: User, code: str, seen: str) -> GiftSubscription:
    """Open the gift for this reader, on the terms that were `seen` (`GiftTerms.seal`).

    It begins where what the reader has paid for ends, and a renewal that would be charged then is
    stopped in the same step, so that nobody pays for the same days twice. A code opens once,
    whatever two readers do at the same moment.

    Raises Refusal for a wrong, used, refunded or expired code, and for other terms than those seen.
    """
    _hear(reader)
    with transaction.atomic(), translation.override(Paper.load().language):
        lock_group(User.objects.filter(pk=reader.pk))
        rows = GiftSubscription.objects.filter(code_hash=digest_of(code))
        rows.select_for_update().first()
        gift = rows.select_related("version__plan", "buyer", "payment").first()
        gift = check_redeemable(gift)
        _check_money(gift)
        terms = gift_terms(reader, gift)
        if seen != terms.seal:
            words = _("The dates have changed since you saw them.")
            raise Refusal(words, _("Please look at them once more."))
        stopped = set_renewal(terms.stops, renews=False) if terms.stops else None
        _open(gift, reader)
    if stopped is not None:
        _tell(stopped)
    return gift


def _hear(reader: User) -> None:
    """A renewal that was charged and not heard of yet is asked for first: it is paid time."""
    for subscription in Subscription.objects.past_paid(clock.now()).filter(reader=reader):
        try:
            settle(gateways.named(subscription.provider), subscription.ref)
        except (GatewaySilent, Refusal):
            continue  # The worker goes on asking; what comes too late goes back.


def _check_money(gift: GiftSubscription) -> None:
    """Under the payment's lock: a refund that is on its way is not overtaken."""
    gift.payment = Payment.objects.select_for_update().get(pk=gift.payment_id)
    if is_going_back(gift):
        words = _("This gift is being given back to its buyer.")
        raise Refusal(words, _("Please ask whoever gave it to you."))


def _open(gift: GiftSubscription, reader: User) -> None:
    assert gift.payment is not None
    # The renewal is stopped by now: what it opens has its last end.
    terms, now = gift_terms(reader, gift), clock.now()
    gift.redeemed_by, gift.redeemed_at = reader, now
    gift.starts, gift.ends = terms.starts, terms.ends
    gift.forget_recipient()
    gift.save()
    release_gift(gift.payment, terms.starts, terms.ends, now, Paper.load().time_zone)
    sync_gift(gift)
    mails.redeemed(gift)


def _tell(subscription: Subscription) -> None:
    try:
        tell_gateway(gateways.named(subscription.provider), subscription)
    except Refusal:
        # No gateway is connected now: the worker tells it when there is one.
        return
