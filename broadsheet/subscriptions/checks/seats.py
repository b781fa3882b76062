"""Do seats agree with the subscriptions that lend them? What does not, with a remedy."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F, Q, QuerySet

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import chunked, named
from broadsheet.subscriptions.models import Grant, Seat, Subscription
from broadsheet.subscriptions.rules import GROUP_GRACE, LENT, Door, lent

ANEW = (
    "Have the gateway send its last webhook about the subscription again, or stop and resume its"
    " renewal in the desk: what it lends is then written anew."
)

Owned = dict[Door, int]
"""What an owner's grants open, and their numbers."""


def problems() -> Iterator[Problem]:
    """No more seats than the plan has; a member's grant for each of the owner's, and no other."""
    taken = Count("seats", filter=Q(seats__left_at=None))
    live = Subscription.objects.live().annotate(taken=taken)
    full = live.filter(taken__gte=F("version__seats")).exclude(taken=0)
    for number, count in full.values_list("pk", "taken"):
        text = f"Subscription {number} lends {count} seats, more than its plan has."
        yield Problem(text, ANEW)
    left = _given().filter(seat__left_at__isnull=False)
    for grant in left.iterator():
        yield _strays(grant)
    for chunk in chunked(Seat.objects.filter(left_at=None)):
        owned, held = _owned(chunk), _held(chunk)
        for seat in chunk:
            yield from _compared(seat, owned[seat.subscription_id], held[seat.pk])


def _given() -> QuerySet[Grant]:
    return Grant.objects.filter(source__in=tuple(LENT.values()), revoked_at=None)


def _strays(grant: Grant) -> Problem:
    text = f"{named(grant)} of seat {grant.seat_id} follows no grant of the group's owner."
    return Problem(text, ANEW)


def _owned(chunk: list[Seat]) -> dict[int, Owned]:
    """What the owners' grants open, by subscription, in one query."""
    owners = Grant.objects.filter(
        subscription__in={seat.subscription_id for seat in chunk}, source__in=tuple(LENT),
        revoked_at=None, valid_until__isnull=False,
    )  # fmt: skip
    found: dict[int, Owned] = defaultdict(dict)
    columns = ("entitlement", "source", "period", "valid_from", "valid_until")
    for subscription, number, *facts in owners.values_list("subscription", "pk", *columns):
        found[subscription][Door(*facts)] = number
    return found


def _held(chunk: list[Seat]) -> dict[int, list[Grant]]:
    found: dict[int, list[Grant]] = defaultdict(list)
    for grant in _given().filter(seat__in=chunk).order_by("pk"):
        found[grant.seat_id or 0].append(grant)
    return found


def _compared(seat: Seat, owned: Owned, held: list[Grant]) -> Iterator[Problem]:
    wanted = {
        (follows.entitlement, follows.source, follows.period): (follows, number)
        for door, number in owned.items()
        for follows in lent([door], seat.taken_at)
    }
    for grant in held:
        door, _number = wanted.pop((grant.entitlement, grant.source, grant.period or 0), (None, 0))
        if door is None or not _is_lent(grant, seat, door):
            yield _strays(grant)
    for _door, number in sorted(wanted.values(), key=lambda pair: pair[1]):
        text = f"Grant {number} of a group's owner is not followed by seat {seat.pk}."
        yield Problem(text, ANEW)


def _is_lent(grant: Grant, seat: Seat, door: Door) -> bool:
    """Whether it is the seat's, from no earlier than it was taken, as long as the owner's."""
    first = door.opens if door.source == GROUP_GRACE else seat.taken_at
    opens = first <= grant.valid_from <= door.opens
    return opens and (grant.reader_id, grant.valid_until) == (seat.reader_id, door.closes)
