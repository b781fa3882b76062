"""Test cards: reading what was typed, and how each behaves. Only four digits are ever kept."""

import re
from dataclasses import dataclass
from datetime import datetime

from broadsheet.ledger.providers.fakepay.refusals import Refused

KNOWN = {
    "4242424242424242": "pays",
    "4000000000000002": "declined",
    "4000000000009995": "no_funds",
    "4000000000000341": "pays_once",
    "4000002760003184": "asks",
}
"""Every other number that passes the Luhn check pays. One that `asks` pays when its holder has
confirmed the payment to the bank (3-D Secure), so never by itself."""

REVOKED = "revoked"
"""How a card behaves whose holder told the bank that the seller takes nothing any more."""

DECLINED = "The card was declined."
NO_FUNDS = "The card was declined: there is not enough money in the account."
NOT_CONFIRMED = "The bank wants this payment to be confirmed by the card's holder."
NO_MANDATE = "The mandate was revoked at the bank: this card may not be charged any more."
NO_NUMBER = "This is not a card number."
NO_EXPIRY = "Give month and year, such as 04/29."
EXPIRED = "This card has expired."
NO_CVC = "Give the three or four digits on the back."

_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*[/.\-\s]?\s*(20\d\d|\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Card:
    """The last four digits, how the card behaves when it is charged (a value of KNOWN, or REVOKED),
    and the last month in which it is good, such as "2029-04"; "" when it was not typed in."""

    last_four: str
    conduct: str
    expires: str = ""


def read_number(text: str, expiry: str = "") -> Card:
    """A card by its number, with its expiry or without. Raises Refused when it is none."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{12,19}", digits, re.ASCII) or not passes_luhn(digits):
        raise Refused(NO_NUMBER, "Type it as it stands on the card.", 422)
    found = _EXPIRY.fullmatch(expiry.strip())
    expires = f"20{found[2][-2:]}-{int(found[1]):02}" if found else ""
    return Card(digits[-4:], KNOWN.get(digits, "pays"), expires)


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B: every second digit from the right doubled."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def problems(number: str, expiry: str, cvc: str, now: datetime) -> dict[str, str]:
    """What is wrong with a filled-in form: a sentence by field, empty when it can be charged."""
    found = {"number": "", "expiry": _expiry_problem(expiry, now)}
    try:
        read_number(number)
    except Refused as refused:
        found["number"] = refused.problem
    if not re.fullmatch(r"\d{3,4}", cvc.strip(), re.ASCII):
        found["cvc"] = NO_CVC
    return {field: sentence for field, sentence in found.items() if sentence}


def _expiry_problem(text: str, now: datetime) -> str:
    found = _EXPIRY.fullmatch(text.strip())
    if not found:
        return NO_EXPIRY
    year = int(found[2]) % 100 + 2000
    return EXPIRED if (year, int(found[1])) < (now.year, now.month) else ""


def refusal_of(conduct: str, number: int, *, confirmed: bool = False) -> str:
    """Why a card does not pay period `number`; "" when it does."""
    if conduct == REVOKED:
        return NO_MANDATE
    if conduct == "asks" and not confirmed:
        return NOT_CONFIRMED
    if conduct == "no_funds":
        return NO_FUNDS
    declines = conduct == "declined" or (conduct == "pays_once" and number > 0)
    return DECLINED if declines else ""
