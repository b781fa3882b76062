"""Ordered rules: what becomes of a wire version by itself."""

from datetime import timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.access import AccessField
from broadsheet.desk.models.places import Section
from broadsheet.desk.routing import UNMAPPED, Filters, Hours, Route
from broadsheet.wire.models import Feed, Source, is_zone

URGENCIES = [(n, str(n)) for n in range(1, 10)]


class RuleAction(models.TextChoices):
    """What a rule does."""

    PUBLISH = "publish", _("publish")
    HOLD = "hold", _("hold for the desk")
    QUEUE = "queue", _("put into a queue")
    DISCARD = "discard", _("discard")


class Kind(models.TextChoices):
    """What a version is (wire/formats/parsed.py: Kind)."""

    NEWS = "news", _("news")
    TEASER = "teaser", _("teaser")
    ADVISORY = "advisory", _("advisory")
    TEST = "test", _("test")


class Rule(models.Model):
    """One rule: every filter that is filled in must match; the first match with `stop` ends."""

    order = models.PositiveSmallIntegerField(_("order"), default=100)
    name = models.CharField(_("name"), max_length=80)
    feed = models.ForeignKey(
        Feed, models.CASCADE, null=True, blank=True, verbose_name=_("only from the feed")
    )
    source = models.ForeignKey(
        Source, models.CASCADE, null=True, blank=True, verbose_name=_("only from the source")
    )
    category = models.CharField(_("category contains"), max_length=80, blank=True)
    topic = models.CharField(
        _("Media Topic begins with"), max_length=40, blank=True,
        help_text=_(
            "A code of IPTC's Media Topics, such as medtop:04000000. What belongs to it fits too."
        ),
    )  # fmt: skip
    language = models.CharField(
        _("language"), max_length=35, blank=True, help_text=_("“en” also fits en-IN.")
    )
    urgency = models.PositiveSmallIntegerField(
        _("urgency at most"), null=True, blank=True, choices=URGENCIES,
        help_text=_("1 is the most urgent. What states none does not fit."),
    )  # fmt: skip
    headline = models.CharField(_("headline contains"), max_length=80, blank=True)
    words = models.CharField(
        _("text contains all these words"), max_length=200, blank=True,
        help_text=_("Whole words, in headline, summary or text."),
    )  # fmt: skip
    pictured = models.BooleanField(
        _("has a picture"), null=True, blank=True,
        choices=[(None, _("either")), (True, _("yes")), (False, _("no"))],
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, blank=True)
    from_hour = models.TimeField(_("works from"), null=True, blank=True)
    to_hour = models.TimeField(_("works until"), null=True, blank=True)
    zone = models.CharField(
        _("by the clock of"), max_length=64, blank=True, validators=[is_zone],
        help_text=_("A zone such as Asia/Kolkata; empty: the paper's."),
    )  # fmt: skip
    action = models.CharField(_("action"), max_length=8, choices=RuleAction.choices, default="hold")
    queue = models.CharField(_("queue"), max_length=40, blank=True)
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, verbose_name=_("into the section"),
        help_text=_("Empty: the section that has the name of a category."),
    )  # fmt: skip
    fallback = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("else into the section"),
        help_text=_("When no section has the name of a category. Empty: it waits for the desk."),
    )  # fmt: skip
    access = AccessField(
        _("access"), blank=True, default="metered",
        help_text=_("Empty: as the section sets it."),
    )  # fmt: skip
    max_age_hours = models.PositiveIntegerField(
        _("age limit (hours)"), null=True, blank=True, default=48,
        help_text=_("Older reports are kept and never published by themselves. Empty: no limit."),
    )  # fmt: skip
    topics = models.TextField(_("topics it adds"), blank=True)
    stop = models.BooleanField(_("stop here"), default=True)

    class Meta:
        """Rules run in order."""

        ordering: ClassVar[list[str]] = ["order", "id"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A rule that could never do what it says is refused when it is saved."""
        problems: dict[str, Any] = {}
        if self.action == RuleAction.QUEUE and not self.queue.strip():
            problems["queue"] = _("Name the queue that it is put into.")
        if self.queue.strip().casefold() == UNMAPPED:
            problems["queue"] = _("This is the queue of what no rule fits. Choose another name.")
        if (self.from_hour is None) != (self.to_hour is None):
            problems["to_hour"] = _("Give both hours, or neither.")
        elif self.from_hour is not None and self.from_hour == self.to_hour:
            problems["to_hour"] = _("The rule would never work: the hours are the same.")
        if self.feed and self.source and self.feed.source_id != self.source_id:
            problems["source"] = _("The feed brings another source. Leave one of them empty.")
        if self.action == RuleAction.PUBLISH and self.kind not in ("", Kind.NEWS):
            problems["kind"] = _("Only news is published by a rule.")
        if problems:
            raise ValidationError(problems)

    @property
    def max_age(self) -> timedelta | None:
        """The age limit, None for no limit."""
        return None if self.max_age_hours is None else timedelta(hours=self.max_age_hours)

    def route(self, zone: str) -> Route:
        """The rule as it decides; `zone` is the paper's."""
        return Route(
            name=self.name,
            action=self.action,
            filters=self._filters(zone),
            number=self.pk,
            order=self.order,
            section=self.section_id,
            fallback=self.fallback_id,
            access=self.access,
            max_age=self.max_age,
            queue=self.queue.strip(),
            topics=self.topics,
            stop=self.stop,
        )

    def _filters(self, zone: str) -> Filters:
        hours = None
        if self.from_hour is not None and self.to_hour is not None:
            hours = Hours(self.from_hour, self.to_hour, self.zone or zone)
        return Filters(
            feed=self.feed_id,
            source=self.source_id,
            category=self.category,
            topic=self.topic.strip(),
            language=self.language.strip(),
            urgency=self.urgency,
            headline=self.headline,
            words=self.words,
            pictured=self.pictured,
            kind=self.kind,
            hours=hours,
        )
