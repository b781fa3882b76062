"""Coupons: a code that takes something off a price, and who used it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.subscriptions.models.plans import Plan, PlanVersion, check_currency
from broadsheet.subscriptions.models.subscription import Checkout

HOLDS = timedelta(days=2)
"""A checkout that is open for longer is forgotten by the gateway, and takes no use any more."""


class CouponQuerySet(models.QuerySet["Coupon"]):
    """Chainable filters."""

    def counted(self) -> "CouponQuerySet":
        """Each with `used`: how many uses are final, or held by a checkout that is open."""
        return self.annotate(used=models.Count("uses", filter=_counts("uses__"), distinct=True))


def _counts(path: str = "") -> Q:
    is_open = {
        f"{path}checkout__state": Checkout.OPEN,
        f"{path}checkout__made_at__gt": clock.now() - HOLDS,
    }
    return Q(**{f"{path}final_at__isnull": False}) | Q(**is_open)


class Coupon(models.Model):
    """A code, and what it takes off the price, tax included, of new subscriptions.

    `percent`, or `amount_off` in minor units of `currency`; from the first `periods` payments, from
    every one when that is None. For any plan unless `plans` are named. Each reader uses it once,
    all together `most_uses` times. What was agreed with it stays, whatever becomes of the coupon.
    """

    code = models.CharField(
        _("code"), max_length=40, unique=True,
        validators=[RegexValidator(r"^[A-Z0-9-]{4,40}$", _("Letters, digits and -, 4 to 40."))],
    )  # fmt: skip
    note = models.CharField(
        _("what it is for"), max_length=120, blank=True, help_text=_("The desk alone sees it.")
    )
    percent = models.PositiveSmallIntegerField(
        _("percent off"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    amount_off = models.BigIntegerField(
        _("amount off"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    periods = models.PositiveSmallIntegerField(
        _("for so many payments"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Empty: every payment. When nothing is left to pay: for so many periods."),
    )  # fmt: skip
    plans = models.ManyToManyField(
        Plan, verbose_name=_("plans"), blank=True, help_text=_("None chosen: every plan.")
    )
    valid_from = models.DateTimeField(_("from"), default=clock.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    most_uses = models.PositiveIntegerField(
        _("most uses"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("By all readers together. Empty: any number. Each reader uses it once."),
    )  # fmt: skip
    active = models.BooleanField(_("can be used"), default=True)
    made_at = models.DateTimeField(default=clock.now, editable=False)
    objects: ClassVar[Any] = CouponQuerySet.as_manager()

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-made_at", "-id"]
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(percent__isnull=False, amount_off__isnull=True)
                | Q(percent__isnull=True, amount_off__isnull=False),
                name="coupon_percent_or_amount",
            )
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """One kind of reduction, with its currency, and an end after its beginning."""
        if (self.percent is None) == (self.amount_off is None):
            raise ValidationError(_("Give percent off, or an amount off: one of them."))
        if self.amount_off is not None:
            check_currency(self.currency)
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValidationError(_("It would end before it begins."))

    def used_up(self, but: "CouponUse | None") -> bool:
        """Whether all uses are taken, `but` that one aside."""
        if self.most_uses is None:
            return False
        others = self.uses.filter(_counts())
        if but is not None:
            others = others.exclude(pk=but.pk)
        return bool(others.count() >= self.most_uses)


class CouponUse(models.Model):
    """A reader's one use of a coupon: held by a checkout while that is open, then final.

    Without a checkout nothing was to be paid: then it opens `version` from `opens` to `closes`. It
    stays without its reader, so that an erased account frees no use.
    """

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="uses")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="coupon_uses"
    )
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    checkout = models.OneToOneField(Checkout, models.SET_NULL, null=True, related_name="coupon_use")
    taken_at = models.DateTimeField(default=clock.now)
    final_at = models.DateTimeField(null=True)
    opens = models.DateTimeField(null=True)
    closes = models.DateTimeField(null=True)

    class Meta:
        """Once for a reader, whatever two windows do at once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["coupon", "reader"], name="coupon_once_a_reader")
        ]

    def __str__(self) -> str:
        return f"{self.coupon}: {self.reader}"

    def is_held(self, version: PlanVersion, now: datetime) -> bool:
        """Whether an open checkout for this version keeps what was quoted."""
        held = self.checkout
        return held is not None and held.version_id == version.pk and self.is_being_paid(now)

    def is_being_paid(self, now: datetime) -> bool:
        """Whether an open checkout may still be paid at the price the coupon made."""
        held = self.checkout
        return held is not None and held.state == Checkout.OPEN and held.made_at > now - HOLDS
