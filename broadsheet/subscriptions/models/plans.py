"""What is sold: entitlements, plans and their versions, and how prices are shown."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.gate.rules import WORD
from broadsheet.kit import clock
from broadsheet.kit.money import Money, digits, tax_on_top, tax_within
from broadsheet.kit.periods import Interval
from broadsheet.kit.say import Refusal
from broadsheet.look.settings import Setting
from broadsheet.look.texts import refuse_tokens
from broadsheet.subscriptions.decisions import TAKEN
from broadsheet.subscriptions.rules import LONGEST, MOST_SEATS, mandate_rule
from broadsheet.subscriptions.trials import MOST_DAYS


def refuse_taken_word(name: str) -> None:
    """Raise ValidationError for a name whose first word means something else to the gate."""
    if name.partition(":")[0] in TAKEN:
        told = _("“%(name)s” means something else to the gate. Choose another name.")
        raise ValidationError(told, params={"name": name})


def check_currency(code: str) -> None:
    """Raise ValidationError for what is no currency of ISO 4217."""
    try:
        digits(code)
    except ValueError:
        raise ValidationError(
            _("'%(code)s' is no currency. Give a code of ISO 4217 such as INR, EUR or USD."),
            params={"code": code},
        ) from None


class Entitlement(models.Model):
    """A right by its name, and how it is put to readers."""

    name = models.CharField(
        _("name"), max_length=60, unique=True,
        validators=[
            RegexValidator(rf"^{WORD.pattern}$", _("Small letters, digits, _ and :.")),
            refuse_taken_word,
        ],
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=80, validators=[refuse_tokens])
    benefit = models.CharField(
        _("what readers get"), max_length=240, blank=True, validators=[refuse_tokens]
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        """In the order in which benefits are told."""

        ordering: ClassVar[list[str]] = ["order", "name"]
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")

    def __str__(self) -> str:
        return self.title or self.name


class Plan(models.Model):
    """Something readers can subscribe to. What it costs and gives is in its versions."""

    slug = models.SlugField(_("address"), unique=True)
    name = models.CharField(_("name"), max_length=60, validators=[refuse_tokens])
    description = models.CharField(
        _("what is included"), max_length=240, blank=True, validators=[refuse_tokens]
    )
    note = models.CharField(
        _("label"), max_length=40, blank=True, validators=[refuse_tokens],
        help_text=_("Two or three words above the price, such as: Best value."),
    )  # fmt: skip
    on_sale = models.BooleanField(_("on sale"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        """In the order of the price list."""

        ordering: ClassVar[list[str]] = ["order", "name"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return self.name

    @property
    def current(self) -> "PlanVersion | None":
        """What new subscribers get."""
        return self.versions.order_by("-number").first()


class PlanVersion(models.Model):
    """Price, length and entitlements of a plan, as they were once offered. Never changed.

    `price` in minor units of `currency` for one interval; `tax_rate` in ten-thousandths. Unless it
    `renews` it is paid once, for one interval. The first `intro_periods` cost `intro_price` each
    for whoever did not have the plan before. Whoever may try it pays nothing for `trial_days` days
    of 24 hours; the first period begins after them. It is for so many readers as it has `seats`,
    the subscriber among them.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    price = models.BigIntegerField(_("price"), validators=[MinValueValidator(1)])
    currency = models.CharField(_("currency"), max_length=3, validators=[check_currency])
    unit = models.CharField(_("unit"), max_length=5)
    count = models.PositiveSmallIntegerField(_("count"), validators=[MinValueValidator(1)])
    tax_name = models.CharField(_("name of the tax"), max_length=40, blank=True)
    tax_rate = models.PositiveIntegerField(_("tax rate"), default=0)
    tax_included = models.BooleanField(_("tax is in the price"), default=True)
    renews = models.BooleanField(_("renews"), default=True)
    intro_price = models.BigIntegerField(
        _("introductory price"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    intro_periods = models.PositiveSmallIntegerField(_("for so many periods"), default=0)
    trial_days = models.PositiveSmallIntegerField(
        _("days of trial"), default=0, validators=[MaxValueValidator(MOST_DAYS)]
    )
    seats = models.PositiveSmallIntegerField(
        _("readers"), default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)],
    )  # fmt: skip
    entitlements: Any = models.JSONField(default=list)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        """A plan's versions by number."""

        ordering: ClassVar[list[str]] = ["plan", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once"),
            models.CheckConstraint(condition=models.Q(price__gt=0), name="plan_price_positive"),
            models.CheckConstraint(condition=models.Q(count__gt=0), name="plan_count_positive"),
            models.CheckConstraint(condition=models.Q(seats__gt=0), name="plan_seats_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} ({self.number})"

    def save(self, *args: Any, **options: Any) -> None:
        """Write it, once. Raises Refusal when it is saved again."""
        if not self._state.adding:
            raise Refusal("What was offered is never changed.", "Make another version of the plan.")
        super().save(*args, **options)

    def clean(self) -> None:
        """An interval must be one, and end within ten years."""
        try:
            interval = self.interval
        except ValueError:
            raise ValidationError(_("Give days, weeks, months or years, one or more.")) from None
        if interval.count > LONGEST[interval.unit]:
            raise ValidationError(_("A period is at most ten years long."))
        self._check_trial()
        self._check_intro()

    def _check_trial(self) -> None:
        if self.trial_days and not self.renews:
            raise ValidationError(_("A plan that is paid once has no trial."))
        if self.trial_days == 1 and mandate_rule(self.currency, clock.now().date()):
            words = _("Each debit in this currency is announced a day before: try it for two days.")
            raise ValidationError(words)

    def _check_intro(self) -> None:
        if (self.intro_price is None) != (self.intro_periods == 0):
            raise ValidationError(_("An introductory price needs the number of its periods."))
        if self.intro_price is None:
            return
        if not self.renews:
            raise ValidationError(_("A plan that is paid once has one price."))
        if self.intro_price >= self.price:
            raise ValidationError(_("The introductory price must be below the price."))
        if self.intro_periods * self.count > LONGEST[self.unit]:
            raise ValidationError(_("The introductory price lasts ten years at most."))

    @property
    def can_be_given(self) -> bool:
        """Whether it is sold as a gift: a plan for several readers needs an owner who invites."""
        return self.seats == 1

    @property
    def interval(self) -> Interval:
        """How long one period lasts."""
        return Interval(self.unit, self.count)  # type: ignore[arg-type]

    @property
    def shown(self) -> Money:
        """The price as it is advertised."""
        return Money(self.price, self.currency)

    @property
    def tax(self) -> int:
        """The tax of one period, minor units."""
        measure = tax_within if self.tax_included else tax_on_top
        return measure(self.price, self.tax_rate)

    def charged(self, price: int) -> Money:
        """What is charged for an advertised price (minor units), tax included."""
        tax = 0 if self.tax_included else tax_on_top(price, self.tax_rate)
        return Money(price + tax, self.currency)

    @property
    def total(self) -> Money:
        """What is charged for one period, tax included."""
        return self.charged(self.price)

    @property
    def intro(self) -> Money | None:
        """What is charged for each of the first periods, tax included; None when it is the same."""
        return None if self.intro_price is None else self.charged(self.intro_price)


class SalesPolicy(Setting):
    """How prices are shown, and how patient the paper is."""

    ROUNDING: ClassVar[list[tuple[str, Any]]] = [
        ("exact", _("exactly")),
        ("down", _("rounded down to whole units")),
        ("nearest", _("rounded to the nearest whole unit")),
        ("up", _("rounded up to whole units")),
    ]
    rounding = models.CharField(
        _("price per month is shown"), max_length=8, choices=ROUNDING, default="exact"
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=7,
        help_text=_("How long a subscriber reads on when a renewal could not be charged."),
    )  # fmt: skip
    pause_months = models.PositiveSmallIntegerField(
        _("longest pause, in months"), default=3, validators=[MaxValueValidator(3)],
        help_text=_("Readers may let a subscription rest for one to so many months. 0: never."),
    )  # fmt: skip
    pause_every = models.PositiveSmallIntegerField(
        _("a pause once in so many months"), default=12, validators=[MaxValueValidator(60)],
        help_text=_("Counted from the beginning of the last one. 0: as often as readers like."),
    )  # fmt: skip
    remind_short = models.BooleanField(
        _("remind before every renewal"), default=False,
        help_text=_("By mail, seven days before. For plans of a year or longer it is always done."),
    )  # fmt: skip
    promise = models.TextField(
        _("line above the plans"), blank=True, validators=[refuse_tokens],
        help_text=_("Empty: our own words."),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Plans and prices")
