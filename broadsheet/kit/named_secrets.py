"""Secrets of feeds, as the setting BROADSHEET_WIRE_SECRETS holds them: by name."""

import re
from collections.abc import Iterator

from broadsheet.kit.say import Refusal


def named_secrets(text: str) -> dict[str, str]:
    """The secrets in lines "name = secret"; empty ones and those that begin with # are passed over.

    A private key goes on over the lines that follow, to its -----END line (RFC 7468). Raises
    Refusal for a line that is none, and for a name that stands twice.
    """
    found: dict[str, str] = {}
    for number, line in _with_keys(text):
        name, separator, secret = (part.strip() for part in line.partition("="))
        if not line.strip() or name.startswith("#"):
            continue
        if not (separator and secret and re.fullmatch(r"[a-z0-9_-]{1,50}", name)):
            raise Refusal(
                f"BROADSHEET_WIRE_SECRETS: line {number} is not 'name = secret'.",
                "Write a name of a-z, 0-9, - and _, an equals sign and the secret.",
            )
        if name in found:
            raise Refusal(f"BROADSHEET_WIRE_SECRETS names '{name}' twice.", "Keep one of the two.")
        found[name] = secret
    return found


def _with_keys(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, those of a private key as one."""
    key: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not key and "-----BEGIN " not in line:
            yield number, line
            continue
        first = first if key else number
        key.append(line.rstrip())
        if line.strip().startswith("-----END "):
            yield first, "\n".join(key) + "\n"
            key = []
    if key:
        raise Refusal(
            f"BROADSHEET_WIRE_SECRETS: the key in line {first} has no end.", "Paste the whole key."
        )
