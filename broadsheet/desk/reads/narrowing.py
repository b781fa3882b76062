"""A part of a queue: of one source or section, of a day, with words in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from broadsheet.desk.reads.paging import Part
from broadsheet.desk.reads.queues import Kind, Queue


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What of a queue is asked for. Empty: all of it. `day`: from and until, aware."""

    source: str = ""
    section: str = ""
    words: str = ""
    day: tuple[datetime, datetime] | None = None


SOURCE = {
    "item": "source__name",
    "intake": "item__source__name",
    "article": "item__source__name",
    "notice": "article__item__source__name",
    "fetch": "feed__source__name",
    "request": "version__item__source__name",
    "likeness": "item__source__name",
}
SECTION = {
    "item": ("article__section__slug", "intake__section__slug"),
    "intake": ("section__slug",),
    "article": ("section__slug",),
    "notice": ("article__section__slug",),
    "request": ("item__article__section__slug",),
    "likeness": ("item__article__section__slug",),
}
WORDS = {
    "item": ("article__search_text", "intake__search_text"),
    "intake": ("search_text",),
    "article": ("search_text",),
    "notice": ("article__search_text",),
    "fetch": ("name",),
    "request": ("item__article__search_text", "named"),
    "likeness": ("item__article__search_text", "like__article__search_text"),
}


def narrowed(queue: Queue, wanted: Narrowed, now: datetime) -> list[Part]:
    """The rows of a queue that are asked for, model by model, not yet in order."""
    return [Part(_narrowed(kind, wanted, now), kind.place) for kind in queue.kinds]


def _narrowed(kind: Kind, wanted: Narrowed, now: datetime) -> QuerySet[Any]:
    found = kind.rows(now)
    if wanted.source:
        found = found.filter(**{SOURCE[kind.of]: wanted.source})
    if wanted.section and kind.of in SECTION:
        found = found.filter(_any(SECTION[kind.of], "", wanted.section))
    if wanted.words:
        found = found.filter(_any(WORDS[kind.of], "__contains", wanted.words.casefold()))
    if wanted.day:
        first, after = wanted.day
        found = found.filter(**{f"{kind.moment}__gte": first, f"{kind.moment}__lt": after})
    return found


def _any(columns: tuple[str, ...], how: str, value: str) -> Q:
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}{how}": value})
    return found
