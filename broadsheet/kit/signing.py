"""The keys that sign what partners are told of readers: RSA in PEM, the first one signs."""

import os
import re
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from broadsheet.kit.say import Refusal

SETTING = "BROADSHEET_SIGNING_KEY"
LEAST_BITS = 2048
"""RS256 asks for 2048 bits at least (RFC 7518, 3.3)."""

_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*PRIVATE KEY-----", re.S)


def signing_keys(text: str, home: Path) -> tuple[str, ...]:
    """The keys of the setting; without it those in `home/signing_key`, which is made once.

    A key that is to be followed stands below the new one until no token of it is in use: it signs
    nothing, and is published. Raises Refusal for what is no RSA key of 2048 bits.
    """
    path = home / "signing_key"
    if not text and not path.exists():
        _make(path)
    return read_keys(text or path.read_text(), SETTING if text else str(path))


def read_keys(text: str, where: str) -> tuple[str, ...]:
    """Every private key in the text, in its order. Raises Refusal; it never repeats the text."""
    found = tuple(f"{one.group()}\n" for one in _KEY.finditer(text))
    if not found or not all(map(_is_sound, found)):
        raise Refusal(
            f"{where} holds no private RSA key of {LEAST_BITS} bits in PEM, or one that is broken.",
            "Make one with 'openssl genrsa 2048', or take the setting away: the paper makes one.",
        )
    return found


def _is_sound(pem: str) -> bool:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        return False
    return isinstance(key, rsa.RSAPrivateKey) and key.key_size >= LEAST_BITS


def _make(path: Path) -> None:
    # Written aside and linked, so that two processes starting at once never see half a key.
    key = rsa.generate_private_key(public_exponent=65537, key_size=LEAST_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    aside = path.with_name(f".signing_key.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
