"""Where a source's reports come from, and each document that came."""

from dataclasses import replace
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.wire.models.sending import Follow
from broadsheet.wire.models.sources import Source
from broadsheet.wire.rules import host_of, may_be_named
from broadsheet.wire.transports import UnknownLocation, check
from broadsheet.wire.transports.base import FeedState
from broadsheet.wire.transports.push import LOCATION as PUSHED

WRONG_LOCATIONS = {
    "kind": _("Give http(s)://…, ftp(s)://…, sftp://…, imaps://…, a folder, or push: alone."),
    "host": _("The address names no host; write scheme://host/path."),
    "name": _("Take user and password out of the address; the fields below are for them."),
}
"""What is said of a location, by the fault it has."""


class Auth(models.TextChoices):
    """How the paper says who it is to a feed's server."""

    NONE = "", _("not at all")
    BASIC = "basic", _("name and password")
    BEARER = "bearer", _("bearer token")
    HEADER = "header", _("a header of its own")


class Feed(models.Model):
    """Where a source's reports come from: an address, a folder, a mailbox, or signed pushes."""

    source = models.ForeignKey(
        Source, models.CASCADE, related_name="feeds", verbose_name=_("source")
    )
    name = models.SlugField(_("name"), unique=True)
    location = models.CharField(_("location"), max_length=2000)
    format = models.CharField(_("format"), max_length=20, default="auto")
    active = models.BooleanField(_("active"), default=True)
    every = models.PositiveIntegerField(
        _("least pause (seconds)"), default=120, help_text=_("Never asked more often than that.")
    )
    seldom = models.PositiveIntegerField(
        _("longest pause (seconds)"), default=4 * 3600,
        help_text=_("In between, how often it is asked follows how often it publishes."),
    )  # fmt: skip
    auth = models.CharField(
        _("signs in by"), max_length=8, choices=Auth.choices, blank=True, default=Auth.NONE
    )
    auth_name = models.CharField(
        _("user or header name"), max_length=100, blank=True,
        help_text=_("The user of a password, or the name of the header, such as X-Api-Key."),
    )  # fmt: skip
    secret = models.SlugField(
        _("name of the secret"), blank=True,
        help_text=_("The name of a line in BROADSHEET_WIRE_SECRETS, never the secret itself."),
    )  # fmt: skip
    state = models.JSONField(default=dict, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    problem = models.TextField(blank=True, editable=False)
    next_at = models.DateTimeField(default=clock.now, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    fetched_at = models.DateTimeField(_("last fetched"), null=True, editable=False)
    watched_since = models.DateTimeField(default=clock.now, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    moments = models.JSONField(default=list, editable=False)
    hours = models.JSONField(default=list, editable=False)
    rhythm = models.PositiveIntegerField(null=True, editable=False)
    quiet_since = models.DateTimeField(null=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)
    moved_to = models.CharField(max_length=2000, blank=True, editable=False)
    moved_since = models.DateTimeField(null=True, editable=False)
    moved_seen = models.PositiveIntegerField(default=0, editable=False)
    hub = models.CharField(_("ask its hub"), max_length=4, choices=Follow, default=Follow.AUTO)
    host_key = models.CharField(
        _("host key"), max_length=500, blank=True,
        help_text=_("SFTP: the fingerprint that the agency told you, such as SHA256:…"),
    )  # fmt: skip
    senders = models.TextField(
        _("senders"), blank=True,
        help_text=_("Mailbox: whose mail is taken. An address or @agency.example in each line."),
    )  # fmt: skip
    mail_publishes = models.BooleanField(
        _("mail may publish itself"), default=False,
        help_text=_("The sender of a mail can be forged. Unless this is set, the desk decides."),
    )  # fmt: skip
    ignored = models.PositiveIntegerField(_("left alone"), default=0, editable=False)

    class Meta:
        """Named as newspapers do."""

        verbose_name = _("feed")
        verbose_name_plural = _("feeds")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refused when it is saved: a location that no transport reaches, half a sign-in."""
        try:
            check(self.location)
        except UnknownLocation as error:
            raise ValidationError({"location": WRONG_LOCATIONS[error.fault]}) from None
        if self.seldom < self.every:
            sentence = _("The longest pause is shorter than the least one; make it longer.")
            raise ValidationError({"seldom": sentence})
        self._clean_sign_in()
        self._clean_drop()

    def _clean_sign_in(self) -> None:
        if self.auth and not self.secret:
            raise ValidationError({"secret": _("Name the secret that it signs in with.")})
        if self.auth in (Auth.BASIC, Auth.HEADER) and not may_be_named(self.auth, self.auth_name):
            raise ValidationError({"auth_name": _("Give the user, or a header such as X-Api-Key.")})

    def _clean_drop(self) -> None:
        scheme = self.location.partition(":")[0]
        if scheme in ("ftp", "ftps", "sftp", "imaps") and self.auth not in ("", Auth.BASIC):
            raise ValidationError({"auth": _("This kind of feed signs in by name and password.")})
        if scheme in ("sftp", "imaps") and not self.auth:
            raise ValidationError({"auth": _("This kind of feed lets nobody in without a name.")})
        if any(not key.startswith("SHA256:") for key in self.host_key.split()):
            sentence = _("A fingerprint begins with SHA256: and is shown by the first fetch.")
            raise ValidationError({"host_key": sentence})
        if self.is_mailbox and not self.transport_state().senders:
            raise ValidationError(
                {"senders": _("Say whose mail is taken; all other is left alone.")}
            )
        if any("@" not in sender for sender in self.senders.split()):
            raise ValidationError(
                {"senders": _("Write an address or @agency.example in each line.")}
            )

    @property
    def is_folder(self) -> bool:
        """Whether the location is a folder on this machine."""
        return "://" not in self.location and not self.is_pushed

    @property
    def is_mailbox(self) -> bool:
        """Whether its documents come by mail."""
        return self.location.startswith("imaps:")

    @property
    def vouches(self) -> bool:
        """Whether it is sure who sends its documents: the sender of a mail can be forged."""
        return not self.is_mailbox or self.mail_publishes

    @property
    def is_pushed(self) -> bool:
        """Whether the agency sends by signed push."""
        return self.location == PUSHED

    @property
    def host(self) -> str:
        """Who is asked: feeds of one host are asked one after another. A folder is its own."""
        return host_of(self.location)

    def transport_state(self) -> FeedState:
        """What the transport remembered."""
        senders = frozenset(line.strip().lower() for line in self.senders.split() if line.strip())
        return replace(
            FeedState.from_json(self.state), host_key=self.host_key.strip(), senders=senders
        )


class Outcome(models.TextChoices):
    """How a fetch ended."""

    TAKEN = "taken", _("taken in")
    UNCHANGED = "unchanged", _("unchanged")
    FAILED = "failed", _("failed")
    QUARANTINED = "quarantined", _("in quarantine")


class Fetch(models.Model):
    """One document from a feed, its raw bytes kept under `blob`, and what became of it; or a run
    of `times` fetches, from `since` to `at`, that all came to the same and brought no document.

    `seconds` is how long the answer took, `status` the HTTP status, `size` counts bytes.
    """

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="fetches")
    at = models.DateTimeField(default=clock.now)
    since = models.DateTimeField(null=True)
    times = models.PositiveIntegerField(default=1)
    seconds = models.FloatField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    size = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=2000)
    blob = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    repairs = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["outcome", "-at"]),
            models.Index(fields=["feed", "-at"]),
            models.Index(fields=["blob"]),
        ]

    def __str__(self) -> str:
        return f"{self.feed}: {self.name}"

    @property
    def problem(self) -> str:
        """The problems as one text."""
        return " ".join(self.problems)
