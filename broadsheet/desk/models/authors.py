"""Who writes for the paper, and which articles name them."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models.articles import Article
from broadsheet.desk.models.pictures import Picture
from broadsheet.desk.rules import free_among, slug_of
from broadsheet.look.texts import refuse_tokens


class Author(models.Model):
    """Somebody who writes for the paper, with a page at /author/<slug>/. The slug never changes."""

    name = models.CharField(_("name"), max_length=80, unique=True, validators=[refuse_tokens])
    slug = models.CharField(_("address"), max_length=90, unique=True, editable=False)
    biography = models.TextField(
        _("biography"), blank=True, max_length=1000, validators=[refuse_tokens],
        help_text=_("A few sentences, plain text."),
    )  # fmt: skip
    picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("desk account"), help_text=_("With which the author signs in, if any."),
    )  # fmt: skip

    objects: ClassVar[models.Manager["Author"]] = models.Manager()

    known_as = ""

    class Meta:
        """By name."""

        ordering: ClassVar[list[str]] = ["name"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The address of the author's page."""
        return f"/author/{self.slug}/"

    def clean(self) -> None:
        """A name is one line; a picture is not published without its credit."""
        self.name = " ".join(self.name.split())
        if Author.objects.filter(name__iexact=self.name).exclude(pk=self.pk).exists():
            raise ValidationError({"name": _("There is an author of this name already.")})
        if self.picture is not None and not self.picture.credit:
            problem = _("This picture has no credit. Add the credit to the picture first.")
            raise ValidationError({"picture": problem})

    def save(self, *args: Any, **options: Any) -> None:
        """Give a new one an address, for good."""
        if not self.slug:
            rows = Author.objects.values_list("slug", flat=True)
            self.slug = free_among(rows, slug_of(self.name))
        super().save(*args, **options)


class Authorship(models.Model):
    """An article of ours names an author, in this `place`. Written by `actions.authors` only.

    `published_at` is the article's, so that an author's newest are read from one index.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="authorships")
    author = models.ForeignKey(Author, models.PROTECT, related_name="authorships")
    place = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Authorship"]] = models.Manager()

    class Meta:
        """As the byline names them, each once."""

        ordering: ClassVar[list[str]] = ["place"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["article", "author"], name="authorship_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["author", "-published_at", "-article"], name="authorship_newest")
        ]
