"""The article: nothing but what staff took over; the rest is read from the wire's version."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin

from broadsheet.desk import preview
from broadsheet.desk.access import AccessField
from broadsheet.desk.models.columns import OVERRIDES, TEXTS, WIRE_COLUMNS
from broadsheet.desk.models.pictures import Picture
from broadsheet.desk.models.places import Section
from broadsheet.desk.models.querysets import ArticleQuerySet
from broadsheet.desk.rules import Disclosure, Standing, disclosure, visible
from broadsheet.kit import clock, html
from broadsheet.wire import media_topics
from broadsheet.wire.models import Item, Version

published_by_staff = Signal()
"""Sent inside the publishing transaction: `article`, `by`, `row` (the article before), `reason`."""

BODY_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "blockquote", "hr"]


class Article(PreviewableMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model):
    """What readers get. Each of OVERRIDES is staff's when set, the wire's when not.

    `body_from` is the version our body was made from; a newer one must not pass unseen.
    `stale_since`: when the wire's headline left the one that ours was written against.
    `topics` and `rule_topics` (which a rule gave it) are codes, one a line; `authors`, of our own
    reports, are their slugs.
    """

    headline = models.CharField(_("headline"), max_length=300, null=True, blank=True)
    standfirst = models.TextField(_("standfirst"), null=True, blank=True)
    body: Any = RichTextField(_("body"), null=True, blank=True, features=BODY_FEATURES)
    body_from = models.ForeignKey(
        Version, models.PROTECT, null=True, editable=False, related_name="+"
    )
    picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    no_picture = models.BooleanField(_("show no picture"), default=False)
    kicker = models.CharField(_("kicker"), max_length=60, blank=True)
    byline = models.CharField(
        _("byline"), max_length=200, blank=True,
        help_text=_("Shown where no author is named."),
    )  # fmt: skip
    authors = models.TextField(_("authors"), blank=True)
    dateline = models.CharField(
        _("dateline"), max_length=80, blank=True, help_text=_("The place, such as PARIS; no date.")
    )
    section = models.ForeignKey(Section, models.PROTECT, verbose_name=_("section"))
    topics = models.TextField(_("topics"), null=True, blank=True)
    access = AccessField(
        _("access"), blank=True,
        help_text=_("Empty: as the section sets it."),
    )  # fmt: skip
    news_value = models.PositiveSmallIntegerField(
        _("news value"), default=3, choices=[(n, str(n)) for n in range(1, 6)],
        help_text=_("5 leads the paper, 1 is a brief."),
    )  # fmt: skip
    picked_at = models.DateTimeField(_("picked as premium"), null=True, editable=False)
    embargo_until = models.DateTimeField(_("embargo until"), null=True, blank=True)

    item = models.OneToOneField(
        Item, models.PROTECT, null=True, editable=False, related_name="article"
    )
    basis = models.ForeignKey(Version, models.PROTECT, null=True, editable=False, related_name="+")
    waiting = models.ForeignKey(
        Version, models.PROTECT, null=True, editable=False, related_name="+"
    )
    wire_picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    held = models.BooleanField(default=False, editable=False)
    held_by_desk = models.BooleanField(default=False, editable=False)
    stale_since = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    wire_embargo_until = models.DateTimeField(null=True, editable=False)
    wire_expires = models.DateTimeField(null=True, editable=False)
    rule_topics = models.TextField(blank=True, editable=False)
    turned_access = models.CharField(max_length=40, blank=True, editable=False)
    path = models.CharField(max_length=120, null=True, unique=True, editable=False)
    shown_headline = models.CharField(_("headline"), max_length=300, blank=True, editable=False)
    shown_standfirst = models.TextField(blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)

    _revisions: Any = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="content_type",
        object_id_field="object_id",
        related_query_name="article",
        for_concrete_model=False,
    )
    objects: ClassVar[models.Manager["Article"]] = ArticleQuerySet.as_manager()

    edit_reason = ""

    class Meta:
        """Withdrawing, holding and correcting are rights of their own. A queue has its index."""

        permissions: ClassVar[Any] = [
            ("withdraw_article", "Can withdraw an article"),
            ("hold_article", "Can hold an article and release it"),
            ("correct_article", "Can publish corrections and clarifications"),
            ("credit_article", "Can change byline and dateline of a wire report"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-first_published_at", "-id"], name="article_newest"),
            models.Index(fields=["section", "-first_published_at"], name="article_section"),
            models.Index(
                fields=["-stale_since", "-id"], name="article_stale",
                condition=Q(stale_since__isnull=False),
            ),
            models.Index(fields=["-id"], name="article_held", condition=Q(held=True)),
            models.Index(
                fields=["-withdrawn_at"], name="article_withdrawn",
                condition=Q(withdrawn_at__isnull=False),
            ),
            models.Index(
                fields=["-waiting"], name="article_waiting", condition=Q(waiting__isnull=False)
            ),
            *(
                models.Index(
                    fields=[name], name=f"article_{name}", condition=Q(**{f"{name}__isnull": False})
                )
                for name in ("embargo_until", "wire_embargo_until", "expire_at", "wire_expires")
            ),
        ]  # fmt: skip
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def __str__(self) -> str:
        return self.headline or self.shown_headline or str(_("Article without a headline"))

    @property
    def revisions(self) -> Any:
        """All drafts and published states, by Wagtail."""
        return self._revisions

    @property
    def access_class(self) -> str:
        """Who may read it in full now: what a time rule says, else its own class."""
        return self.turned_access or self.own_access

    @property
    def own_access(self) -> str:
        """Its own class, else its section's."""
        return self.access or self.section.reports_access

    @property
    def full_headline(self) -> str:
        """The headline readers see: staff's, else the wire's."""
        wire = self.basis.headline if self.basis else ""
        return wire if self.headline is None else self.headline

    @property
    def full_standfirst(self) -> str:
        """The standfirst readers see."""
        wire = str(self.basis.fields.get("standfirst", "")) if self.basis else ""
        return wire if self.standfirst is None else self.standfirst

    @property
    def full_body(self) -> str:
        """The body, sanitised HTML. The one place where an article's text is read."""
        if self.body is None:
            return self.basis.body if self.basis else ""
        return html.sanitise(str(self.body))

    @property
    def full_topics(self) -> str:
        """The codes of its topics, one a line: staff's, else the wire's and those of its rule."""
        return self.topics_by(self.basis) if self.topics is None else self.topics

    def topics_by(self, version: Version | None) -> str:
        """What `full_topics` is as long as staff leave the topics to a version of the wire."""
        stated = version.fields.get("topics") or () if version else ()
        codes = media_topics.listed((*map(str, stated), *self.rule_topics.splitlines()))
        return "\n".join(codes)

    @property
    def own_picture(self) -> Picture | None:
        """The picture that staff chose, as long as its rights last."""
        own = self.picture
        return own if own is not None and own.permitted(clock.now()) else None

    @property
    def shown_picture(self) -> Picture | None:
        """The picture readers see: with the end of its rights the wire's, else none."""
        if self.no_picture:
            return None
        wire = self.wire_picture
        fallback = wire if wire is not None and wire.permitted(clock.now()) else None
        return self.own_picture or fallback

    @property
    def owned(self) -> frozenset[str]:
        """The fields that staff own: those of `rules.FIELDS`, and the topics."""
        owned = {f for f in TEXTS if getattr(self, f) is not None}
        if self.picture_id or self.no_picture:
            owned.add("picture")
        return frozenset(owned)

    @property
    def disclosure(self) -> Disclosure:
        """Who wrote this, computed from the owners: nobody chose a picture that is not shown.

        Staff who changed an agency's words beside its picture reworked the picture; a kicker
        stands in the headline.
        """
        owned, shown = self.owned, self.shown_picture
        if not self.no_picture and self.own_picture is None:
            owned -= {"picture"}
        if shown is not None and shown.from_wire and shown.reworked:
            owned |= {"picture"}
        if self.kicker:
            owned |= {"headline"}
        return disclosure(owned, from_wire=self.item_id is not None, credited=self.credited)

    @property
    def credited(self) -> bool:
        """Whether byline or dateline are staff's own words and not the wire's."""
        wire = self.basis.fields if self.basis else {}
        return any(
            ours not in ("", str(wire.get(name) or ""))
            for name, ours in (("byline", self.byline), ("dateline", self.dateline))
        )

    def visible(self, now: datetime) -> bool:
        """Whether readers may see it: the Python form of `ArticleQuerySet.visible`."""
        standing = Standing(
            live=self.live,
            held=self.held,
            withdrawn=self.withdrawn_at is not None,
            not_before=(self.embargo_until, self.wire_embargo_until),
            not_after=(self.expire_at, self.wire_expires),
        )
        return visible(standing, now)

    def overrides(self) -> dict[str, Any]:
        """What staff own, for the edit log."""
        return {name: getattr(self, name) for name in OVERRIDES}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save staff's columns only, once the row exists: a form never writes the wire's."""
        if self.pk and not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in WIRE_COLUMNS
            ]
        super().save(*args, **kwargs)

    def write(self, **columns: Any) -> None:
        """Write columns that no form may touch, and nothing else."""
        for name, value in columns.items():
            setattr(self, name, value)
        self.save(update_fields=list(columns))

    def with_content_json(self, content: dict[str, Any]) -> "Article":
        """A revision carries what staff took over; the wire's columns stay as the row has them."""
        article: Article = super().with_content_json(content)
        for name in WIRE_COLUMNS & {f.name for f in self._meta.concrete_fields}:
            setattr(article, self._meta.get_field(name).attname, self._column(name))  # type: ignore[union-attr]
        article.live_revision = self.live_revision
        article._state.adding = False
        return article

    def _column(self, name: str) -> Any:
        return getattr(self, self._meta.get_field(name).attname)  # type: ignore[union-attr]

    def serializable_data(self) -> dict[str, Any]:
        """What a revision keeps: staff's columns."""
        data: dict[str, Any] = super().serializable_data()
        return {name: value for name, value in data.items() if name not in WIRE_COLUMNS}

    def publish(self, revision: Any, user: Any = None, **options: Any) -> None:
        """Publish a revision; edit log and press log are written in the same transaction."""
        with transaction.atomic():
            row = Article.objects.select_for_update(of=("self",)).get(pk=self.pk)
            if row.live and row.live_revision_id is None:
                # Published by a rule, so without a revision: Wagtail would take the report off
                # the site until the hour for which staff schedule their version.
                self.live_revision = revision
                Article.objects.filter(pk=self.pk).update(live_revision=revision)
            super().publish(revision, user=user, **options)
            article = Article.objects.get(pk=self.pk)
            published_by_staff.send(
                Article, article=article, by=user, row=row, reason=self.edit_reason
            )

    def unpublish(self, *args: Any, **options: Any) -> None:
        """Take the article off the site; who listens to Wagtail's signal tells the press."""
        with transaction.atomic():
            super().unpublish(*args, **options)

    @property
    def preview_modes(self) -> Iterable[tuple[str, str]]:
        """One preview: the page as readers will get it."""
        return [("", str(_("As readers see it")))]

    def serve_preview(self, request: Any, mode_name: str) -> Any:
        """Render the draft with the very templates the press uses."""
        return preview.render(self)
