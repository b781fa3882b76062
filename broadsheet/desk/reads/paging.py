"""Paging by key: a page begins after a row, so the thousandth costs what the first does."""

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


def page(found: QuerySet[Any], place: str, key: str, *, rising: bool = False) -> KeyedPage:
    """A page of rows ordered by `place`, then by primary key.

    `key` is "" for the first page, else one that an earlier page gave: `>` or `<`, the place and
    the primary key. A key that cannot be read gives the first page.
    """
    parsed = _parsed(key)
    backwards = parsed is not None and parsed[0] == "<"
    down = rising == backwards
    if parsed is not None:
        found = _beyond(found, place, parsed[1], parsed[2], down=down)
    sign = "-" if down else ""
    rows = list(found.order_by(f"{sign}{place}", f"{sign}pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    before = bool(rows) and (more if backwards else parsed is not None)
    after = bool(rows) and (True if backwards else more)
    return KeyedPage(
        rows,
        newer=_key("<", rows[0], place) if before else "",
        older=_key(">", rows[-1], place) if after else "",
    )


def _beyond(found: QuerySet[Any], place: str, value: Any, pk: int, *, down: bool) -> QuerySet[Any]:
    # The first condition is implied by the second; with it a database can walk the index.
    op = "lt" if down else "gt"
    within = found.filter(**{f"{place}__{op}e": value})
    return within.filter(Q(**{f"{place}__{op}": value}) | Q(**{place: value, f"pk__{op}": pk}))


def _key(way: str, row: Any, place: str) -> str:
    value = getattr(row, place)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"{way}{text}~{row.pk}"


def _parsed(key: str) -> tuple[str, Any, int] | None:
    way, (text, parted, number) = key[:1], key[1:].rpartition("~")
    if way not in ("<", ">") or not parted:
        return None
    try:
        return way, int(text) if text.isdigit() else _aware(text), int(number)
    except ValueError:
        return None


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("A key holds an aware time.")
    return found
