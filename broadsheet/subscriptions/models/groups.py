"""Groups: a subscription for several readers lends seats to others, who come by invitation."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.subscriptions.models.subscription import Subscription

LASTS = timedelta(days=14)
"""How long an invitation can be taken."""


class SeatQuerySet(models.QuerySet["Seat"]):
    """Chainable filters."""

    def live(self) -> "SeatQuerySet":
        """Those that nobody has ended, the first taken first."""
        return self.filter(left_at=None).order_by("taken_at", "pk")


class Seat(models.Model):
    """A reader's place in the group of a subscription, beside its owner, who needs none.

    It opens nothing itself: the member's grants follow the owner's (`actions/lending.py: lend`).
    It outlasts the subscription, for that may come back; `told_at` is when the member was told
    that nothing is open any more, None as long as something is.
    """

    LEFT, REMOVED, FEWER, CLOSED = "left", "removed", "fewer", "closed"
    REASONS: ClassVar[list[tuple[str, object]]] = [
        (LEFT, _("left")), (REMOVED, _("removed")), (FEWER, _("fewer seats")),
        (CLOSED, _("account closed")),
    ]  # fmt: skip

    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="seats", verbose_name=_("subscription")
    )
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="seats", verbose_name=_("reader")
    )
    taken_at = models.DateTimeField(_("taken"), default=clock.now)
    left_at = models.DateTimeField(_("ended"), null=True)
    why = models.CharField(_("reason"), max_length=8, choices=REASONS, blank=True)
    told_at = models.DateTimeField(null=True)
    objects: ClassVar[models.Manager["Seat"]] = SeatQuerySet.as_manager()

    class Meta:
        """One live seat of a reader in a group."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "reader"], condition=Q(left_at=None), name="seat_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.subscription_id}"


def digest_of(secret: str) -> str:
    """What is kept of an invitation's secret: whoever reads the database can take no seat."""
    return sha256(secret.encode()).hexdigest()


class SeatInvitationQuerySet(models.QuerySet["SeatInvitation"]):
    """Chainable filters."""

    def waiting(self) -> "SeatInvitationQuerySet":
        """Neither taken nor withdrawn, expired or not."""
        return self.filter(taken_at=None, withdrawn_at=None)

    def open(self, now: datetime) -> "SeatInvitationQuerySet":
        """Those that can be taken: each keeps a seat free."""
        return self.waiting().filter(expires_at__gt=now)


class SeatInvitation(models.Model):
    """The owner of a group asks whoever has an address to take a seat, once.

    Its secret is in the mail alone; sent again it is another one. `seat` is what came of it.
    """

    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="invitations"
    )  # fmt: skip
    email = models.EmailField(_("e-mail address"))
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"), default=clock.now)
    sent_at = models.DateTimeField(_("sent"), default=clock.now)
    expires_at = models.DateTimeField(_("expires"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    taken_at = models.DateTimeField(_("taken"), null=True)
    seat = models.ForeignKey(Seat, models.CASCADE, null=True, related_name="+")
    objects: ClassVar[models.Manager["SeatInvitation"]] = SeatInvitationQuerySet.as_manager()

    class Meta:
        """One that waits for one address in a group."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "email"],
                condition=Q(taken_at=None, withdrawn_at=None),
                name="one_invitation_waits",
            )
        ]

    def __str__(self) -> str:
        return self.email

    def renew(self) -> str:
        """A new secret and the full time to take it, not saved; returns the secret."""
        secret = secrets.token_urlsafe(24)
        self.digest, self.sent_at = digest_of(secret), clock.now()
        self.expires_at = self.sent_at + LASTS
        return secret
