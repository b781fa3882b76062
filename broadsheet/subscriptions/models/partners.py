"""Partner benefits: what another company gives our readers, its codes, and who claimed what."""

import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock

LONGEST_CODE = 120


def make_subject() -> str:
    """A name for one reader at one partner, which says nothing and is nowhere else."""
    return secrets.token_urlsafe(24)


class PartnerBenefitQuerySet(models.QuerySet["PartnerBenefit"]):
    """Chainable filters."""

    def running(self, now: datetime) -> "PartnerBenefitQuerySet":
        """Those that are on at `now`: from and until, half-open, UTC."""
        until = Q(valid_until=None) | Q(valid_until__gt=now)
        return self.filter(until, active=True, valid_from__lte=now)

    def counted(self) -> "PartnerBenefitQuerySet":
        """Each with `pool`, its codes; `left`, codes nobody has; `held`, claims not ended."""
        codes = PartnerCode.objects.filter(benefit=OuterRef("pk"))
        claims = PartnerClaim.objects.filter(benefit=OuterRef("pk"), ended_at=None)
        free = codes.filter(claim=None)
        counts = {"pool": codes, "left": free, "held": claims}
        numbers = {name: _number(rows) for name, rows in counts.items()}
        counted: PartnerBenefitQuerySet = self.annotate(**numbers)
        return counted


def _number(rows: models.QuerySet[Any]) -> Coalesce:
    """How many of them there are, in a query of its own: two joins would multiply each other."""
    counts = rows.order_by().values("benefit").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counts), 0)


class PartnerBenefit(models.Model):
    """What a partner gives readers who have `entitlement`, from `valid_from` to `valid_until`.

    With codes, each reader gets one of the pool. With OpenID Connect the partner, our `client`,
    asks us about a reader who signs in there with the account here.
    """

    CODES, OPENID = "codes", "openid"

    # allauth's Client is untyped, and with it what Django would add here.
    codes: Any
    claims: Any
    wishes: Any
    pool: int
    left: int
    held: int

    partner = models.CharField(_("partner"), max_length=80)
    title = models.CharField(_("title"), max_length=120, help_text=_("Such as: A month of films."))
    gives = models.TextField(_("what the reader gets"), max_length=1000)
    terms = models.TextField(_("terms"), max_length=2000, blank=True)
    link = models.URLField(
        _("the partner's page"), validators=[URLValidator(["https", "http"])],
        help_text=_("Where readers use the code, or sign in."),
    )  # fmt: skip
    entitlement = models.CharField(_("for readers with"), max_length=60)
    kind = models.CharField(
        _("how"), max_length=10, default=CODES,
        choices=[(CODES, _("Codes from a pool")), (OPENID, _("The partner asks (OpenID Connect)"))],
    )  # fmt: skip
    asks_email = models.BooleanField(
        _("asks for the e-mail address"), default=False,
        help_text=_("OpenID Connect only. Each reader may still refuse it."),
    )  # fmt: skip
    valid_from = models.DateTimeField(_("from"), default=clock.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    active = models.BooleanField(_("on"), default=True)
    warn_below = models.PositiveIntegerField(
        _("warn below"), default=20, help_text=_("When fewer codes than this are left.")
    )
    client = models.OneToOneField(
        "allauth_idp_oidc.Client", models.PROTECT, null=True, editable=False,
        related_name="benefit",
    )  # fmt: skip
    made_at = models.DateTimeField(default=clock.now, editable=False)
    objects: ClassVar[Any] = PartnerBenefitQuerySet.as_manager()

    class Meta:
        """By partner."""

        ordering: ClassVar[list[str]] = ["partner", "title", "id"]
        verbose_name = _("partner benefit")
        verbose_name_plural = _("partner benefits")

    def __str__(self) -> str:
        return f"{self.partner}: {self.title}"

    def clean(self) -> None:
        """An end after its beginning."""
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValidationError({"valid_until": _("It would end before it begins.")})

    def is_running(self, now: datetime) -> bool:
        """Whether it can be claimed at `now`, by those who have the entitlement."""
        over = self.valid_until is not None and self.valid_until <= now
        return self.active and self.valid_from <= now and not over


class PartnerCode(models.Model):
    """One code of a pool. Whoever claims it has it for good: it is spent when a claim names it."""

    benefit = models.ForeignKey(PartnerBenefit, models.PROTECT, related_name="codes")
    code = models.CharField(_("code"), max_length=LONGEST_CODE)
    added_at = models.DateTimeField(default=clock.now)
    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """The oldest first; each once in its pool."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["benefit", "code"], name="partner_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.benefit}, {self.pk}"


class PartnerClaim(models.Model):
    """A reader has a benefit, until the entitlement ends. The same row goes on when it is back.

    `subject` is what the partner knows the reader by. An erased reader's claim stays without the
    reader and the subject, so that the code stays spent.
    """

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="partner_claims"
    )
    benefit = models.ForeignKey(PartnerBenefit, models.PROTECT, related_name="claims")
    code = models.OneToOneField(PartnerCode, models.PROTECT, null=True, related_name="claim")
    subject = models.CharField(max_length=60, unique=True, default=make_subject)
    claimed_at = models.DateTimeField(_("claimed"), default=clock.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """Once for a reader, whatever two windows do at once."""

        ordering: ClassVar[list[str]] = ["-claimed_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["benefit", "reader"], name="partner_claim_once")
        ]

    def __str__(self) -> str:
        return f"{self.benefit}: {self.reader}"


class PartnerWish(models.Model):
    """A reader wants to be told when an empty pool is filled again."""

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="partner_wishes"
    )
    benefit = models.ForeignKey(PartnerBenefit, models.CASCADE, related_name="wishes")
    made_at = models.DateTimeField(_("asked"), default=clock.now)
    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """Once is enough."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["benefit", "reader"], name="partner_wish_once")
        ]

    def __str__(self) -> str:
        return f"{self.benefit}: {self.reader}"
