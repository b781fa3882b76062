"""The code of a gift on its way: mailed on the chosen day, shown to the buyer, made anew."""

from datetime import time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.actions.gifts import mails
from broadsheet.subscriptions.gift_codes import code_of, digest_of
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.reads.withdrawing import is_going_back

HOUR = 8
"""In the paper's zone: a gift for a day arrives in its morning."""
MOST = 200


def new_code(gift: GiftSubscription) -> str:
    """Another code; those before are void. Not saved."""
    gift.codes += 1
    code = code_of(gift.key, gift.codes)
    gift.code_hash = digest_of(code)
    return code


def code_now(gift: GiftSubscription) -> str:
    """The code in force; made anew where it cannot be told any more, because the paper's secret is
    another one than then. Not saved."""
    code = code_of(gift.key, gift.codes)
    return code if digest_of(code) == gift.code_hash else new_code(gift)


def send_gifts() -> int:
    """Mail the gifts whose day has come; returns how many. Each is sent once."""
    paper = Paper.objects.first()
    if paper is None:
        return 0
    today = clock.now().astimezone(ZoneInfo(paper.time_zone)).date()
    due = GiftSubscription.objects.filter(
        Q(send_on=None) | Q(send_on__lte=today),
        state=GiftSubscription.PAID, sent_at=None, redeemed_at=None, refunded_at=None,
    ).exclude(recipient_email="")  # fmt: skip
    return sum(bool(each(_send_due, gift)) for gift in due.order_by("pk")[:MOST])


def _send_due(gift: GiftSubscription) -> bool:
    with transaction.atomic(), translation.override(Paper.load().language):
        return send_if_due(locked(gift))


def locked(gift: GiftSubscription) -> GiftSubscription:
    """The row as it is now, kept until the transaction ends."""
    rows = GiftSubscription.objects.filter(pk=gift.pk)
    rows.select_for_update().get()
    return rows.select_related("version__plan", "buyer").get()


def send_if_due(gift: GiftSubscription) -> bool:
    """Mail it to the recipient if its day has come and it was not sent; whether it was now."""
    if not gift.is_waiting or gift.sent_at is not None or not gift.recipient_email:
        return False
    if not _is_due(gift) or is_going_back(gift):
        return False
    _send(gift)
    return True


def _is_due(gift: GiftSubscription) -> bool:
    local = clock.now().astimezone(ZoneInfo(Paper.load().time_zone))
    if gift.send_on is None or gift.send_on < local.date():
        return True
    return gift.send_on == local.date() and local.time() >= time(HOUR)


def _send(gift: GiftSubscription) -> None:
    code = code_now(gift)
    gift.sent_at = clock.now()
    gift.save()
    mails.given(gift, code)


def send_gift_again(gift: GiftSubscription) -> None:
    """Mail it now, whatever its day is. Raises Refusal when there is nobody to send it to, or it
    was redeemed or given back."""
    with transaction.atomic(), translation.override(Paper.load().language):
        mine = locked(gift)
        _check_waiting(mine)
        if not mine.recipient_email:
            words = _("There is no address to send it to.")
            raise Refusal(words, _("Give one, or pass the code on yourself."))
        _send(mine)


def change_recipient(gift: GiftSubscription, address: str) -> bool:
    """Another recipient, "" for none: the code of before is void, and a new one is on its way at
    once, or on the day that was chosen if that is still to come.

    The same one again changes nothing; returns whether something changed. Raises Refusal once it
    was redeemed or given back.
    """
    with transaction.atomic(), translation.override(Paper.load().language):
        mine = locked(gift)
        _check_waiting(mine)
        if address == mine.recipient_email:
            return False
        mine.recipient_email, mine.sent_at, mine.shown_at = address, None, None
        new_code(mine)
        mine.save()
        send_if_due(mine)
    return True


def show_code(gift: GiftSubscription) -> str:
    """The code for the buyer's own eyes, once; asked for again it is a new one, and that of before
    is void. Raises Refusal once it was redeemed or given back."""
    with transaction.atomic():
        mine = locked(gift)
        _check_waiting(mine)
        code = code_now(mine) if mine.shown_at is None else new_code(mine)
        mine.shown_at = clock.now()
        mine.save()
    return code


def _check_waiting(gift: GiftSubscription) -> None:
    if gift.redeemed_at is not None:
        raise Refusal(_("This gift was redeemed already."), _("Nothing was changed."))
    if not gift.is_waiting or is_going_back(gift):
        raise Refusal(_("This gift was given back or is not paid."), _("Nothing was changed."))
