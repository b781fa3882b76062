"""A reader's way through checkout, and the subscription it becomes."""

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.kit.periods import start_of
from broadsheet.subscriptions.models.plans import PlanVersion
from broadsheet.subscriptions.pauses import is_resting, turned
from broadsheet.subscriptions.rules import ends_at
from broadsheet.subscriptions.trials import Trial


def new_key() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(16)


class Checkout(models.Model):
    """What a reader was about to agree to: the price as it was then, and the page wanted next.

    `amount` in minor units, tax included; the first `opening_periods` cost `opening_amount` each.
    For `trial_days` nothing is charged at first. `coupon` took that much off. `key` is known to the
    reader's browser and the gateway.
    """

    OPEN, PAID, LEFT, REFUSED = "open", "paid", "left", "refused"

    key = models.CharField(max_length=40, unique=True, default=new_key)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="checkouts")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    opening_amount = models.BigIntegerField(null=True)
    opening_periods = models.PositiveSmallIntegerField(default=0)
    trial_days = models.PositiveSmallIntegerField(default=0)
    coupon = models.ForeignKey(
        "subscriptions.Coupon", models.PROTECT, null=True, related_name="checkouts"
    )
    currency = models.CharField(max_length=3)
    next = models.CharField(max_length=500, blank=True)
    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120, null=True)
    url = models.CharField(max_length=500, blank=True)
    replaces = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, default=OPEN)
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        """One checkout for one object of the gateway."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref"], name="checkout_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "made_at"])]

    def __str__(self) -> str:
        return f"{self.reader}: {self.version}"

    def due(self, number: int) -> int:
        """What period `number` costs (0 is the first), minor units."""
        early = self.opening_amount is not None and number < self.opening_periods
        return self.opening_amount or 0 if early else self.amount


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Chainable filters."""

    def live(self) -> "SubscriptionQuerySet":
        """Those that have not ended."""
        return self.exclude(state=Subscription.ENDED)

    def given_up(self) -> "SubscriptionQuerySet":
        """Overdue, and the gateway tries no more: read on in grace, but open to a new checkout."""
        return self.filter(state=Subscription.PAST_DUE, pay_url="")

    def unheard(self) -> "SubscriptionQuerySet":
        """Ended, and the gateway has not answered since it was told: it may have charged before."""
        return self.filter(state=Subscription.ENDED, heard_at=None, renews=F("renews_told"))

    def past_paid(self, now: datetime) -> "SubscriptionQuerySet":
        """Live ones that do not rest and whose paid periods are all over: the renewal must have
        been tried."""
        running = Subscription.objects.filter(
            pk=OuterRef("pk"), periods__refunded_at=None, periods__ends__gt=now
        )
        rests = Q(resumes_at__isnull=False, resumes_at__gt=now, renews=True)
        return self.live().filter(~Exists(running)).exclude(rests).exclude(trial_ends__gt=now)

    def on_trial(self, now: datetime) -> "SubscriptionQuerySet":
        """Live ones whose first charge is to come."""
        return self.live().filter(trial_ends__gt=now)

    def resting(self, now: datetime) -> "SubscriptionQuerySet":
        """Live ones whose pause runs: paid periods over, to resume later."""
        running = Subscription.objects.filter(
            pk=OuterRef("pk"), periods__refunded_at=None, periods__ends__gt=now
        )
        return self.live().filter(~Exists(running), resumes_at__gt=now)

    def over(self, now: datetime) -> "SubscriptionQuerySet":
        """Those past paid whose grace is over as well: all that may end now, and few others."""
        found = self.past_paid(now)
        over = Q(renews=False)
        for days in found.order_by().values_list("grace_days", flat=True).distinct():
            since = now - timedelta(days=days)
            in_grace = Subscription.objects.filter(
                Q(periods__refunded_at=None, periods__ends__gt=since)
                | Q(resumes_at__gt=since)
                | Q(trial_ends__gt=since),
                pk=OuterRef("pk"),
            )
            over |= Q(~Exists(in_grace), grace_days=days)
        return found.filter(over)


