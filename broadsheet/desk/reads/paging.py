"""Paging by key: a page begins after a row, so the thousandth costs what the first does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

PAGE = 50


@dataclass(frozen=True, slots=True)
class KeyedPage:
    """Rows in order, with the keys of the pages beside it; "" where there is none."""

    rows: list[Any]
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one kind in a list that may hold several: what they are, and what orders them."""

    found: QuerySet[Any]
    place: str


@dataclass(frozen=True, slots=True)
class _Key:
    """A row to begin after, and which way: its place, the number of its part, its primary key."""

    way: str
    value: Any
    part: int
    pk: int


def page(found: QuerySet[Any], place: str, key: str, *, rising: bool = False) -> KeyedPage:
    """A page of rows ordered by `place`, then by primary key; see `mixed_page`."""
    return mixed_page([Part(found, place)], key, rising=rising)


def mixed_page(parts: Sequence[Part], key: str, *, rising: bool = False) -> KeyedPage:
    """A page of the rows of all parts by their places, one query for each part.

    `key` is "" for the first page, else one that an earlier page gave. A key that cannot be read
    gives the first page. Equal places are ordered by part, then by primary key.
    """
    parsed = _parsed(key)
    backwards = parsed is not None and parsed.way == "<"
    down = rising == backwards
    found = [
        (getattr(row, part.place), number, row.pk, row)
        for number, part in enumerate(parts)
        for row in _some(part, number, parsed, down=down)
    ]
    found.sort(key=lambda one: one[:3], reverse=down)
    more, rows = len(found) > PAGE, found[:PAGE]
    if backwards:
        rows.reverse()
    before = bool(rows) and (more if backwards else parsed is not None)
    after = bool(rows) and (True if backwards else more)
    return KeyedPage(
        [row for *_, row in rows],
        newer=_key("<", *rows[0][:3]) if before else "",
        older=_key(">", *rows[-1][:3]) if after else "",
    )


def _some(part: Part, number: int, key: _Key | None, *, down: bool) -> QuerySet[Any]:
    found = part.found if key is None else _beyond(part, number, key, down=down)
    sign = "-" if down else ""
    return found.order_by(f"{sign}{part.place}", f"{sign}pk")[: PAGE + 1]


def _beyond(part: Part, number: int, key: _Key, *, down: bool) -> QuerySet[Any]:
    # The first condition is implied by the second; with it a database can walk the index.
    op = "lt" if down else "gt"
    within = part.found.filter(**{f"{part.place}__{op}e": key.value})
    further = Q(**{f"{part.place}__{op}": key.value})
    if number == key.part:
        further |= Q(**{part.place: key.value, f"pk__{op}": key.pk})
    elif (number < key.part) == down:
        return within
    return within.filter(further)


def _key(way: str, value: Any, part: int, pk: int) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"{way}{text}~{part}.{pk}"


def _parsed(key: str) -> _Key | None:
    way, (text, parted, row) = key[:1], key[1:].rpartition("~")
    part, _, number = row.partition(".")
    if way not in ("<", ">") or not parted:
        return None
    try:
        return _Key(way, int(text) if text.isdigit() else _aware(text), int(part), int(number))
    except ValueError:
        return None


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("A key holds an aware time.")
    return found
