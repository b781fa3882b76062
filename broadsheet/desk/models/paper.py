"""The paper itself: its name and zone, its sections, its static pages."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseGenericSetting
from wagtail.fields import RichTextField

from broadsheet.desk.rules import RESERVED_SLUGS, address_of
from broadsheet.look.texts import refuse_tokens, refuse_unknown_tokens
from broadsheet.wire.models import is_zone

ACCESS = [
    ("open", _("open to all")),
    ("registered", _("for registered readers")),
    ("metered", _("metered")),
    ("premium", _("premium")),
]


def _is_zone(name: str) -> None:
    is_zone(name)


def _page_tokens(text: str) -> None:
    refuse_unknown_tokens(text, ("paper",))


def _not_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS or slug.isdigit():
        raise ValidationError(
            _("'%(slug)s' is an address of the paper itself. Choose another word."),
            params={"slug": slug},
        )


class Paper(BaseGenericSetting):
    """What the publisher sets: name, nameplate, language, zone."""

    name = models.CharField(
        _("name"), max_length=120, default="My Paper", validators=[refuse_tokens]
    )
    nameplate = models.CharField(
        _("nameplate"), max_length=120, blank=True, validators=[refuse_tokens],
        help_text=_("The title at the top of every page; empty: the name."),
    )  # fmt: skip
    tagline = models.CharField(_("tagline"), max_length=160, blank=True, validators=[refuse_tokens])
    description = models.CharField(
        _("description"), max_length=300, blank=True, validators=[refuse_tokens],
        help_text=_("One sentence for search engines and link previews."),
    )  # fmt: skip
    device = models.TextField(_("device"), blank=True, editable=False)
    language = models.CharField(
        _("language"), max_length=10, default="en-gb", choices=settings.LANGUAGES
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[_is_zone],
        help_text=_("Dates, addresses and the monthly meter follow it."),
    )  # fmt: skip
    premium_promise = models.PositiveSmallIntegerField(
        _("premium reports promised a day"), default=0,
        help_text=_(
            "Readers are told it with the plans that open premium reports, and on /premium/ beside"
            " the day's count. 0: nothing is promised."
        ),
    )  # fmt: skip
    demo = models.BooleanField(default=False, editable=False)

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Paper")

    def __str__(self) -> str:
        return self.name

    @property
    def right_to_left(self) -> bool:
        """Whether the paper's language is written from the right."""
        with override(self.language):
            return get_language_bidi()


class Section(models.Model):
    """A part of the paper with a front of its own, at /<slug>/."""

    slug = models.SlugField(_("address"), unique=True, validators=[_not_reserved])
    name = models.CharField(_("name"), max_length=60, validators=[refuse_tokens])
    description = models.CharField(
        _("description"), max_length=200, blank=True, validators=[refuse_tokens]
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    access = models.CharField(
        _("access of own reports"), max_length=40, choices=ACCESS, default="metered"
    )

    class Meta:
        """In the order of the navigation."""

        ordering: ClassVar[list[str]] = ["order", "name"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The front's address."""
        return f"/{self.slug}/"

    def save(self, *args: Any, **options: Any) -> None:
        """A front that moves leaves its old address behind as a redirect."""
        before = Section.objects.filter(pk=self.pk).values_list("slug", flat=True).first()
        with transaction.atomic():
            super().save(*args, **options)
            Redirect.objects.filter(path=self.path).delete()
            if before is not None and before != self.slug:
                Redirect.move(f"/{before}/", self.path)

    def clean(self) -> None:
        """A static page may already stand at the address."""
        if StaticPage.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": _("A static page has this address already.")})


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
        if Section.objects.filter(slug=self.slug).exists():
            raise ValidationError({"slug": _("A section has this address already.")})
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
        first = self.path.strip("/").split("/")[0]
        taken = StaticPage.objects.filter(slug=first) if "/" not in self.path.strip("/") else None
        if first in RESERVED_SLUGS or (taken is not None and taken.exists()):
            raise ValidationError({"path": _("This is an address of the paper itself.")})
        if "/" not in self.path.strip("/") and Section.objects.filter(slug=first).exists():
            raise ValidationError({"path": _("A section has this address.")})
