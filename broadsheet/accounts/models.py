"""One user for staff and readers, what readers saved, and the outbox every mail leaves through."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.look.settings import Setting
from broadsheet.look.texts import refuse_tokens


class UserQuerySet(BaseUserManager["User"]):
    """Makes users by e-mail address; there are no user names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a reader."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a publisher: every right."""
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True} | fields
        )


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A reader, or staff when a group gives access to the desk."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    keeps_history = models.BooleanField(_("what was read is remembered"), default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserQuerySet] = UserQuerySet()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Mail(models.Model):
    """A mail in the outbox. Sent once: `sent_at` is set by whoever claimed it."""

    to = models.EmailField()
    sender = models.CharField(max_length=320)
    subject = models.CharField(max_length=400)
    text = models.TextField()
    html = models.TextField(blank=True)
    queued_at = models.DateTimeField(default=clock.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=400, blank=True)

    class Meta:
        """The newest first, as a reader of the outbox wants them."""

        ordering: ClassVar[list[str]] = ["-queued_at", "-id"]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


class SavedArticle(models.Model):
    """A report that a reader keeps for later. `article` is its number: the desk comes after us."""

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_articles"
    )
    article = models.BigIntegerField()
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        """A report is saved once; the last one saved stands first."""

        ordering: ClassVar[list[str]] = ["-saved_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reader", "article"], name="saved_article_once")
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.article}"


class ReadArticle(models.Model):
    """A report that a reader opened, and how far they got: the paragraph that was on top of the
    screen, None when no script told. `article` is its number: the desk comes after us."""

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="read_articles"
    )
    article = models.BigIntegerField()
    read_at = models.DateTimeField(default=clock.now, db_index=True)
    place = models.PositiveSmallIntegerField(_("paragraph"), null=True)
    paragraphs = models.PositiveSmallIntegerField(_("paragraphs"), default=0)

    class Meta:
        """Each report once, when it was opened last."""

        ordering: ClassVar[list[str]] = ["-read_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reader", "article"], name="read_article_once")
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.article}"


class SignedOut(models.Model):
    """Why a device was signed out by itself, until it has been told. `digest` is that of the key of
    its ended session, so that the row opens nothing; `most` the limit of that moment."""

    digest = models.CharField(max_length=64, primary_key=True)
    most = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return f"signed out at {self.at}"


class Purpose(models.TextChoices):
    """What a reader may allow."""

    ANALYTICS = "analytics", _("Measuring how the paper is read")
    ADS = "ads", _("Advertisements chosen for you")


class Consent(models.Model):
    """What a reader answered, to which words (`consents.text_of`). The last one counts."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    given = models.BooleanField(_("given"))
    at = models.DateTimeField(default=clock.now, db_index=True)
    text = models.CharField(_("version of the text"), max_length=12)

    def __str__(self) -> str:
        return f"{self.reader}: {self.purpose} {'given' if self.given else 'refused'}"


class ConsentPolicy(Setting):
    """What the publisher asks readers to allow. Nothing is asked unless something is ticked."""

    analytics = models.BooleanField(_("ask for consent to measuring"), default=False)
    ads = models.BooleanField(_("ask for consent to personalised advertisements"), default=False)
    words = models.TextField(
        _("what readers are told"), blank=True, validators=[refuse_tokens],
        help_text=_(
            "Who gets what, and for how long. Other words are another question: readers are asked"
            " again."
        ),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Readers' consent")

    def purposes(self) -> tuple[Purpose, ...]:
        """What is asked."""
        chosen = ((Purpose.ANALYTICS, self.analytics), (Purpose.ADS, self.ads))
        return tuple(purpose for purpose, asked in chosen if asked)


class StaffPolicy(Setting):
    """What the publisher asks of everyone who works at the desk."""

    second_factor = models.BooleanField(
        _("staff must sign in with a second factor"), default=False,
        help_text=_(
            "An authenticator app or a passkey. Whoever has none is led to set one up before"
            " the desk opens."
        ),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Staff sign-in")


class ReaderPolicy(Setting):
    """What the publisher decides about readers' accounts."""

    most_devices = models.PositiveSmallIntegerField(
        _("devices of one reader at a time"), null=True, blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "When one more signs in, the device that signed in first is signed out and told why."
            " Staff are not counted. Empty: no limit."
        ),
    )  # fmt: skip
    invoice_years = models.PositiveSmallIntegerField(
        _("years that invoices are kept"), default=8,
        help_text=_(
            "Told to readers who delete their account. What the law of your country asks: eight"
            " years in Germany, about six in India."
        ),
    )  # fmt: skip

    history_days = models.PositiveSmallIntegerField(
        _("days that reading is remembered"), default=365,
        validators=[MaxValueValidator(3650)],
        help_text=_(
            "What readers opened and how far they got, shown to them alone; each may switch it off."
            " 0: nothing is remembered."
        ),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Readers' accounts")
