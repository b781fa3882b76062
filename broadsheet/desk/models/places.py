"""What has an address of its own beside the reports: titles, sections, static pages, redirects."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField

from broadsheet.desk.access import USUAL, AccessField
from broadsheet.desk.models.nameplates import Nameplated
from broadsheet.desk.models.querysets import Titled
from broadsheet.desk.rules import RESERVED_SLUGS, address_of
from broadsheet.look.texts import refuse_tokens, refuse_unknown_tokens


def _page_tokens(text: str) -> None:
    refuse_unknown_tokens(text, ("paper",))


def _not_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS or slug.isdigit():
        raise ValidationError(
            _("'%(slug)s' is an address of the paper itself. Choose another word."),
            params={"slug": slug},
        )


class Title(Nameplated):
    """A second title in the house: nameplate, front, sections and access of its own, at /<slug>/.

    The paper itself is the first and is no row here. `access` "": as in the paper, by the section.
    """

    TONES: ClassVar = [
        ("blue", _("blue")), ("ochre", _("ochre")), ("plum", _("plum")), ("green", _("green")),
        ("teal", _("teal")),
    ]  # fmt: skip
    slug = models.SlugField(
        _("address"), unique=True, validators=[_not_reserved],
        help_text=_("Its front stands there, its sections below. Reports keep their addresses."),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=60, validators=[refuse_tokens])
    tone = models.CharField(_("colour"), max_length=8, choices=TONES, blank=True)
    access = AccessField(
        _("access of its reports"), blank=True,
        help_text=_(
            "Where neither report nor section says otherwise; such as a right that some plans give."
            " Empty: as in the paper."
        ),
    )  # fmt: skip
    told = models.BooleanField(_("in the navigation"), default=True)
    on_front = models.BooleanField(
        _("its reports also stand on the paper's front"), default=True,
        help_text=_(
            "On the paper's home page and in its feeds, as they come. Search, topics, authors and"
            " corrections hold them all."
        ),
    )  # fmt: skip
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        """In the order of the navigation."""

        ordering: ClassVar[list[str]] = ["order", "name"]
        verbose_name = _("title of the house")
        verbose_name_plural = _("titles of the house")

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The front's address."""
        return f"/{self.slug}/"

    def save(self, *args: Any, **options: Any) -> None:
        """Fronts that move leave their old addresses behind as redirects, the sections' too."""
        before = Title.objects.filter(pk=self.pk).values_list("slug", flat=True).first()
        with transaction.atomic():
            super().save(*args, **options)
            Redirect.objects.filter(path=self.path).delete()
            if before is not None and before != self.slug:
                Redirect.move(f"/{before}/", self.path)
                for section in self.sections.all():
                    Redirect.move(f"/{before}/{section.slug}/", section.path)

    def clean(self) -> None:
        """A section of the paper, or a static page, may already stand at the address."""
        if Section.objects.filter(slug=self.slug, title=None).exists():
            raise ValidationError({"slug": _("A section has this address already.")})
        if StaticPage.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": _("A static page has this address already.")})


class Section(models.Model):
    """A part of the paper with a front of its own, at /<slug>/; one of a title, at
    /<title>/<slug>/.

    `access` "": as its title sets it, in the paper metered.
    """

    title = models.ForeignKey(
        Title, models.PROTECT, null=True, blank=True, related_name="sections",
        verbose_name=_("title of the house"), help_text=_("Empty: the paper itself."),
    )  # fmt: skip
    slug = models.SlugField(_("address"), validators=[_not_reserved])
    name = models.CharField(_("name"), max_length=60, validators=[refuse_tokens])
    description = models.CharField(
        _("description"), max_length=200, blank=True, validators=[refuse_tokens]
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    access = AccessField(
        _("access of own reports"), blank=True,
        help_text=_("Empty: as its title sets it; in the paper's own sections metered."),
    )  # fmt: skip

    objects: ClassVar[models.Manager["Section"]] = Titled()

    class Meta:
        """In the order of the navigation. An address is taken once, in the paper or in a title."""

        base_manager_name = "objects"
        ordering: ClassVar[list[str]] = ["order", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["title", "slug"], name="section_once_in_title"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(title=None), name="section_once_in_paper"
            ),
        ]
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def __str__(self) -> str:
        return f"{self.title}: {self.name}" if self.title else self.name

    @property
    def path(self) -> str:
        """The front's address."""
        return f"/{self.title.slug}/{self.slug}/" if self.title else f"/{self.slug}/"

    @property
    def place(self) -> str:
        """The address by which stages name the section to each other: "world", "money/funds"."""
        return self.path.strip("/")

    @property
    def reports_access(self) -> str:
        """The access class of a report that has none of its own."""
        return self.access or (self.title.access if self.title else "") or USUAL

    def save(self, *args: Any, **options: Any) -> None:
        """A front that moves leaves its old address behind as a redirect."""
        before = Section.objects.filter(pk=self.pk).first()
        with transaction.atomic():
            super().save(*args, **options)
            Redirect.objects.filter(path=self.path).delete()
            if before is not None and before.path != self.path:
                Redirect.move(before.path, self.path)

    def clean(self) -> None:
        """Something else may already stand at the address."""
        if self.title is not None:
            return
        if StaticPage.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": _("A static page has this address already.")})
        if Title.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": _("A title has this address already.")})


