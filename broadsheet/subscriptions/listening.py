"""What subscriptions hear: of accounts that go, of mail addresses, institutions, grants.

An account that a gateway still charges stays: nobody could stop the charges. Of any other one that
goes it is forgotten what it read.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.signals import post_delete, post_save, pre_delete
from django.http import HttpRequest

from broadsheet.accounts.models import User
from broadsheet.accounts.reads import addresses
from broadsheet.desk import access
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Entitlement, Grant, Institution, SeatInvitation
from broadsheet.subscriptions.passes import reader_id_of
from broadsheet.subscriptions.reads.erasing import is_charged

FOLDING = 0.5
"""Seconds that a sign-in may wait for what the gate has written since the worker's last fold."""


def connect() -> None:
    """Called once when a process with Django starts."""
    pre_delete.connect(refuse_charged, sender=User, dispatch_uid="subscriptions.refuse_charged")
    pre_delete.connect(keep_sums, sender=User, dispatch_uid="subscriptions.keep_sums")
    pre_delete.connect(forget_import, sender=User, dispatch_uid="subscriptions.forget_import")
    pre_delete.connect(forget_gifts, sender=User, dispatch_uid="subscriptions.forget_gifts")
    pre_delete.connect(forget_read, sender=User, dispatch_uid="subscriptions.forget_read")
    user_logged_in.connect(remember_browser, dispatch_uid="subscriptions.remember_browser")
    for signal, name in ((post_save, "address"), (post_delete, "-address")):
        signal.connect(seat, sender=EmailAddress, dispatch_uid=f"subscriptions.{name}")
    post_save.connect(seat_all, sender=Institution, dispatch_uid="subscriptions.institution")
    pre_delete.connect(end_all, sender=Institution, dispatch_uid="subscriptions.-institution")
    pre_delete.connect(end_links, sender=User, dispatch_uid="subscriptions.end_links")
    pre_delete.connect(end_groups, sender=User, dispatch_uid="subscriptions.end_groups")
    post_save.connect(end_groups_of_closed, sender=User, dispatch_uid="subscriptions.closed_groups")
    post_save.connect(end_links_of_closed, sender=User, dispatch_uid="subscriptions.closed")
    access.register(sold_rights)
    post_save.connect(follow_grant, sender=Grant, dispatch_uid="subscriptions.follow_grant")
    post_delete.connect(follow_grant, sender=Grant, dispatch_uid="subscriptions.-follow_grant")


def sold_rights() -> list[tuple[str, str]]:
    """What reports can be behind, for the desk: names and titles; that ads are away opens none."""
    rights = Entitlement.objects.exclude(name="ad_free")
    return [(right.name, str(right)) for right in rights]


def refuse_charged(sender: type, instance: User, **_: Any) -> None:
    """An account that a gateway still charges cannot be deleted: nobody could stop the charges.

    Raises ProtectedError while a subscription lives, a payment is open, the gateway untold, a
    refund on its way or a dispute undecided: nobody would book its end.
    """
    if is_charged(instance):
        words = "End the subscription first: cancel or refund it, and let the gateway hear of it."
        raise ProtectedError(words, set(instance.subscriptions.all()))


def keep_sums(sender: type, instance: User, **_: Any) -> None:
    """Past months stay as they were told: what the account adds to them is kept, without it."""
    actions.keep_sums(instance)


def forget_import(sender: type, instance: User, **_: Any) -> None:
    """What an account brought along goes with it, and does not come back with the next import."""
    actions.forget_imported(instance.pk, instance.email)


def forget_gifts(sender: type, instance: User, **_: Any) -> None:
    """Gifts stay, for they are paid for; they name neither the buyer nor the reader who goes."""
    actions.forget_gifts_of(instance)


def forget_read(sender: type, instance: User, **_: Any) -> None:
    """Delete what the gate decided about the reader, in the transaction that erases the account."""
    actions.forget_reader(instance)


def remember_browser(sender: type, request: HttpRequest, user: User, **_: Any) -> None:
    """What this browser read before the sign-in, a moment ago even, is the reader's as well."""
    reader_id = reader_id_of(request)

    def take_over() -> None:
        actions.fold_journal(seconds=FOLDING)
        actions.remember_browser(user, reader_id)

    if reader_id:
        # After the commit: a fold locks readers, and this one may be locked by the sign-in.
        transaction.on_commit(take_over, robust=True)


def end_links(sender: type, instance: User, **_: Any) -> None:
    """What an account gave or shared ends with the account; partners know nobody by it."""
    actions.take_back_all(instance)
    actions.forget_claimant(instance)


def end_links_of_closed(sender: type, instance: User, **_: Any) -> None:
    """And when the account is closed."""
    if not instance.is_active:
        actions.take_back_all(instance)
        actions.end_all_claims(instance)


def end_groups(sender: type, instance: User, **_: Any) -> None:
    """Whom an account lent a seat is told, its own seats are free, and nobody has its addresses."""
    actions.end_groups(instance)
    untaken = SeatInvitation.objects.filter(taken_at=None)
    untaken.filter(email__in=addresses(instance)).delete()


def end_groups_of_closed(sender: type, instance: User, **_: Any) -> None:
    """And when the account is closed."""
    if not instance.is_active:
        actions.end_groups(instance)


def follow_grant(sender: type, instance: Grant, **_: Any) -> None:
    """Gifts end with the right of their giver, and go on with it; partner benefits end as well."""
    actions.follow_rights(instance.reader_id)
    actions.follow_benefits(instance.reader_id)


def seat(sender: type, instance: Any, **_: Any) -> None:
    """A mail address came, was confirmed, or went."""
    with transaction.atomic():
        actions.seat_reader(instance.user_id, [instance.email])


def seat_all(sender: type, instance: Institution, **_: Any) -> None:
    """An institution is new or was changed."""
    actions.seat_readers(instance.pk)


def end_all(sender: type, instance: Institution, **_: Any) -> None:
    """An institution goes, and with it the seats."""
    actions.end_seats(instance)
