"""Who sells and who buys, as invoices name them and as their taxes ask."""

from typing import Any, ClassVar

from babel import Locale
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.ledger.taxes import numbers, table
from broadsheet.ledger.taxes.rules import UNKNOWN, Party
from broadsheet.look.settings import Setting

SHORT_PREFIX = 3
"""With a year such as 26-27, a longer prefix leaves too few of 16 signs for the number."""


def country_names() -> dict[str, str]:
    """Countries by their code of ISO 3166-1, in the language that is active."""
    names = Locale.parse(get_language() or "en", sep="-").territories
    # What is no country begins with a digit (the world), or is reserved for users and outlines.
    none = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
    return {code: str(name) for code, name in names.items() if len(code) == 2 and code not in none}


def countries() -> list[tuple[str, str]]:
    """For a choice: by name."""
    return sorted(country_names().items(), key=lambda pair: pair[1])


def regions() -> list[tuple[str, str]]:
    """For a choice: the states of India, the only ones that a tax asks for."""
    return sorted(table.regions_of("IN").items(), key=lambda pair: pair[1])


class Located(models.Model):
    """A place and a tax number that belongs there."""

    country = models.CharField(_("country"), max_length=2, choices=countries, blank=True)
    region = models.CharField(
        _("state"), max_length=2, choices=regions, blank=True, help_text=_("In India only.")
    )
    address = models.TextField(_("address"), blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)

    class Meta:
        """No table of its own."""

        abstract = True

    def clean(self) -> None:
        """Put the number into its full form; one that the country cannot have given is refused."""
        try:
            self.tax_number = numbers.checked(self.country, self.tax_number)
        except ValueError:
            told = _("This is no tax number of the country. Please look at it once more.")
            raise ValidationError({"tax_number": told}) from None
        given = numbers.region_of(self.country, self.tax_number)
        known = table.regions_of(self.country)
        self.region = (self.region or given) if known else ""
        if given and self.region != given:
            told = _("This tax number was given in another state: %(state)s.")
            params = {"state": known.get(given, given)}
            raise ValidationError({"region": ValidationError(told, params=params)})

    def party(self, name: str = "") -> Party:
        """As the rules of taxes want it."""
        return Party(self.country, self.region, self.tax_number, name, self.address)


class Seller(Located, Setting):
    """Who sells: what stands at the head of every invoice, and what its taxes go by."""

    name = models.CharField(
        _("name"), max_length=160, blank=True, help_text=_("Empty: the paper's name.")
    )
    prefix = models.CharField(
        _("prefix of invoice numbers"),
        max_length=8,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9]*$", _("Letters and digits only."))],
        help_text=_("MC gives MC-2026-1."),
    )
    year_begins = models.PositiveSmallIntegerField(
        _("fiscal year begins with"), default=1, choices=list(MONTHS.items()),
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("Invoice numbers begin anew with it: in India in April."),
    )  # fmt: skip
    oss = models.BooleanField(
        _("registered for the EU one-stop shop"), default=False,
        help_text=_("Each reader in the EU is then charged the VAT of the reader's country."),
    )  # fmt: skip
    code = models.CharField(
        _("code of the service"), max_length=12, blank=True,
        help_text=_("HSN or SAC. Empty: the one for news online, where the country asks for one."),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Seller and invoices")

    def clean(self) -> None:
        """Number, state and one-stop shop must fit the country, and the prefix the year."""
        super().clean()
        if self.oss and table.system_of(self.country) != table.EU_VAT:
            # The scheme for sellers elsewhere is another one, and its taxes are not computed.
            told = _(
                "The one-stop shop is for sellers in the EU. Choose a country of it, or no shop."
            )
            raise ValidationError({"oss": told})
        if self.year_begins != 1 and len(self.prefix) > SHORT_PREFIX:
            told = _("With years such as 26-27 the prefix has three signs at most.")
            raise ValidationError({"prefix": told})
        if table.regions_of(self.country) and not self.region:
            raise ValidationError({"region": _("Say which state: the tax is divided by it.")})

    @property
    def service_code(self) -> str:
        """The code of what is sold, "" where none is asked for."""
        return self.code or table.code_of(self.country)

    @property
    def asks_where(self) -> bool:
        """Whether its taxes depend on where each reader is."""
        system = table.system_of(self.country)
        return system == table.GST or self.taxes_by_country

    @property
    def taxes_by_country(self) -> bool:
        """Whether the rate is that of each reader's country."""
        return self.oss and table.system_of(self.country) == table.EU_VAT


class Billing(Located):
    """What a reader wants on invoices, and where the reader is for the tax."""

    reader = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="billing", verbose_name=_("reader")
    )
    name = models.CharField(_("name or company"), max_length=160)
    changed_at = models.DateTimeField(default=clock.now)
    objects: ClassVar[models.Manager[Any]] = models.Manager()

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Where the tax asks for a state, it must be said."""
        super().clean()
        if table.regions_of(self.country) and not self.region:
            raise ValidationError({"region": _("Please choose your state: the tax goes by it.")})

    @classmethod
    def of(cls, reader: Any) -> Party:
        """What is known of a reader; a party of no place when nothing is."""
        found = cls.objects.filter(reader=reader).first()
        return found.party(found.name) if found else UNKNOWN
