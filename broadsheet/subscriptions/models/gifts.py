"""Gift subscriptions: somebody pays once, somebody else reads, from when the code is redeemed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.subscriptions.models.plans import PlanVersion
from broadsheet.subscriptions.models.subscription import new_key


class GiftSubscriptionQuerySet(models.QuerySet["GiftSubscription"]):
    """Chainable filters."""

    def waiting(self) -> "GiftSubscriptionQuerySet":
        """Paid, and neither redeemed nor given back."""
        return self.filter(state=GiftSubscription.PAID, redeemed_at=None, refunded_at=None)

    def without_buyer(self) -> "GiftSubscriptionQuerySet":
        """Those whose buyer's account was erased."""
        return self.filter(buyer=None, buyer_email="")

    def with_buyer(self) -> "GiftSubscriptionQuerySet":
        """Those whose buyer can still be written to."""
        return self.exclude(buyer=None, buyer_email="")


class GiftSubscription(models.Model):
    """One length of a plan, paid once by `buyer`, opened by whoever redeems its code.

    A buyer without an account is known by `buyer_email` alone. `amount` in minor units, tax
    included; `key` is known to the buyer and the gateway, `token` to the form it was bought with.
    The code is the `codes`-th that was made (`gift_codes`), kept as `code_hash`; `shown_at` is when
    the buyer saw it, `sent_at` when it was last mailed to `recipient_email`. Redeemed, it opens the
    version's entitlements from `starts` to `ends`. `refunded_at` is when the money went, given back
    or taken back by the buyer's bank.
    """

    OPEN, PAID, LEFT, REFUSED = "open", "paid", "left", "refused"

    key = models.CharField(max_length=40, unique=True, default=new_key)
    token = models.CharField(max_length=40, default=new_key)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="gifts_bought",
        verbose_name=_("buyer"),
    )  # fmt: skip
    buyer_email = models.EmailField(_("buyer's e-mail"), blank=True)
    buyer_name = models.CharField(_("from"), max_length=80, blank=True)
    version = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="gifts", verbose_name=_("plan")
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    recipient_email = models.EmailField(_("recipient's e-mail"), blank=True)
    message = models.TextField(_("message"), blank=True)
    send_on = models.DateField(_("to be sent on"), null=True)
    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120, null=True)
    url = models.CharField(max_length=500, blank=True)
    replaces = models.CharField(max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=8, default=OPEN)
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(_("made"), default=clock.now)
    asked_at = models.DateTimeField(null=True)
    payment = models.OneToOneField("ledger.Payment", models.PROTECT, null=True, related_name="gift")
    expires_at = models.DateTimeField(_("can be redeemed until"), null=True)
    codes = models.PositiveSmallIntegerField(default=0)
    code_hash = models.CharField(max_length=64, null=True, unique=True)
    shown_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    redeemed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="gifts_redeemed",
        verbose_name=_("redeemed by"),
    )  # fmt: skip
    redeemed_at = models.DateTimeField(_("redeemed"), null=True)
    starts = models.DateTimeField(_("from"), null=True)
    ends = models.DateTimeField(_("until"), null=True)
    refunded_at = models.DateTimeField(_("given back"), null=True)
    objects: ClassVar[models.Manager["GiftSubscription"]] = GiftSubscriptionQuerySet.as_manager()

    class Meta:
        """The newest first; one open checkout for one form, and one for one object there."""

        ordering: ClassVar[list[str]] = ["-made_at", "-id"]
        default_permissions = ()
        verbose_name = _("gift subscription")
        verbose_name_plural = _("gift subscriptions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref"], name="gift_checkout_once"),
            models.UniqueConstraint(
                fields=["token"], condition=Q(state="open"), name="gift_open_once_a_form"
            ),
            models.CheckConstraint(
                condition=Q(redeemed_at=None) | Q(payment__isnull=False, starts__isnull=False),
                name="gift_redeemed_when_paid",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "made_at"], name="gift_by_state")
        ]

    def __str__(self) -> str:
        return f"{self.version.plan}: {self.email}"

    @property
    def email(self) -> str:
        """Where the buyer is written to; "" when the account was erased."""
        return self.buyer.email if self.buyer else self.buyer_email

    @property
    def money(self) -> Money:
        """What it costs, tax included."""
        return Money(self.amount, self.currency)

    def forget_recipient(self) -> None:
        """Of one that waits no more, where no buyer is left who could ask for whom it was; not
        saved."""
        if not self.email:
            self.recipient_email, self.message = "", ""

    @property
    def is_waiting(self) -> bool:
        """Paid, and neither redeemed nor given back."""
        return bool(
            self.state == self.PAID and self.redeemed_at is None and self.refunded_at is None
        )
