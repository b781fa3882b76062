"""Locks of several readers at once, the lowest number first, so that nobody waits in a circle."""

from collections.abc import Iterable

from django.db.models import QuerySet

from broadsheet.accounts.models import User
from broadsheet.subscriptions.models import Seat


def lock_readers(numbers: Iterable[int]) -> None:
    """Hold the rows of these readers until the transaction ends."""
    wanted = sorted(set(numbers))
    if wanted:
        _lock(User.objects.filter(pk__in=wanted))


def lock_group(owners: QuerySet[User], *others: int) -> None:
    """Hold an owner, whoever reads in a group of that owner, and others, until the transaction
    ends.

    Before anything else is locked or booked: what the owner's subscription opens is lent in the
    same transaction, and a member may hold the own row and wait for the books.
    """
    members = Seat.objects.filter(left_at=None, subscription__reader__in=owners)
    more = User.objects.filter(pk__in=others)
    numbers = owners.order_by().values("pk").union(members.values("reader"), more.values("pk"))
    _lock(User.objects.filter(pk__in=numbers))


def _lock(readers: QuerySet[User]) -> None:
    list(readers.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
