"""The short code by which a reader and the newsroom speak of the same reader. Pure."""

import hmac

from broadsheet.gate.passes import derived_key

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32 (www.crockford.com/base32.html): no I, L, O, U."""

LENGTH = 12
"""Characters: 60 bits, so that of ten million readers hardly two have the same."""

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": "", "-": ""})


def code_of(key: str, secret: bytes) -> str:
    """The code of a meter key ("a<id>" or "u<number>"): HMAC-SHA256 (RFC 2104) under a key of its
    own, so that who knows the code knows nothing of the cookie. "" for "-", who is nobody."""
    if key == "-":
        return ""
    mac = hmac.digest(derived_key(secret, "code"), key.encode(), "sha256")
    bits = int.from_bytes(mac[:8])
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(LENGTH))


def shown_code(code: str) -> str:
    """The code in groups of four, to be read aloud."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def typed_code(text: str) -> str:
    """The code that somebody typed, however spaced and in whatever case; "" when it is none."""
    code = text.strip().upper().translate(_READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
