"""The meter's limits, and what the wall says."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseGenericSetting

from broadsheet.gate.policy import Allowance, Policy
from broadsheet.look.texts import refuse_unknown_tokens

WALL_TOKENS = ("paper", "free_limit", "registered_limit")


def _wall_tokens(text: str) -> None:
    refuse_unknown_tokens(text, WALL_TOKENS)


class MeterPolicy(BaseGenericSetting):
    """How many articles a month are free, and what the wall says below its first sentence."""

    free_anonymous = models.PositiveIntegerField(
        _("free articles a month without an account"), default=3
    )
    free_registered = models.PositiveIntegerField(
        _("free articles a month with an account"), default=5
    )
    invitation = models.TextField(
        _("invitation on the wall"), blank=True, validators=[_wall_tokens],
        help_text=_(
            "Tokens: {{ paper }}, {{ free_limit }}, {{ registered_limit }}. Empty: our own words."
        ),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Meter and wall")

    def rules(self) -> Policy:
        """What the gate decides by."""
        free = (("anonymous", self.free_anonymous), ("registered", self.free_registered))
        return Policy(tuple(Allowance(kind, limit) for kind, limit in free))
