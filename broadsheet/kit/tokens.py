"""Texts that a publisher edits: named tokens like ``{{ paper }}``, everything else refused.

A raw ``{{free_limit}}`` reached the readers of a reference publication. Here an unknown token is
refused when the text is saved, so that it can never reach a reader.
"""

import re
from collections.abc import Collection, Mapping

from broadsheet.kit.say import Refusal

_TOKEN = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


def has_marks(text: str) -> bool:
    """Whether template marks stand in the text; a wire text with any is held for the desk."""
    return _MARKS.search(text) is not None


def unknown(text: str, known: Collection[str]) -> str:
    """The name of the first token that is not known; "" when all are."""
    return next((name for name in _TOKEN.findall(text) if name not in known), "")


def stray(text: str) -> str:
    """The first template mark that belongs to no token; "" when there is none."""
    found = _MARKS.search(_TOKEN.sub("", text))
    return found.group() if found else ""


def check(text: str, known: Collection[str]) -> None:
    """Raise Refusal when the text holds a token that is not known, or stray template marks."""
    if name := unknown(text, known):
        listed = ", ".join("{{ " + one + " }}" for one in sorted(known)) or "none"
        raise Refusal(f"'{{{{ {name} }}}}' is not a token of this text.", f"Known: {listed}.")
    if mark := stray(text):
        raise Refusal(f"The text holds a stray '{mark}'.", "Remove it or close the token.")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its tokens replaced. Raises Refusal as `check` does."""
    check(text, values.keys())
    return _TOKEN.sub(lambda match: values[match.group(1)], text)
