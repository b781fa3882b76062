"""What is mailed about seats: to who is invited, to the owner, to members."""

from zoneinfo import ZoneInfo

from django.utils import translation

from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.subscriptions.models import Seat, SeatInvitation
from broadsheet.subscriptions.reads.offers import benefits_of, known
from broadsheet.subscriptions.reads.origin import origin


def invited(invitation: SeatInvitation, secret: str) -> None:
    """The invitation, with the one link that takes the seat."""
    subscription = invitation.subscription
    with translation.override(Paper.load().language):
        benefits = [benefit.title for benefit in benefits_of(subscription.version, known())]
    _queue(
        "seat_invited",
        invitation.email,
        owner=subscription.reader.email,
        benefits=", ".join(benefits),
        url=f"{origin()}/account/invitation/{secret}/",
        expires=invitation.expires_at.astimezone(ZoneInfo(subscription.zone)),
    )


def taken(seat: Seat, used: int) -> None:
    """To the owner: somebody took a seat, and how many are used now."""
    subscription = seat.subscription
    _queue(
        "seat_taken",
        subscription.reader.email,
        member=seat.reader.email,
        plan=subscription.version.plan.name,
        used=used,
        seats=subscription.version.seats,
        url=f"{origin()}/account/group/",
    )


def ended(seat: Seat) -> None:
    """To the member: the seat is gone."""
    _ended(seat, seat.why)


def closed(seat: Seat) -> None:
    """To the member: the group's subscription is over, or its payment went back."""
    _ended(seat, "over")


def _ended(seat: Seat, why: str) -> None:
    _queue(
        "seat_ended",
        seat.reader.email,
        owner=seat.subscription.reader.email,
        why=why,
        url=f"{origin()}/subscribe/",
    )


def _queue(name: str, to: str, **facts: object) -> None:
    queue(to, f"subscriptions/mail/{name}", facts, paper=letterhead(origin()))
