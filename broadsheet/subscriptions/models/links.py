"""Links that open one article: gifts of subscribers, links shared by staff, newsletters' links."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.gate.links import LONGEST_DAYS, MOST_READERS
from broadsheet.gate.rules import ANY_RIGHT
from broadsheet.kit import clock
from broadsheet.look.settings import Setting


class ArticleLinkQuerySet(models.QuerySet["ArticleLink"]):
    """Chainable filters."""

    def live(self, now: datetime) -> "ArticleLinkQuerySet":
        """Links that open their article at `now`."""
        return self.filter(ends_at__gt=now)

    def gifts(self) -> "ArticleLinkQuerySet":
        """What readers gave."""
        return self.filter(kind=ArticleLink.GIFT)


class ArticleLink(models.Model):
    """A link to one article, as it was signed, and when it ends.

    `expires_at` is signed into the address and never changes; `ends_at` is never later, and is
    moved when the link is taken back, or when the right of its giver ends or goes on. `right` is
    the entitlement it lends. Openings of newsletter links are counted together for all readers.
    """

    GIFT, SHARE, NEWSLETTER = "gift", "share", "newsletter"
    KINDS: ClassVar[list[tuple[str, object]]] = [
        (GIFT, _("gift")), (SHARE, _("shared by staff")), (NEWSLETTER, _("newsletter")),
    ]  # fmt: skip

    kind = models.CharField(_("kind"), max_length=10, choices=KINDS)
    article = models.ForeignKey(
        "desk.Article", models.CASCADE, related_name="links", verbose_name=_("article")
    )
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True,
        related_name="article_links", verbose_name=_("made by"),
    )  # fmt: skip
    right = models.CharField(max_length=60, default=ANY_RIGHT)
    note = models.CharField(_("for whom"), max_length=120, blank=True)
    made_at = models.DateTimeField(_("made"), default=clock.now)
    expires_at = models.DateTimeField(_("expires"))
    ends_at = models.DateTimeField(_("ends"))
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    most_readers = models.PositiveSmallIntegerField(_("most readers"), default=0)
    openings = models.PositiveIntegerField(_("opened"), default=0)
    objects: ClassVar[models.Manager["ArticleLink"]] = ArticleLinkQuerySet.as_manager()

    class Meta:
        """Found by giver, by article, and by when it ends."""

        verbose_name = _("link to an article")
        verbose_name_plural = _("links to articles")
        ordering: ClassVar[list[str]] = ["-made_at", "-id"]
        default_permissions = ()
        permissions: ClassVar[Any] = [
            ("share_article", "Can share an article by a link that opens it"),
            ("end_link", "Can take back links that others shared"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["maker", "kind", "made_at"], name="link_by_maker"),
            models.Index(fields=["article", "kind"], name="link_by_article"),
            models.Index(fields=["expires_at"], name="link_by_expiry"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ends_at__lte=models.F("expires_at")), name="link_ends_in_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.pk}"


class LinkPolicy(Setting):
    """What subscribers may give away, and how long links last."""

    gifts_a_month = models.PositiveSmallIntegerField(
        _("articles a subscriber may give a month"), default=10,
        help_text=_("0: subscribers give no articles."),
    )  # fmt: skip
    gift_days = models.PositiveSmallIntegerField(
        _("days a gift lasts"), default=14,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)],
    )  # fmt: skip
    gift_readers = models.PositiveSmallIntegerField(
        _("browsers that may open a gift"), default=10,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_READERS)],
    )  # fmt: skip
    share_days = models.PositiveSmallIntegerField(
        _("days a link of the staff lasts"), default=7,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)],
        help_text=_("Unless whoever makes it says otherwise."),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Gifts and shared links")
