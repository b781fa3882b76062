"""Amounts as the publisher types them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from broadsheet.kit.money import digits, parse


def minor_units(typed: str, currency: str) -> int:
    """The typed price; trailing zeros beyond the currency's decimals may be thousands: refused."""
    places = digits(currency)
    if len(typed.strip().partition(".")[2]) > places:
        raise ValidationError(
            _("%(currency)s has %(places)d decimals. Write thousands without a separator."),
            params={"currency": currency, "places": places},
        )
    try:
        minor = parse(typed, currency).amount
    except ValueError:
        raise ValidationError(
            _("This is no amount. Write figures with a point, such as 900.00 or 1250.")
        ) from None
    if minor <= 0:
        raise ValidationError(_("The amount must be more than nothing."))
    return minor
