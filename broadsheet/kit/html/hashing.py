"""One number for one content: equal when only spacing or attribute order moved."""

import dataclasses
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from broadsheet.kit.html.allowed import BREAKING

_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+=\"[^\"]*\")+)\s*/?>")
_ATTRIBUTE = re.compile(r"[a-zA-Z-]+=\"[^\"]*\"")
_AROUND_BLOCK = re.compile(rf"\s*(</?(?:{'|'.join(sorted(BREAKING))})\b[^>]*>)\s*")


def content_hash(fields: Mapping[str, object]) -> str:
    """Return the SHA-256, in hex, of the normal form of *fields*.

    White space is folded, and gone around block tags; attributes are sorted; text is
    Unicode NFC; instants are compared in UTC. Empty fields do not count, so that a field
    added later leaves the hash of what has none unchanged.
    """
    normal = json.dumps(_normal(fields), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(normal.encode("ascii")).hexdigest()


def _normal(value: object) -> object:
    if isinstance(value, str):
        return _normal_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        pairs = ((str(name), _normal(part)) for name, part in value.items())
        return {name: part for name, part in pairs if part not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_normal(part) for part in value]
    if isinstance(value, set | frozenset):
        return sorted((_normal(part) for part in value), key=repr)
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _normal_text(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    if "<" in text:
        text = _AROUND_BLOCK.sub(r"\1", _TAG.sub(_sorted_attributes, text))
    return " ".join(text.split())


def _sorted_attributes(tag: re.Match[str]) -> str:
    return f"<{tag[1]} {' '.join(sorted(_ATTRIBUTE.findall(tag[2])))}>"
