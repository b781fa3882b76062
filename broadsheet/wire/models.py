"""What came in: who sends (Source), where from (Feed), each poll (Fetch), each thing (Item)
with every version of it (Version). Versions are append-only: no wire text is ever lost.
"""

from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.wire.rules import zone_label
from broadsheet.wire.transports import UnknownLocation, transport_for
from broadsheet.wire.transports.base import FeedState


def is_zone(name: str) -> None:
    """A zone of the IANA database. Raises ValidationError for anything else."""
    if name not in available_timezones():
        raise ValidationError(
            _("'%(name)s' is no time zone. Give one like Asia/Kolkata or Europe/Lisbon."),
            params={"name": name},
        )


class Source(models.Model):
    """A wire: the agency as readers are told of it, and what its contract and its habits ask for.

    `zone` is what its dates without a zone are in, `language` and `credit_line` what is taken when
    an item states none.
    """

    name = models.SlugField(_("name"), unique=True)
    agency = models.CharField(_("agency"), max_length=120, help_text=_("As readers see it."))
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[is_zone])
    language = models.CharField(
        _("language"), max_length=35, blank=True,
        help_text=_("Of items that state none, such as en-IN."),
    )  # fmt: skip
    credit_line = models.CharField(
        _("credit line"), max_length=200, blank=True, help_text=_("Of items that state none.")
    )
    auto_publish = models.BooleanField(
        _("may be published by rules"), default=True,
        help_text=_("Off: every report waits for the desk, whatever the rules say."),
    )  # fmt: skip
    max_age_hours = models.PositiveIntegerField(
        _("age limit (hours)"), null=True, blank=True,
        help_text=_("Older reports are kept and never published by themselves. Empty: no limit."),
    )  # fmt: skip
    online_days = models.PositiveSmallIntegerField(
        _("days online"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("As the contract says; then the report comes off the site. Empty: for good."),
    )  # fmt: skip
    noindex = models.BooleanField(
        _("keep out of search engines"), default=False,
        help_text=_("As agencies may ask of those who print their reports."),
    )  # fmt: skip
    canonical_to_source = models.BooleanField(
        _("name the agency's page as the original"), default=False
    )

    class Meta:
        """Named as newspapers do."""

        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.agency

    @property
    def max_age(self) -> timedelta | None:
        """The age limit, None for no limit."""
        return None if self.max_age_hours is None else timedelta(hours=self.max_age_hours)


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
    agency, usage_terms, ednote, language, categories, topics, slug, pictures, and `withdraws`:
    the other item that this text asks to take back. `applies` is false for a version that arrived
    after a newer one. `embargo_until` covers the item in all its versions.
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


class Arrival(models.Model):
    """That a feed brought a version, and the fetch that brought it first: two feeds, two arrivals.

    The same text again from the same feed is no further one.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="arrivals")
    feed = models.ForeignKey(Feed, models.CASCADE, related_name="arrivals")
    fetch = models.ForeignKey(Fetch, models.SET_NULL, null=True, related_name="arrivals")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        """One for each feed."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "feed"], name="arrival_once")
        ]
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.version} ({self.feed})"
