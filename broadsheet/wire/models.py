"""What came in: who sends (Source), where from (Feed), each poll (Fetch), each thing (Item)
with every version of it (Version). Versions are append-only: no wire text is ever lost.
"""

from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.wire.rules import zone_label
from broadsheet.wire.transports import UnknownLocation, transport_for
from broadsheet.wire.transports.base import FeedState


class Source(models.Model):
    """A wire: the agency as readers are told of it, and the zone of its zone-less dates."""

    name = models.SlugField(_("name"), unique=True)
    agency = models.CharField(_("agency"), max_length=120, help_text=_("As readers see it."))
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    class Meta:
        """Named as newspapers do."""

        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.agency


class Feed(models.Model):
    """Where a source's reports come from: an http(s) address or a watched folder."""

    source = models.ForeignKey(
        Source, models.CASCADE, related_name="feeds", verbose_name=_("source")
    )
    name = models.SlugField(_("name"), unique=True)
    location = models.CharField(_("location"), max_length=2000)
    format = models.CharField(_("format"), max_length=20, default="auto")
    active = models.BooleanField(_("active"), default=True)
    every = models.PositiveIntegerField(_("fetch every (seconds)"), default=120)
    state = models.JSONField(default=dict, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    next_at = models.DateTimeField(default=clock.now, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    fetched_at = models.DateTimeField(_("last fetched"), null=True, editable=False)

    class Meta:
        """Named as newspapers do."""

        verbose_name = _("feed")
        verbose_name_plural = _("feeds")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A location that no transport reaches is refused when it is saved."""
        try:
            transport_for(self.location)
        except UnknownLocation:
            sentence = _("This is neither an http(s) address nor a folder; give one of these.")
            raise ValidationError({"location": sentence}) from None

    @property
    def is_folder(self) -> bool:
        """Whether the location is a folder on this machine."""
        return "://" not in self.location

    def transport_state(self) -> FeedState:
        """What the transport remembered."""
        return FeedState.from_json(self.state)


class Outcome(models.TextChoices):
    """How a fetch ended."""

    TAKEN = "taken", _("taken in")
    UNCHANGED = "unchanged", _("unchanged")
    FAILED = "failed", _("failed")
    QUARANTINED = "quarantined", _("in quarantine")


class Fetch(models.Model):
    """One document from a feed, its raw bytes kept under `blob`, and what became of it."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="fetches")
    at = models.DateTimeField(default=clock.now)
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
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["outcome", "-at"])]

    def __str__(self) -> str:
        return f"{self.feed}: {self.name}"

    @property
    def problem(self) -> str:
        """The problems as one text."""
        return " ".join(self.problems)


class Status(models.TextChoices):
    """The wire's word about an item, in the terms of IPTC (pubStatus)."""

    USABLE = "usable", _("usable")
    WITHHELD = "withheld", _("withheld")
    CANCELED = "canceled", _("withdrawn")


class Item(models.Model):
    """One thing the agency sent, however often and by whatever transport."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="items")
    key = models.CharField(max_length=500)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.USABLE)
    first_seen = models.DateTimeField(default=clock.now, db_index=True)
    latest = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+")

    class Meta:
        """One Item for one key of a source."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["source", "key"], name="item_once")
        ]

    def __str__(self) -> str:
        return self.latest.headline if self.latest else self.key


class Alias(models.Model):
    """Another name of an item: canonical link, alternative id."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    value = models.CharField(max_length=1000)
    item = models.ForeignKey(Item, models.CASCADE, related_name="aliases")

    class Meta:
        """An alias belongs to one item of a source."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["source", "value"], name="alias_once")
        ]

    def __str__(self) -> str:
        return self.value


class Version(models.Model):
    """One version of an item, immutable. `sequence` orders all versions of the paper by commit.

    `fields` holds the sanitised text: headline, standfirst, body, byline, dateline, link, credit,
    agency, usage_terms, ednote, language, categories, topics, slugline, pictures. `applies` is
    false for a version that arrived after a newer one.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sequence = models.BigIntegerField(unique=True)
    fetch = models.ForeignKey(Fetch, models.SET_NULL, null=True, related_name="versions")
    received_at = models.DateTimeField(default=clock.now)
    content_hash = models.CharField(max_length=64)
    wire_version = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.USABLE)
    signal = models.CharField(max_length=14, blank=True)
    kind = models.CharField(max_length=10, default="news")
    flags = models.JSONField(default=list)
    applies = models.BooleanField(default=True)
    urgency = models.PositiveSmallIntegerField(null=True)
    dated = models.DateTimeField(null=True)
    dated_zone = models.CharField(max_length=12, blank=True)
    dated_offset = models.SmallIntegerField(default=0)
    embargo_until = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)
    fields = models.JSONField()

    class Meta:
        """A version number once for an item."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item", "number"], name="version_once")
        ]
        ordering: ClassVar[list[str]] = ["sequence"]

    def __str__(self) -> str:
        return f"{self.headline} (v{self.number})"

    @property
    def headline(self) -> str:
        """The wire's headline."""
        return str(self.fields.get("headline", ""))

    @property
    def body(self) -> str:
        """The wire's body, sanitised HTML."""
        return str(self.fields.get("body", ""))

    @property
    def dated_local(self) -> datetime | None:
        """The wire's own date in the wire's own zone."""
        if self.dated is None:
            return None
        offset = timedelta(minutes=self.dated_offset)
        return self.dated.astimezone(timezone(offset, zone_label(self.dated_zone, offset)))
