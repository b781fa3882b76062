"""Topics with a page of their own, and which articles carry them."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models.articles import Article
from broadsheet.desk.rules import free_among, slug_of
from broadsheet.look.texts import refuse_tokens
from broadsheet.wire import media_topics

OWN = "paper:"
"""Codes of the paper's own topics begin so."""


class Topic(models.Model):
    """What reports are about, with a page at /topic/<slug>/. Code and slug never change.

    A Media Topic gets its row with the first article that carries it, and is called as the IPTC
    calls it in the language of whoever reads. The paper's own have a `title`.
    """

    code = models.CharField(max_length=100, unique=True, editable=False)
    slug = models.CharField(_("address"), max_length=90, unique=True, editable=False)
    title = models.CharField(
        _("name"), max_length=80, validators=[refuse_tokens],
        help_text=_("A person, a place, a matter of yours; the Media Topics are there already."),
    )  # fmt: skip

    objects: ClassVar[models.Manager["Topic"]] = models.Manager()

    class Meta:
        """By name."""

        ordering: ClassVar[list[str]] = ["title", "id"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What it is called in the active language."""
        known = media_topics.vocabulary().get(self.code)
        return known.name(get_language() or "en") if known else self.title

    @property
    def path(self) -> str:
        """Its page's address."""
        return f"/topic/{self.slug}/"

    def clean(self) -> None:
        """Two topics of one name could not be told apart."""
        self.title = " ".join(self.title.split())
        same = Topic.objects.filter(code__startswith=OWN, title__iexact=self.title)
        taken = same.exclude(pk=self.pk).exists()
        if taken or media_topics.meant(self.title, get_language() or "en"):
            raise ValidationError({"title": _("There is a topic of this name already.")})

    def save(self, *args: Any, **options: Any) -> None:
        """Give a new one its address, from its name in the paper's language, for good."""
        if not self.slug:
            known = media_topics.labels(get_language() or "en")
            taken = Topic.objects.values_list("slug", flat=True)
            self.slug = free_among(taken, slug_of(known.get(self.code, self.title)))
        self.code = self.code or OWN + self.slug
        super().save(*args, **options)


class Tagging(models.Model):
    """An article carries a topic: itself (`stated`, in this `place`), else one that belongs to it.

    Written by `actions.topics` only. `published_at` is the article's, so that the newest articles
    of a topic are read from one index.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="taggings")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="taggings")
    stated = models.BooleanField()
    place = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Tagging"]] = models.Manager()

    class Meta:
        """Each topic once on an article."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["article", "topic"], name="tagging_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["topic", "-published_at", "-article"], name="tagging_newest")
        ]
