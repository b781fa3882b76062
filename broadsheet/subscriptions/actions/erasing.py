"""A reader deletes the account: closed at once, erased when nothing can be charged any more."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.actions import close_account
from broadsheet.accounts.models import ReaderPolicy, User
from broadsheet.accounts.outbox import queue
from broadsheet.accounts.reads import is_staff
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Invoice
from broadsheet.subscriptions.actions.each import each
from broadsheet.subscriptions.actions.granting import sync_grants
from broadsheet.subscriptions.actions.locking import lock_group
from broadsheet.subscriptions.actions.seating import lock_institutions
from broadsheet.subscriptions.models import Erasure, Subscription
from broadsheet.subscriptions.reads.erasing import is_settled
from broadsheet.subscriptions.reads.origin import origin


def ask_to_erase(reader: User) -> bool:
    """Close the account, end its subscription now, and erase it; False when the gateway must hear
    of it first: then the worker erases it. The same wish twice changes nothing.

    Raises Refusal for staff: an account with rights at the desk is the publisher's to take away.
    """
    with transaction.atomic():
        lock_group(User.objects.filter(pk=reader.pk))
        locked = User.objects.get(pk=reader.pk)
        if is_staff(locked):
            raise Refusal(
                _("Your account belongs to the newsroom."),
                _("Ask the publisher to take your rights away. Then you can delete it."),
            )
        wish, _new = Erasure.objects.get_or_create(reader=locked)
        for subscription in locked.subscriptions.live().select_related("version"):
            subscription.end(Subscription.CANCELLED)
            subscription.save()
            sync_grants(subscription)
        close_account(locked)
    return bool(_erase(wish))


def erase_due() -> int:
    """Erase the accounts that waited for the gateway; returns how many."""
    return sum(bool(each(_erase, wish)) for wish in Erasure.objects.order_by("asked_at"))


def _erase(wish: Erasure) -> bool:
    """Delete the account and all that hangs on it (`listening.py`); a mail confirms it."""
    with transaction.atomic(), translation.override(Paper.load().language):
        lock_institutions(wish.pk)
        reader = User.objects.select_for_update().filter(pk=wish.pk).first()
        if reader is None or not is_settled(reader):
            return False
        kept = Invoice.objects.filter(reader=reader).exists()
        address = reader.email
        reader.delete()
        _confirm(address, kept=kept)
    return True


def _confirm(address: str, *, kept: bool) -> None:
    """Queued when the account is gone: its other mails go with it."""
    facts = {"kept": kept, "years": ReaderPolicy.current().invoice_years}
    queue(address, "subscriptions/mail/erased", facts, paper=letterhead(origin()))
