"""Whose accounts readers may sign in with, as the setting BROADSHEET_SIGN_IN_WITH names them."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from broadsheet.kit.addresses import is_loopback
from broadsheet.kit.say import Refusal

SETTING = "BROADSHEET_SIGN_IN_WITH"


@dataclass(frozen=True, slots=True)
class Issuer:
    """An OpenID Provider (OpenID Connect Core 1.0, section 1.2) and how it knows the paper.

    `slug` stands in addresses and never changes; `url` is the Issuer Identifier.
    """

    slug: str
    name: str
    url: str
    client: str
    secret: str = field(repr=False)

    @property
    def place(self) -> str:
        """ "host:port" of the identifier."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def issuers(text: str) -> tuple[Issuer, ...]:
    """The issuers in lines `id | name shown | issuer URL | client id | secret`; empty ones and
    those that begin with # are passed over.

    Raises Refusal for a line that is none, and for an id that stands twice. It never repeats what
    a line holds: one of its parts is a secret.
    """
    found: dict[str, Issuer] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            issuer = _issuer(line, number)
            if issuer.slug in found:
                raise Refusal(f"{SETTING} names '{issuer.slug}' twice.", "Keep one of the two.")
            found[issuer.slug] = issuer
    return tuple(found.values())


def _issuer(line: str, number: int) -> Issuer:
    parts = [part.strip() for part in line.split("|", 4)]
    if len(parts) != 5 or not all(parts):
        raise Refusal(
            f"{SETTING}: line {number} has not five parts.",
            "Write 'id | name shown | issuer URL | client id | secret'.",
        )
    slug, name, url, client, secret = parts
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,29}", slug) or len(name) > 40:
        raise Refusal(
            f"{SETTING}: line {number} has no proper id or name.",
            "Write an id of a-z, 0-9 and -, such as google, and a name of at most 40 characters.",
        )
    if not _is_identifier(url):
        raise Refusal(
            f"{SETTING}: the third part of line {number} is no issuer URL.",
            "Give the issuer as it names itself, such as https://accounts.google.com.",
        )
    return Issuer(slug, name, url, client, secret)


def _is_identifier(url: str) -> bool:
    """OpenID Connect Core 1.0, section 2, "iss": https, no query, no fragment."""
    try:
        parts = urlsplit(url)
        sound = parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        return False
    here = parts.scheme == "http" and is_loopback(parts.hostname or "")
    secure = parts.scheme == "https" or here
    return bool(sound and secure and not parts.query and not parts.fragment)
