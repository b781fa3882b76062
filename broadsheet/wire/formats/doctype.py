"""The document type declaration: taken off, its harmless entities read, its bombs refused."""

import re
from html import unescape

from broadsheet.wire.formats.parsed import Reading, UnreadableError

_START = re.compile(r"(?>\s+|<!--.*?-->|<\?.*?\?>)*+<!DOCTYPE\b", re.IGNORECASE | re.DOTALL)
_SUBSET = re.compile(r"(?>\"[^\"]*\"|'[^']*'|<!--.*?-->|<\?.*?\?>|[^\]\"'])*\]\s*>", re.DOTALL)
_HEAD = re.compile(r"(?>\"[^\"]*\"|'[^']*'|[^\[>\"'])*")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_OUTSIDE = re.compile(r"<!ENTITY\s+(?:%\s+)?[\w.-]+\s+(SYSTEM|PUBLIC)\b|<!ENTITY\s+%")
_REFERENCE = re.compile(r"&([\w.-]+);")
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_MOST = 100_000
_ENDLESS = 100 * _MOST
_LONGEST = 200
_FARTHEST = 20_000


def states_doctype(text: str) -> bool:
    """Whether a declaration stands where XML allows one: before the root element."""
    return _START.match(text) is not None


def without_doctype(text: str, reading: Reading) -> tuple[str, dict[str, str]]:
    """Return *text* without a declaration in its prolog, and the entities it stated as text.

    Only entities that stand for plain text are given back; nested, parameter and external
    ones are never expanded. Raises UnreadableError when what is declared would grow beyond all
    measure ("billion laughs"), found by counting, not by expanding.
    """
    found = _START.match(text)
    if not found:
        return text, {}
    head = _HEAD.match(text, found.end())
    end = head.end() if head else found.end()
    subset = ""
    if text[end : end + 1] == "[":
        closed = _SUBSET.match(text, end + 1, end + _FARTHEST)
        if closed is None:
            raise UnreadableError(
                "The document type declaration never ends, or is too long. Fetch the file again."
            )
        subset, end = closed[0], closed.end()
    else:
        end += 1
    opening = text[: found.end()]
    rest = opening[: opening.upper().rindex("<!DOCTYPE")] + text[end:]
    return rest, _entities(subset, rest, reading)


def _entities(subset: str, rest: str, reading: Reading) -> dict[str, str]:
    stated = {name: one or two for name, one, two in _ENTITY.findall(subset)}
    if not stated and not _OUTSIDE.search(subset):
        return {}
    _refuse_bomb(stated, rest)
    plain = {name: unescape(value) for name, value in stated.items() if _is_text(value)}
    if len(plain) < len(stated) or _OUTSIDE.search(subset):
        reading.repaired("Entities that are nested or lie outside the feed were not expanded.")
    return plain


def _is_text(value: str) -> bool:
    names = set(_REFERENCE.findall(value))
    return names <= _PREDEFINED and "<" not in value and len(value) <= _LONGEST


def _refuse_bomb(stated: dict[str, str], rest: str) -> None:
    sizes: dict[str, int] = {}
    total = 0
    for name in _REFERENCE.findall(rest):
        if name in stated:
            total += max(_size(name, stated, sizes, ()) - len(name) - 2, 0)
        if total > _MOST:
            raise UnreadableError(
                "The feed declares entities that would expand to an enormous text (an entity"
                " bomb). Nothing was expanded. Tell the agency, or remove the feed."
            )


def _size(name: str, stated: dict[str, str], sizes: dict[str, int], above: tuple[str, ...]) -> int:
    """Characters an entity stands for; more than allowed once it nests in itself or too deep."""
    if name in above or len(above) > 50:
        return _ENDLESS
    if name not in sizes:
        inner = [part for part in _REFERENCE.findall(stated[name]) if part in stated]
        parts = (_size(part, stated, sizes, (*above, name)) for part in inner)
        sizes[name] = min(len(stated[name]) + sum(parts), _ENDLESS)
    return sizes[name]
