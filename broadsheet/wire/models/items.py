"""Each thing that came in, with every version of it. Versions are append-only: no text is lost."""

from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.wire.models.feeds import Feed, Fetch
from broadsheet.wire.models.sources import Source
from broadsheet.wire.rules import zone_label


class Status(models.TextChoices):
    """The wire's word about an item, in the terms of IPTC (pubStatus)."""

    USABLE = "usable", _("usable")
    WITHHELD = "withheld", _("withheld")
    CANCELED = "canceled", _("withdrawn")


class Item(models.Model):
    """One thing the agency sent, however often and by whatever transport.

    `evolved_from` is the agency's id of the report that this one continues; that item may come
    later, or never.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="items")
    key = models.CharField(max_length=500)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.USABLE)
    first_seen = models.DateTimeField(default=clock.now, db_index=True)
    latest = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+")
    evolved_from = models.CharField(max_length=500, blank=True)

    class Meta:
        """One Item for one key of a source."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["source", "key"], name="item_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["evolved_from"], condition=~Q(evolved_from=""), name="item_evolved_from"
            )
        ]

    def __str__(self) -> str:
        return self.latest.headline if self.latest else self.key

    @property
    def earlier(self) -> "Item | None":
        """The report of the same agency that this one grew out of, when it came."""
        named = [self.evolved_from, f"id:{self.evolved_from}"] if self.evolved_from else []
        aliases = Alias.objects.filter(source=self.source_id, value__in=named)
        found = aliases.exclude(item=self.pk).select_related("item__latest").first()
        return found.item if found else None

    @property
    def later(self) -> "models.QuerySet[Item]":
        """The reports that grew out of this one, also those that came before it."""
        ids = Alias.objects.filter(item=self.pk, value__startswith="id:")
        named = ids.annotate(name=Substr("value", 4)).values("name")
        grown = Item.objects.filter(source=self.source_id, evolved_from__in=named)
        return grown.exclude(evolved_from="").exclude(pk=self.pk)


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


BY_MAIL = "by-mail"
"""The flag of a version that came by mail, whose sender can be forged."""


class Version(models.Model):
    """One version of an item, immutable. `sequence` orders all versions of the paper by commit.

    `fields` holds the sanitised text: headline, standfirst, body, byline, dateline, link, credit,
    agency, usage_terms, ednote, language, categories, topics, slugline, pictures, enclosures, and
    `withdraws`: the other item that this text asks to take back. `applies` is false for a
    version that arrived after a newer one. `embargo_until` covers the item in all its versions.
    `content_hash` is of the text, `facts_hash` of what always follows the wire: byline, terms,
    notes, topics, urgency; empty for a version of before there was one.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sequence = models.BigIntegerField(unique=True)
    fetch = models.ForeignKey(Fetch, models.SET_NULL, null=True, related_name="versions")
    received_at = models.DateTimeField(default=clock.now)
    content_hash = models.CharField(max_length=64)
    facts_hash = models.CharField(max_length=64, blank=True)
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
    def standing_flags(self) -> list[str]:
        """Its flags; what came by mail alone is no doubt any more once a surer feed brought it."""
        if BY_MAIL in self.flags and any(one.feed.vouches for one in self.arrivals.all()):
            return [flag for flag in self.flags if flag != BY_MAIL]
        return list(self.flags)

    @property
    def dated_local(self) -> datetime | None:
        """The wire's own date in the wire's own zone."""
        if self.dated is None:
            return None
        offset = timedelta(minutes=self.dated_offset)
        return self.dated.astimezone(timezone(offset, zone_label(self.dated_zone, offset)))


class Arrival(models.Model):
    """That a feed brought a version, and the fetch that brought it first: two feeds, two arrivals.

    The same text again from the same feed is no further one; `again_at` is when an old version,
    which the wire had replaced, came the last time. `sequence` orders, by commit, those
    that brought a version which was there already.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="arrivals")
    feed = models.ForeignKey(Feed, models.CASCADE, related_name="arrivals")
    fetch = models.ForeignKey(Fetch, models.SET_NULL, null=True, related_name="arrivals")
    at = models.DateTimeField(default=clock.now)
    again_at = models.DateTimeField(null=True)
    sequence = models.BigIntegerField(null=True, unique=True)

    class Meta:
        """One for each feed."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "feed"], name="arrival_once")
        ]
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.version} ({self.feed})"
