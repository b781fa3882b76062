"""The meter's rules as the publisher sets them, and what the wall says."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models import Section
from broadsheet.gate.policy import Allowance, Policy
from broadsheet.look.settings import Setting
from broadsheet.look.texts import refuse_unknown_tokens
from broadsheet.subscriptions.models.plans import Entitlement

WALL_TOKENS = ("paper", "free_limit", "registered_limit")
PERIODS = [
    ("month", _("calendar month")),
    ("week", _("week, from Monday")),
    ("days", _("a number of days back from now")),
]
LONGEST = 31
"""Days of a rolling period: who read what is kept no longer."""


def _wall_tokens(text: str) -> None:
    refuse_unknown_tokens(text, WALL_TOKENS)


def _refuse_no_more(limit: int | None, after: int | None, field: str) -> None:
    """Raise ValidationError when an account gives no more than readers have when asked for one."""
    if limit is not None and after is not None and limit <= after:
        told = _("Readers are asked for an account after %(after)d: an account must give more.")
        raise ValidationError({field: told % {"after": after}})


class MeterPolicy(Setting):
    """How many articles are free, within which period, and what the wall says."""

    free_anonymous = models.PositiveIntegerField(_("free articles without an account"), default=3)
    free_registered = models.PositiveIntegerField(_("free articles with an account"), default=5)
    period = models.CharField(_("counted within"), max_length=5, choices=PERIODS, default="month")
    days = models.PositiveSmallIntegerField(
        _("days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
        help_text=_("For a number of days back from now: how many, 31 at most."),
    )  # fmt: skip
    register_after = models.PositiveSmallIntegerField(
        _("ask to register after"), null=True, blank=True,
        help_text=_(
            "Readers without an account are asked to register after so many of their free"
            " articles. Empty: only when they have read them all."
        ),
    )  # fmt: skip
    show_count = models.BooleanField(
        _("tell readers how many they have read"), default=True,
        help_text=_("A line above each metered article: “Free article 2 of 3 this month.”"),
    )  # fmt: skip
    open_when_down = models.BooleanField(
        _("open when reads cannot be counted"), default=False,
        help_text=_("Metered articles. Premium ones stay closed, subscribers read on."),
    )  # fmt: skip
    budget = models.PositiveIntegerField(
        _("free reads of a network a day"), default=300,
        help_text=_(
            "Readers who send no cookie share this number within their network (an IPv4 /24 or an"
            " IPv6 /48); then they are asked to register. 0: no bound."
        ),
    )  # fmt: skip
    invitation = models.TextField(
        _("invitation on the wall"), blank=True, validators=[_wall_tokens],
        help_text=_(
            "Tokens: {{ paper }}, {{ free_limit }}, {{ registered_limit }}. Empty: our own words."
        ),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Meter and wall")

    def clean(self) -> None:
        """To ask after more articles than are free would never happen, and an account that gives
        no more than was read would close what it promises to open."""
        if self.register_after is None or self.free_anonymous is None:
            return
        if self.register_after > self.free_anonymous:
            told = _("Only %(free)d articles are free without an account. Give %(free)d or fewer.")
            raise ValidationError({"register_after": told % {"free": self.free_anonymous}})
        own = FreeLimit.objects.filter(kind="registered").values_list("limit", flat=True)
        for limit in (self.free_registered, *own):
            _refuse_no_more(limit, self.register_after, "register_after")

    def rules(self) -> Policy:
        """What the gate decides by, but for the desk's time rules."""
        general = (
            Allowance("anonymous", self.free_anonymous),
            Allowance("registered", self.free_registered),
        )
        return Policy(
            allowances=(*FreeLimit.allowances(), *general),
            period=self.period,  # type: ignore[arg-type]
            days=self.days,
            register_after=self.register_after,
            open_when_down=self.open_when_down,
            budget=self.budget,
        )


class FreeLimit(models.Model):
    """Another number of free articles for a kind of reader, or in a section, counted by itself.

    A limit for one section goes before one for all, that of an entitlement before the others.
    """

    KINDS: ClassVar = [
        ("anonymous", _("readers without an account")),
        ("registered", _("readers with an account")),
    ]
    kind = models.CharField(_("for"), max_length=10, choices=KINDS, blank=True)
    entitlement = models.ForeignKey(
        Entitlement, models.CASCADE, null=True, blank=True, verbose_name=_("or for holders of")
    )
    section = models.ForeignKey(
        Section, models.CASCADE, null=True, blank=True, verbose_name=_("in the section"),
        help_text=_("Empty: in every section."),
    )  # fmt: skip
    limit = models.PositiveIntegerField(
        _("free articles"), null=True, blank=True, help_text=_("Empty: without end.")
    )

    class Meta:
        """One for a kind of reader and a section."""

        verbose_name = _("free articles")
        verbose_name_plural = _("other numbers of free articles")

    def __str__(self) -> str:
        whom = self.entitlement or self.get_kind_display()
        return f"{whom}, {self.section}" if self.section else str(whom)

    def clean(self) -> None:
        """For one kind of reader, and not twice for the same."""
        if bool(self.kind) == bool(self.entitlement_id):
            raise ValidationError(_("Choose either readers or an entitlement, not both."))
        if not self.entitlement_id and not self.section_id:
            told = _("For all sections this number stands under Settings, “Meter and wall”.")
            raise ValidationError({"section": told})
        if self.kind == "registered":
            _refuse_no_more(self.limit, MeterPolicy.current().register_after, "limit")
        same = FreeLimit.objects.filter(
            kind=self.kind, entitlement=self.entitlement, section=self.section
        )
        if same.exclude(pk=self.pk).exists():
            raise ValidationError(_("There is a number for these readers there. Change that one."))

    @classmethod
    def allowances(cls) -> list[Allowance]:
        """All of them, the narrower before the wider."""
        rows: Any = cls.objects.select_related("entitlement")
        ordered = sorted(rows, key=lambda r: (not r.entitlement_id, not r.section_id, r.pk))
        return [
            Allowance(
                row.entitlement.name if row.entitlement else row.kind,
                row.limit,
                frozenset({row.section_id} if row.section_id else ()),
            )
            for row in ordered
        ]
