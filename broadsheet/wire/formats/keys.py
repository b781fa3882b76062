"""Reads JSON objects whatever the spelling of their keys, and whatever stands in them.

ninjs spells one name as pubstatus, pubStatus or pub_status depending on version and
sender; ``Keys`` finds them all. A value of the wrong type is as good as none.
"""

import json
import re
from collections.abc import Iterator

from broadsheet.wire.formats.parsed import Reading, UnreadableError

_DECODER = json.JSONDecoder(strict=False)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*\\?\Z|[\[\]{},]', re.DOTALL)


class Keys:
    """One JSON object, its keys compared without case, "_" and "-"."""

    def __init__(self, stated: object) -> None:
        pairs = stated.items() if isinstance(stated, dict) else ()
        self._values = {_folded(str(key)): value for key, value in pairs}

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) not in (None, "", [], {})

    def __iter__(self) -> Iterator[tuple[str, object]]:
        return iter(self._values.items())

    def text(self, *names: str) -> str:
        """Return the first of these that is a text or a number and not empty, else ""."""
        for name in names:
            value = self._values.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return str(value)
            if isinstance(value, str) and value.strip():
                return value
        return ""

    def number(self, name: str) -> int | None:
        """Return a whole number, also one written as text, else None."""
        digits = self.text(name).strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None

    def objects(self, *names: str) -> list["Keys"]:
        """Return the objects in these lists (or maps of objects), a text being a name."""
        return [
            Keys(part if isinstance(part, dict) else {"name": part}) for part in self.all(*names)
        ]

    def all(self, *names: str) -> list[object]:
        """Return the parts of these lists; of a map its values, of anything else itself."""
        found: list[object] = []
        for name in names:
            value = self._values.get(name)
            if isinstance(value, list):
                found += value
            elif isinstance(value, dict):
                inner = list(value.values())
                found += inner if inner and all(isinstance(v, dict) for v in inner) else [value]
            elif value not in (None, ""):
                found.append(value)
        return found

    def texts(self, *names: str) -> list[str]:
        """Return the parts that are text."""
        return [part for part in self.all(*names) if isinstance(part, str)]


def load_json(text: str, reading: Reading) -> object:
    """Return the JSON value in *text*; raises UnreadableError with the place of the fault.

    A JSON Feed that was cut off is closed where it ends, and marks the reading as damaged.
    What an agency sends in its own format is read whole or not at all.
    """
    if reading.stated is None:
        reading.stated = _loaded(text.lstrip("\ufeff\0 \t\r\n"), reading)
    return reading.stated


def _loaded(start: str, reading: Reading) -> object:
    try:
        value, end = _DECODER.raw_decode(start)
    except (ValueError, RecursionError) as fault:
        return _cut_off(start, fault, reading)
    if start[end:].strip(" \t\r\n\0"):
        reading.repaired("Text after the end of the JSON was left out.")
    return value


def _cut_off(start: str, fault: Exception, reading: Reading) -> object:
    for closed in _closed(start):
        try:
            value, _ = _DECODER.raw_decode(closed)
        except (ValueError, RecursionError):
            continue
        if not _is_feed(value):
            break
        reading.repaired("The JSON ends in the middle; it was closed there.")
        reading.is_damaged = True
        return value
    raise UnreadableError(f"The JSON cannot be read ({fault}). Fetch the file again.") from fault


def _is_feed(value: object) -> bool:
    stated = value if isinstance(value, dict) else {}
    return "jsonfeed" in str(stated.get("version", "")) and bool(stated.get("items"))


def _closed(text: str) -> Iterator[str]:
    """Yield ways to close a text that was cut off: right at its end, or after its last value."""
    open_ends: list[str] = []
    value, inside = 0, ""
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            open_ends.append("}" if mark == "{" else "]")
        elif mark in "}]":
            if not open_ends or open_ends.pop() != mark:
                return
        elif mark == ",":
            value, inside = token.start(), "".join(reversed(open_ends))
        elif len(mark) == 1 or mark[-1] != '"' or token.end() == len(text):
            yield text.rstrip("\\") + '"' + "".join(reversed(open_ends))
    yield text + "".join(reversed(open_ends))
    yield text[:value] + inside


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
