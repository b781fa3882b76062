"""Models of those who send by themselves: leases at hubs, addresses for signed pushes."""

import secrets
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock


class Follow(models.TextChoices):
    """Whether a feed's hub (WebSub) is asked to send what is new."""

    AUTO = "auto", _("when this paper can be reached from outside")
    ON = "on", _("always")
    OFF = "off", _("never")


def new_token() -> str:
    """The last segment of an address that nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


class Wanted(models.TextChoices):
    """What the paper wants of a hub; the words of WebSub 5.1 (hub.mode)."""

    SUBSCRIBE = "subscribe", _("subscribed")
    UNSUBSCRIBE = "unsubscribe", _("given back")


class HubLease(models.Model):
    """A subscription at a feed's hub (WebSub), and how long it lasts.

    It outlives its feed until the hub has let go of it. `location` is the feed's when it was made.
    Its secret is not stored: see `hubs.secret_of`.
    """

    feed = models.OneToOneField("wire.Feed", models.SET_NULL, null=True, related_name="hub_lease")
    location = models.CharField(max_length=2000)
    token = models.CharField(max_length=60, unique=True, default=new_token)
    hub = models.CharField(max_length=2000)
    topic = models.CharField(max_length=2000)
    wanted = models.CharField(max_length=11, choices=Wanted, default=Wanted.SUBSCRIBE)
    asked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=clock.now, db_index=True)
    until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.topic} at {self.hub}"


class PushAddress(models.Model):
    """Where an agency pushes a feed to. The secret is not stored: see `pushes.secret_of`."""

    feed = models.OneToOneField("wire.Feed", models.CASCADE, related_name="push_address")
    token = models.CharField(max_length=60, unique=True, default=new_token)
    salt = models.CharField(max_length=60, default=new_token)
    rotated_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.feed)


class PushDelivery(models.Model):
    """A signature that was taken already, kept for as long as it would be accepted."""

    address = models.ForeignKey(PushAddress, models.CASCADE, related_name="deliveries")
    signature = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        """A delivery is taken once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["address", "signature"], name="push_delivery_once")
        ]

    def __str__(self) -> str:
        return self.signature
