"""A group reads by what its owner's subscription opens, and exactly as long."""

from collections import defaultdict
from functools import partial

from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.subscriptions.actions import group_mails
from broadsheet.subscriptions.actions.following import follow_grants
from broadsheet.subscriptions.actions.locking import lock_readers
from broadsheet.subscriptions.actions.matching import match
from broadsheet.subscriptions.models import Grant, Seat, SeatInvitation, Subscription
from broadsheet.subscriptions.rules import LENT, Door, lent


def lend(subscription: Subscription) -> None:
    """Make the members' grants equal to the owner's, in the present transaction and under the
    locks of `lock_group`.

    Of more seats than the plan has the newest end. Who reads nothing by a seat any more is told
    once, and reads on by it should the subscription come back.
    """
    seats = _locked(subscription)
    if not seats:
        return
    if subscription.is_live:
        room = subscription.version.seats - 1
        for seat in seats[room:]:
            _end(seat, Seat.FEWER)
        seats = seats[:room]
    doors = _doors(subscription)
    held: dict[int | None, list[Grant]] = defaultdict(list)
    for grant in Grant.objects.filter(seat__in=seats):
        held[grant.seat_id].append(grant)
    follow_grants(match((held[s.pk], lent(doors, s.taken_at), partial(_grant, s)) for s in seats))
    now = clock.now()
    _tell(seats, is_open=any(door.is_open_after(now) for door in doors))


def _locked(subscription: Subscription) -> list[Seat]:
    """The live seats, their readers locked, if `lock_group` did not: what members give away hangs
    on their grants."""
    live = Seat.objects.live().filter(subscription=subscription)
    numbers = list(live.values_list("reader", flat=True))
    if not numbers:
        return []
    lock_readers(numbers)
    # Read anew: one may have left while we waited.
    return list(live.select_related("reader", "subscription__reader"))


def _doors(subscription: Subscription) -> list[Door]:
    """What the owner's grants open, whatever wrote them."""
    found = subscription.grants.filter(
        source__in=tuple(LENT), revoked_at=None, valid_until__isnull=False
    )
    columns = ("entitlement", "source", "period", "valid_from", "valid_until")
    return [Door(*row) for row in found.values_list(*columns)]


def _grant(seat: Seat, door: Door) -> Grant:
    return Grant(
        reader_id=seat.reader_id, seat=seat, entitlement=door.entitlement, source=door.source,
        period=door.period, valid_from=door.opens, valid_until=door.closes,
    )  # fmt: skip


def _tell(seats: list[Seat], *, is_open: bool) -> None:
    for seat in seats:
        if is_open and seat.told_at is not None:
            seat.told_at = None
        elif not is_open and seat.told_at is None:
            seat.told_at = clock.now()
            group_mails.closed(seat)
        else:
            continue
        seat.save(update_fields=["told_at"])


def vacate(seat: Seat, why: str) -> bool:
    """A seat ends now, for a reason such as `Seat.REMOVED`; the member is told by mail, who leaves
    of the own will is not. Ended before, it changes nothing: False."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).filter(pk=seat.reader_id).first()
        locked = Seat.objects.live().filter(pk=seat.pk)
        found = locked.select_related("reader", "subscription__reader").first()
        if found is None:
            return False
        _end(found, why)
    return True


def _end(seat: Seat, why: str) -> None:
    """Under the lock of the member."""
    seat.left_at, seat.why = clock.now(), why
    seat.save(update_fields=["left_at", "why"])
    Grant.objects.filter(seat=seat, revoked_at=None).update(revoked_at=seat.left_at)
    follow_grants([seat.reader_id])
    if why != Seat.LEFT and seat.told_at is None:
        group_mails.ended(seat)


def end_groups(reader: User) -> None:
    """An account goes: whom it lent a seat is told, and its own seats are free for others."""
    lent_out = Seat.objects.live().filter(subscription__reader=reader)
    for seat in lent_out.order_by("reader_id"):
        vacate(seat, Seat.CLOSED)
    for seat in Seat.objects.live().filter(reader=reader):
        vacate(seat, Seat.LEFT)
    now = clock.now()
    SeatInvitation.objects.waiting().filter(subscription__reader=reader).update(withdrawn_at=now)
