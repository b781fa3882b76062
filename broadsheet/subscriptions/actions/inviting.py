"""A group's owner invites by e-mail, sends again, takes back; who is invited takes the seat."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.accounts.reads import addresses
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.actions import group_mails
from broadsheet.subscriptions.actions.lending import lend
from broadsheet.subscriptions.actions.locking import lock_group
from broadsheet.subscriptions.models import Seat, SeatInvitation, Subscription
from broadsheet.subscriptions.reads.groups import (
    flaw_of,
    free_seats,
    invitation_of,
    opens_anything,
)
from broadsheet.subscriptions.telling_seats import refusal_of

KEPT = timedelta(days=30)


def invite(subscription: Subscription, email: str) -> SeatInvitation:
    """Ask an address to take a seat, by a mail with a link that works once.

    Raises Refusal when no seat is free, and for who reads in the group or is asked already.
    """
    email = email.strip().lower()
    with transaction.atomic():
        locked = _locked(subscription.pk)
        _check_lends(locked)
        _check_new(locked, email)
        waiting = SeatInvitation.objects.waiting().filter(subscription=locked, email=email).first()
        invitation = waiting or SeatInvitation(subscription=locked, email=email)
        _send(invitation)
    return invitation


def _locked(number: int, *others: int) -> Subscription:
    """A subscription, the readers of its group and others locked, then its own row: so nobody else
    gives a seat now."""
    lock_group(User.objects.filter(subscriptions=number), *others)
    found = Subscription.objects.select_for_update(no_key=True, of=("self",))
    return found.select_related("reader", "version__plan").get(pk=number)


def _check_lends(locked: Subscription) -> None:
    now = clock.now()
    if locked.version.seats < 2:
        words = _("Your plan is for one reader.")
        raise Refusal(words, _("Change to a plan for several readers to invite others."))
    if not locked.is_live or not opens_anything(locked, now):
        words = _("Your subscription opens nothing at the moment.")
        raise Refusal(words, _("Your account shows what to do."))


def _check_new(locked: Subscription, email: str) -> None:
    if email in {locked.reader.email.lower(), *map(str.lower, addresses(locked.reader))}:
        raise Refusal(_("This is your own address."), _("You read already: invite somebody else."))
    seats = Seat.objects.live().filter(subscription=locked)
    theirs = seats.filter(
        reader__emailaddress__email__iexact=email, reader__emailaddress__verified=True
    )
    if seats.filter(reader__email__iexact=email).exists() or theirs.exists():
        words = _("%(email)s reads with you already.") % {"email": email}
        raise Refusal(words, _("Invite somebody else."))
    open_ = SeatInvitation.objects.open(clock.now()).filter(subscription=locked)
    if open_.filter(email=email).exists():
        words = _("%(email)s is invited already.") % {"email": email}
        raise Refusal(words, _("You can send the invitation again below."))
    _check_free(locked)


def _check_free(locked: Subscription) -> None:
    if not free_seats(locked, clock.now()):
        words = _("Every seat is taken, or kept for somebody who is invited.")
        raise Refusal(words, _("Remove a reader or withdraw an invitation first."))


def _send(invitation: SeatInvitation) -> None:
    secret = invitation.renew()
    invitation.save()
    group_mails.invited(invitation, secret)


def send_again(invitation: SeatInvitation) -> None:
    """Another mail with another link; the one before opens nothing any more.

    Raises Refusal when it was taken or withdrawn meanwhile, or no seat is free for it any more.
    """
    with transaction.atomic():
        locked = _locked(invitation.subscription_id)
        _check_lends(locked)
        found = SeatInvitation.objects.waiting().filter(pk=invitation.pk).first()
        if found is None:
            words = _("This invitation was taken, or withdrawn.")
            raise Refusal(words, _("Nothing was sent."))
        if found.expires_at <= clock.now():
            _check_free(locked)
        found.subscription = locked
        _send(found)


def take_invitation_back(invitation: SeatInvitation) -> bool:
    """Its link opens nothing any more, and the seat is free. False when it was too late."""
    with transaction.atomic():
        _locked(invitation.subscription_id)
        waiting = SeatInvitation.objects.waiting().filter(pk=invitation.pk)
        return bool(waiting.update(withdrawn_at=clock.now()))


def take_seat(reader: User, secret: str) -> Seat:
    """Take the seat that a link offers; by a double click it is the same seat.

    Raises Refusal when it cannot be taken, or not by this reader: `telling_seats.py` says why.
    """
    known = invitation_of(secret)
    if known is None:
        raise refusal_of("withdrawn")
    with transaction.atomic():
        locked = _locked(known.subscription_id, reader.pk)
        invitation = invitation_of(secret)
        if invitation is None:
            raise refusal_of("withdrawn")
        seat = invitation.seat
        if seat is not None and seat.reader_id == reader.pk and seat.left_at is None:
            return seat
        flaw = flaw_of(invitation, reader, clock.now())
        if flaw is not None:
            raise refusal_of(flaw)
        return _taken(locked, invitation, reader)


def _taken(locked: Subscription, invitation: SeatInvitation, reader: User) -> Seat:
    seat = Seat.objects.create(subscription=locked, reader=reader)
    waiting = SeatInvitation.objects.waiting().filter(pk=invitation.pk)
    if not waiting.update(taken_at=seat.taken_at, seat=seat):
        raise refusal_of("withdrawn")
    lend(locked)
    used = Seat.objects.live().filter(subscription=locked).count() + 1
    group_mails.taken(seat, used)
    return seat


def forget_invitations() -> int:
    """Delete what came to nothing 30 days after it ended: addresses of people who may be no
    readers of ours are not kept longer. Returns how many."""
    gone = SeatInvitation.objects.filter(expires_at__lt=clock.now() - KEPT, taken_at=None)
    return gone.delete()[0]
