"""The code of a gift: made from the paper's secret when it is needed, kept as a digest only."""

import hashlib

from django.utils.crypto import salted_hmac

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look alike: 0 and O, 1 and I."""
LENGTH = 16
"""Of 5 bits each: 80 bits cannot be guessed, however many gifts there are."""
NONE = "-"
SALT = "broadsheet.subscriptions.gift"


def code_of(key: str, number: int) -> str:
    """The `number`-th code of the gift with this key: "ABCD-EFGH-JKLM-NPQR"."""
    digest = salted_hmac(SALT, f"{key}:{number}", algorithm="sha256").digest()
    bits = int.from_bytes(digest[:10], "big")
    signs = "".join(SIGNS[bits >> (5 * place) & 31] for place in range(LENGTH))
    return "-".join(signs[at : at + 4] for at in range(0, LENGTH, 4))


def digest_of(code: str) -> str:
    """What is kept of a code, however it was typed; `NONE`, which no gift has, for what is none."""
    signs = "".join(sign for sign in code.upper()[:80] if sign.isalnum())
    if len(signs) != LENGTH or not set(signs) <= set(SIGNS):
        return NONE
    return hashlib.sha256(signs.encode()).hexdigest()
