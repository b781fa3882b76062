"""Tax numbers: whether one can be right, by its form and check digits. Nobody is asked. Pure."""

from broadsheet.ledger.taxes.table import GST, system_of

PREFIXES = {"GR": "EL"}
"""Where a VAT number begins with other letters than the country's code."""


def checked(country: str, number: str) -> str:
    """The number in full, without blanks: a GSTIN, or a VAT number with its letters.

    Raises ValueError when it cannot be one of the country. Other countries' numbers are taken as
    they are.
    """
    # The library knows two hundred kinds of numbers: it is loaded when one is given.
    from stdnum.eu import vat
    from stdnum.exceptions import ValidationError
    from stdnum.in_ import gstin

    system, typed = system_of(country), number.strip().upper()
    if not typed or not system:
        return number.strip()
    try:
        if system == GST:
            return gstin.validate(typed)
        letters = PREFIXES.get(country, country)
        plain = "".join(sign for sign in typed if sign.isalnum())
        whole = vat.validate(plain if plain.startswith(letters) else letters + plain)
    except ValidationError:
        raise ValueError(f"{number!r} is no tax number of {country}.") from None
    if not whole.startswith(letters):
        raise ValueError(f"{number!r} is a tax number of another country than {country}.")
    return whole


def region_of(country: str, number: str) -> str:
    """The region that a checked number was given in: the first two digits of a GSTIN; else ""."""
    return number[:2] if number and system_of(country) == GST else ""
