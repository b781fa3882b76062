"""Groups: who has a seat, how many are free, who is invited, and what stands against a seat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Q

from broadsheet.accounts.models import User
from broadsheet.accounts.reads import addresses
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import (
    Grant,
    PlanChange,
    Seat,
    SeatInvitation,
    Subscription,
)
from broadsheet.subscriptions.models.groups import digest_of

Flaw = Literal["withdrawn", "expired", "taken", "over", "full", "other", "own", "member"]

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class MemberView(View):
    """A seat that somebody has, since when, in the paper's zone."""

    number: int
    email: str
    since: datetime


@dataclass(frozen=True, slots=True)
class InvitedView(View):
    """An invitation that waits; times are in the paper's zone."""

    number: int
    email: str
    sent: datetime
    expires: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class GroupView(View):
    """A group as its owner sees it: `used` of `seats` are taken, the owner's own among them;
    `left` more can be invited, `kept` are for those who are. `fewer` is for how many the plan is
    that comes next, 0 when none with fewer does."""

    plan: str
    seats: int
    used: int
    left: int
    kept: int
    fewer: int
    members: tuple[MemberView, ...]
    invited: tuple[InvitedView, ...]


@dataclass(frozen=True, slots=True)
class MembershipView(View):
    """A seat as its reader sees it: whose group it is and what it reads by, nothing of what that
    pays."""

    number: int
    owner: str
    plan: str


def room_of(subscription: Subscription) -> int:
    """How many others than the owner may have a seat: of a plan that waits to replace this one by
    fewer, so many."""
    waiting = subscription.changes.filter(state__in=PlanChange.WAITING)
    counts = waiting.values_list("version__seats", flat=True)
    return int(min([subscription.version.seats, *counts])) - 1


def free_seats(subscription: Subscription, now: datetime) -> int:
    """How many seats are neither taken nor kept for an invitation."""
    promised = SeatInvitation.objects.open(now).filter(subscription=subscription).count()
    taken = Seat.objects.live().filter(subscription=subscription).count()
    return max(0, room_of(subscription) - taken - promised)


def group_of(reader: User) -> Subscription | None:
    """The reader's live subscription when it is for several readers, or still has members."""
    found = reader.subscriptions.live().select_related("version__plan", "reader").first()
    return found if found is not None and is_group(found) else None


def is_group(subscription: Subscription) -> bool:
    """Whether it lends seats: by its plan, or because members are there still."""
    several = subscription.version.seats > 1
    return several or Seat.objects.live().filter(subscription=subscription).exists()


def members_of(subscription: Subscription) -> int:
    """How many others read by a subscription beside its owner."""
    return Seat.objects.live().filter(subscription=subscription).count()


def has_group(reader: User) -> bool:
    """Whether the reader owns a group, or has a seat in one."""
    seats = Seat.objects.live().filter(Q(reader=reader) | Q(subscription__reader=reader))
    several = reader.subscriptions.live().filter(version__seats__gt=1)
    return bool(seats.exists() or several.exists())


def group_view(subscription: Subscription) -> GroupView:
    """The view of a group, in three queries however many read in it."""
    zone, now = ZoneInfo(Paper.load().time_zone), clock.now()
    seats = list(Seat.objects.live().filter(subscription=subscription).select_related("reader"))
    invited = SeatInvitation.objects.waiting().filter(subscription=subscription)
    waiting = list(invited.order_by("sent_at", "pk")[: 2 * MOST_LISTED])
    room, promised = room_of(subscription), sum(one.expires_at > now for one in waiting)
    return GroupView(
        plan=subscription.version.plan.name,
        seats=subscription.version.seats,
        used=len(seats) + 1,
        left=max(0, room - len(seats) - promised),
        kept=promised,
        fewer=room + 1 if room + 1 < subscription.version.seats else 0,
        members=tuple(
            MemberView(seat.pk, seat.reader.email, seat.taken_at.astimezone(zone)) for seat in seats
        ),
        invited=tuple(_invited_view(one, zone, now) for one in waiting),
    )


def _invited_view(invitation: SeatInvitation, zone: ZoneInfo, now: datetime) -> InvitedView:
    return InvitedView(
        invitation.pk,
        invitation.email,
        invitation.sent_at.astimezone(zone),
        invitation.expires_at.astimezone(zone),
        invitation.expires_at <= now,
    )


def memberships(reader: User) -> list[MembershipView]:
    """The groups through which the reader reads now."""
    open_ = Grant.objects.in_force(clock.now()).filter(reader=reader, seat__isnull=False)
    seats = Seat.objects.live().filter(reader=reader, pk__in=open_.values("seat"))
    found = seats.select_related("subscription__reader", "subscription__version__plan")
    return [
        MembershipView(seat.pk, seat.subscription.reader.email, seat.subscription.version.plan.name)
        for seat in found
    ]


def invitation_of(secret: str) -> SeatInvitation | None:
    """The invitation that a link opens; None when there is none, or it was sent again."""
    found = SeatInvitation.objects.select_related(
        "subscription__reader", "subscription__version__plan", "seat"
    )
    return found.filter(digest=digest_of(secret)).first()


def flaw_of(invitation: SeatInvitation, reader: User | None, now: datetime) -> Flaw | None:
    """Why nobody, or not this reader, can take the seat; None when it can be taken.

    Who is not signed in is asked later whose the address is.
    """
    subscription = invitation.subscription
    if invitation.taken_at is not None:
        return "taken"
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    if not subscription.is_live or not opens_anything(subscription, now):
        return "over"
    if invitation.expires_at <= now:
        return "expired"
    if reader is not None:
        flaw = _flaw_of_reader(invitation, reader)
        if flaw is not None:
            return flaw
    taken = Seat.objects.live().filter(subscription=subscription).count()
    return "full" if taken >= room_of(subscription) else None


def _flaw_of_reader(invitation: SeatInvitation, reader: User) -> Flaw | None:
    if reader.pk == invitation.subscription.reader_id:
        return "own"
    if invitation.email.lower() not in {address.lower() for address in addresses(reader)}:
        return "other"
    ours = Seat.objects.live().filter(subscription=invitation.subscription, reader=reader)
    return "member" if ours.exists() else None


def opens_anything(subscription: Subscription, now: datetime) -> bool:
    """Whether the owner reads by it at `now`: only that can be lent."""
    grants = Grant.objects.in_force(now).filter(subscription=subscription)
    return bool(subscription.reader.is_active and grants.exists())


def masked(email: str) -> str:
    """An address for eyes that may be somebody else's: b…@lantern.example."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"
