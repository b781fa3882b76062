"""What can be asked of articles: visible, of an access class, picked, newest."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from broadsheet.desk.access import USUAL

if TYPE_CHECKING:
    from broadsheet.desk.models.articles import Article  # noqa: F401  Named as a text below.
    from broadsheet.desk.models.places import Section, Title


class Titled(models.Manager["Section"]):
    """Sections, each with its title: their addresses ask for it."""

    def get_queryset(self) -> models.QuerySet["Section"]:
        """In one query."""
        return super().get_queryset().select_related("title")


class ArticleQuerySet(models.QuerySet["Article"]):
    """Chainable filters."""

    def visible(self, now: datetime) -> "ArticleQuerySet":
        """The SQL form of `rules.visible`; tests hold the two equal."""
        started = (Q(embargo_until=None) | Q(embargo_until__lte=now)) & (
            Q(wire_embargo_until=None) | Q(wire_embargo_until__lte=now)
        )
        unexpired = (Q(expire_at=None) | Q(expire_at__gt=now)) & (
            Q(wire_expires=None) | Q(wire_expires__gt=now)
        )
        return self.filter(started, unexpired, live=True, held=False, withdrawn_at=None)

    def of_class(self, access: str) -> "ArticleQuerySet":
        """Articles of an access class: their own, their section's or their title's."""
        as_title = Q(section__title__access=access)
        if access == USUAL:
            as_title |= Q(section__title=None) | Q(section__title__access="")
        section = Q(section__access=access) | (Q(section__access="") & as_title)
        return self.filter(Q(access=access) | (Q(access="") & section))

    def of_title(self, title: "Title") -> "ArticleQuerySet":
        """Those in the sections of a second title."""
        return self.filter(section__title=title)

    def on_home(self) -> "ArticleQuerySet":
        """Those that stand on the paper's front and in its feeds by themselves: the paper's own,
        and those of titles that want it."""
        return self.filter(Q(section__title=None) | Q(section__title__on_front=True))

    def by_pick(self) -> Any:
        """With `premium_at`, when they became premium: picked, else published. Newest first."""
        return self.annotate(premium_at=Coalesce("picked_at", "first_published_at")).order_by(
            "-premium_at", "-id"
        )

    def about(self, topic: int) -> "ArticleQuerySet":
        """Those that carry the topic of this number or one that belongs to it, newest first."""
        return self.filter(taggings__topic=topic).order_by(
            "-taggings__published_at", "-taggings__article_id"
        )

    def by(self, author: int) -> "ArticleQuerySet":
        """Those that name the author of this number, newest first."""
        return self.filter(authorships__author=author).order_by(
            "-authorships__published_at", "-authorships__article_id"
        )

    def newest(self) -> "ArticleQuerySet":
        """By our first publication, the newest first."""
        return self.order_by("-first_published_at", "-id")

    def for_cards(self) -> "ArticleQuerySet":
        """With all that a card shows, without bodies of others."""
        return self.select_related(
            "section__title", "basis", "item__source", "picture", "wire_picture"
        ).prefetch_related("picture__renditions", "wire_picture__renditions", "authorships__author")