class Subscription(models.Model):
    """A reader pays for a plan, period after period, each counted from the anchor.

    After a change of plan that is when the first period of the new one began, number `base`; after
    a pause, when the first one after it does. `terms` is the key of the change of plan in force, ""
    when there was none. `resumes_at` is when a pause ends that is to come or runs: the next period
    begins then. None when there is none, or that period is paid. From `trial_starts` to
    `trial_ends`, where period 0 begins, nothing is charged; None where there was no trial.

    `renews` is what the reader wants; `renews_told` what the gateway was last told. `asked_at` is
    when it was last asked, `heard_at` when it last answered, None since it was told something.

    `card` is what later charges are taken from, as the gateway names it, `card_expires` its last
    month ("2029-04"), and `card_ref` the gateway's own; "" until the gateway said. `card_page_at`
    is when its reader was sent to change it, None once that is done.
    """

    ACTIVE, PAST_DUE, PAUSED, ENDED = "active", "past_due", "paused", "ended"
    DUPLICATE, REFUNDED, UNPAID, CANCELLED = "duplicate", "refunded", "unpaid", "cancelled"
    DISPUTED, RAN_OUT, WITHDRAWN = "disputed", "ran_out", "withdrawn"
    STATES: ClassVar[list[tuple[str, object]]] = [
        (ACTIVE, _("active")), (PAST_DUE, _("payment overdue")),
        (PAUSED, _("paused")), (ENDED, _("ended")),
    ]  # fmt: skip

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="subscriptions",
        verbose_name=_("reader"),
    )  # fmt: skip
    version = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="subscriptions", verbose_name=_("plan")
    )
    checkout = models.OneToOneField(Checkout, models.RESTRICT)
    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    state = models.CharField(_("state"), max_length=8, choices=STATES, default=ACTIVE)
    anchor = models.DateTimeField(_("since"))
    base = models.PositiveIntegerField(default=0)
    terms = models.CharField(max_length=40, blank=True)
    resumes_at = models.DateTimeField(null=True)
    trial_starts = models.DateTimeField(null=True)
    trial_ends = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64)
    renews = models.BooleanField(_("renews"), default=True)
    renews_told = models.BooleanField(default=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    grace_days = models.PositiveSmallIntegerField()
    pay_url = models.CharField(max_length=500, blank=True)
    card = models.CharField(max_length=40, blank=True)
    card_ref = models.CharField(max_length=120, blank=True)
    card_expires = models.CharField(max_length=7, blank=True)
    card_page_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_reason = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    objects: ClassVar[Any] = SubscriptionQuerySet.as_manager()

    class Meta:
        """One live subscription and one trial for one reader, whatever two browsers do at once."""

        ordering: ClassVar[list[str]] = ["-anchor", "-id"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "ref"], name="subscription_once"),
            models.UniqueConstraint(
                fields=["reader"], condition=~Q(state="ended"), name="one_live_subscription"
            ),
            models.UniqueConstraint(
                fields=["reader"], condition=Q(trial_ends__isnull=False), name="one_trial"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.version.plan}"

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.state != self.ENDED

    def price_of(self, number: int) -> Money:
        """What a period of the terms in force costs, tax included."""
        if self.terms:
            return self.version.total
        return Money(self.checkout.due(number), self.checkout.currency)

    @property
    def usual(self) -> Money:
        """What each period costs once no first price holds any more, tax included."""
        agreed = Money(self.checkout.amount, self.checkout.currency)
        return self.version.total if self.terms else agreed

    @property
    def price(self) -> Money:
        """What the period after the last one costs, tax included."""
        return self.price_of(self.periods.count())

    def start_of(self, number: int) -> datetime:
        """When period `number` begins (0 is the first), UTC."""
        return start_of(self.anchor, number - self.base, self.version.interval, self.zone)

    def paid_until(self) -> datetime:
        """The end of the last period paid for; the anchor when none is."""
        last = self.periods.filter(refunded_at=None).order_by("-number").first()
        return last.ends if last else self.anchor

    @property
    def grace(self) -> timedelta:
        """How long access goes on when a renewal could not be charged."""
        return timedelta(days=self.grace_days)

    def ends_at(self) -> datetime:
        """When it ends if nothing more is paid, grace included, UTC."""
        begins = self.next_at() if self.renews else self.paid_until()
        return ends_at(begins, renews=self.renews, grace=self.grace)

    def next_at(self) -> datetime:
        """When the period after the last paid one begins, UTC: where that ends, or a pause."""
        return max(self.paid_until(), self.resumes_at or self.anchor)

    @property
    def trial(self) -> Trial | None:
        """When nothing is, or was, charged at first; None where there was no trial."""
        if self.trial_starts is None or self.trial_ends is None:
            return None
        return Trial(self.trial_starts, self.trial_ends)

    @property
    def is_on_trial(self) -> bool:
        """Whether its first charge is to come."""
        return self.is_live and self.trial_ends is not None and self.trial_ends > clock.now()

    @property
    def is_resting(self) -> bool:
        """Whether a pause runs now."""
        return self.is_live and is_resting(self.resumes_at, self.paid_until(), clock.now())

    def turn(self, state: str) -> None:
        """Another state, not saved. Raises ValueError for one that cannot follow."""
        self.state = turned(self.state, state)

    def end(self, reason: str) -> None:
        """Over from now on, for a reason such as `UNPAID`; not saved."""
        self.turn(self.ENDED)
        self.end_reason = reason
        self.ended_at, self.renews = clock.now(), False

    def revive(self) -> None:
        """Live again, because what was missing was paid after all; not saved."""
        self.turn(self.ACTIVE)
        self.end_reason = ""
        self.ended_at, self.renews = None, self.version.renews
