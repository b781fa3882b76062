"""Institutions: libraries, universities, firms whose people read without plans of their own."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from broadsheet.gate.institutions import Lending
from broadsheet.kit import clock
from broadsheet.subscriptions.rules import HOSTNAME, Unfit, network_of

MOST_LINES = 2000

UNFIT = {
    "malformed": _(
        "'%(line)s' is no network. Write one such as 193.0.6.0/24 or 2001:67c:2e8::/48, its bits"
        " behind the slash's number all zero."
    ),
    "wide": _(
        "%(line)s is too wide: it holds other people's addresses too. The widest are /8 of IPv4 and"
        " /19 of IPv6."
    ),
    "private": _(
        "%(line)s is not public: any reader may seem to come from there. Ask the institution for"
        " its addresses on the internet."
    ),
}


def lines_of(text: str) -> list[str]:
    """The lines that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def check_networks(text: str) -> None:
    """Raise ValidationError for the first line that no institution may have, saying why."""
    lines = lines_of(text)
    if len(lines) > MOST_LINES:
        raise ValidationError(_("At most %(most)d lines."), params={"most": MOST_LINES})
    for line in lines:
        try:
            network_of(line)
        except Unfit as unfit:
            raise ValidationError(UNFIT[unfit.reason], params={"line": line}) from None


def check_domains(text: str) -> None:
    """Raise ValidationError for a line that is no mail domain."""
    for line in lines_of(text):
        if not HOSTNAME.fullmatch(line.lower()):
            words = _("'%(line)s' is no mail domain. Write what stands after the @: library.org")
            raise ValidationError(words, params={"line": line})


class Institution(models.Model):
    """Who may read what, known by network or by a confirmed mail address, from when until when.

    `networks` and `domains` hold one a line. `seats` bounds the accounts known by mail address;
    networks have no bound. A domain means itself alone, not what stands below it.
    """

    name = models.CharField(_("name"), max_length=120)
    networks = models.TextField(
        _("networks"), blank=True, validators=[check_networks],
        help_text=_("One a line: 193.0.6.0/24, 2001:67c:2e8::/48. Whoever reads from there."),
    )  # fmt: skip
    domains = models.TextField(
        _("mail domains"), blank=True, validators=[check_domains],
        help_text=_("One a line: library.org. Whoever has a confirmed address there."),
    )  # fmt: skip
    entitlements: Any = models.JSONField(_("opens"), default=list)
    seats = models.PositiveIntegerField(
        _("seats"), null=True, blank=True,
        help_text=_("How many accounts by mail address. Empty: no bound."),
    )  # fmt: skip
    starts = models.DateTimeField(_("from"), default=clock.now)
    ends = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        """By name."""

        ordering: ClassVar[list[str]] = ["name", "pk"]
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Somebody must be meant, and the end come after the start."""
        if not lines_of(self.networks) and not lines_of(self.domains):
            raise ValidationError(_("Name a network or a mail domain: nobody would be let in."))
        if self.ends and self.ends <= self.starts:
            raise ValidationError({"ends": _("It ends before it starts.")})

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and in the same transaction all that listens: seats and the gate's networks."""
        with transaction.atomic():
            super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete, and in the same transaction end what it opened."""
        with transaction.atomic():
            return super().delete(*args, **options)

    @property
    def mail_domains(self) -> list[str]:
        """The domains, in small letters."""
        return [line.lower() for line in lines_of(self.domains)]

    @property
    def lendings(self) -> list[Lending]:
        """Its networks as the gate knows them."""
        span = (self.starts.timestamp(), self.ends.timestamp() if self.ends else 0.0)
        rights = tuple(self.entitlements)
        named = dict.fromkeys(str(network_of(line)) for line in lines_of(self.networks))
        return [Lending(self.pk, network, rights, *span) for network in named]
