"""Seats: those the reader has, those of the reader's own group, and who was invited to one."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from broadsheet.accounts.models import User
from broadsheet.accounts.reads import addresses
from broadsheet.subscriptions.models import Seat, SeatInvitation
from broadsheet.subscriptions.reads.export.kind import Kind

TOLD = "When a mail said that it opens nothing any more; the mail is exported."


def _invitations(reader: User) -> QuerySet[Any]:
    """Those the reader sent, and those sent to addresses that the reader has confirmed."""
    ours = Q(subscription__reader=reader) | Q(email__in=addresses(reader))
    return SeatInvitation.objects.filter(ours).order_by("made_at", "pk")


GROUPS = (
    Kind(
        "seats", _("Your seats in groups"), Seat,
        lambda reader: Seat.objects.filter(reader=reader).order_by("taken_at", "pk"),
        ("subscription__reader__email", "taken_at", "left_at", "why"),
        {"reader": "The reader.", "told_at": TOLD},
    ),
    Kind(
        "group-members", _("Who reads or read in your group"), Seat,
        lambda reader: Seat.objects.filter(subscription__reader=reader).order_by("taken_at", "pk"),
        ("reader__email", "taken_at", "left_at", "why"),
        {"subscription": "The reader's own.", "told_at": TOLD},
    ),
    Kind(
        "seat-invitations", _("Invitations to groups"), SeatInvitation, _invitations,
        ("subscription__reader__email", "email", "made_at", "sent_at", "expires_at",
         "withdrawn_at", "taken_at"),
        {
            "digest": "Made of the link that takes the seat.",
            "seat": "What came of it, in a file of its own.",
        },
    ),
)  # fmt: skip