class StaticPage(models.Model):
    """Imprint, terms, privacy, corrections policy and the like, at /<slug>/."""

    slug = models.SlugField(_("address"), unique=True)
    title = models.CharField(_("title"), max_length=120, validators=[refuse_tokens])
    body: Any = RichTextField(
        _("text"), features=["h2", "h3", "bold", "italic", "ol", "ul", "link"],
        validators=[_page_tokens], help_text=_("{{ paper }} stands for the paper's name."),
    )  # fmt: skip
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        """In the order of the footer."""

        ordering: ClassVar[list[str]] = ["order", "title"]
        verbose_name = _("static page")
        verbose_name_plural = _("static pages")

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        """The page's address."""
        return f"/{self.slug}/"

    def clean(self) -> None:
        """A section, or the paper itself, may already stand at the address."""
        own = {"about", "imprint", "terms", "privacy", "corrections"}
        if Section.objects.filter(slug=self.slug, title=None).exists():
            raise ValidationError({"slug": _("A section has this address already.")})
        if Title.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": _("A title has this address already.")})
        if self.slug in RESERVED_SLUGS - own:
            raise ValidationError({"slug": _("This is an address of the paper itself.")})


def _is_address(path: str) -> None:
    if address_of(path) != path:
        raise ValidationError(
            _("'%(path)s' is no address of a paper. Give one such as /old/report."),
            params={"path": path},
        )


class Redirect(models.Model):
    """An address that moved for good: answered with 301 (RFC 9110, 15.4.2).

    What stands at an address itself always goes before a redirect from there.
    """

    path = models.CharField(_("old address"), max_length=500, unique=True, validators=[_is_address])
    to = models.CharField(_("new address"), max_length=500, validators=[_is_address])

    class Meta:
        """By address."""

        ordering: ClassVar[list[str]] = ["path"]
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")

    def __str__(self) -> str:
        return f"{self.path} → {self.to}"

    @classmethod
    def move(cls, path: str, to: str) -> None:
        """From now on `path` leads to `to`, and what led to `path` does too: nobody hops twice."""
        cls.objects.filter(path=to).delete()
        cls.objects.filter(to=path).update(to=to)
        cls.objects.update_or_create(path=path, defaults={"to": to})

    def clean(self) -> None:
        """A redirect to itself, or to an address that leads elsewhere, is a mistake."""
        if self.path == self.to:
            raise ValidationError({"to": _("This leads to itself.")})
        further = Redirect.objects.filter(path=self.to).first()
        if further is not None:
            raise ValidationError(
                {"to": _("This leads on to %(to)s; give that.") % {"to": further.to}}
            )
        place = self.path.strip("/")
        first, _slash, below = place.partition("/")
        static = not below and StaticPage.objects.filter(slug=first).exists()
        if first in RESERVED_SLUGS or static:
            raise ValidationError({"path": _("This is an address of the paper itself.")})
        if any(section.place == place for section in Section.objects.filter(slug=below or first)):
            raise ValidationError({"path": _("A section has this address.")})
        if not below and Title.objects.filter(slug=first).exists():
            raise ValidationError({"path": _("A title has this address.")})
