"""The export as people read it: tables with words, sums and times in the paper's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from broadsheet.kit.money import Money, show
from broadsheet.look.strict import View
from broadsheet.subscriptions.reads.export.kind import Kind, Row

SHOWN = 500
"""Rows of a kind on the page; its file holds all."""


@dataclass(frozen=True, slots=True)
class FactView(View):
    """One column of one row."""

    label: str
    said: str


@dataclass(frozen=True, slots=True)
class KindView(View):
    """A kind on the page. `file` is where all its rows are, `count` how many."""

    title: str
    file: str
    count: int
    rows: tuple[tuple[FactView, ...], ...]

    @property
    def is_cut(self) -> bool:
        """Whether the file holds more than the page."""
        return self.count > len(self.rows)


def shown_kind(kind: Kind, rows: Sequence[Row], count: int, language: str) -> KindView:
    """The view, in the language and zone in force."""
    headings = kind.headings() | {
        "title": _("Headline"), "address": _("Address"), "device": _("Device"),
    }  # fmt: skip
    return KindView(
        str(kind.title),
        f"data/{kind.name}.json",
        count,
        tuple(tuple(_facts(kind, row, headings, language)) for row in rows),
    )


def _facts(kind: Kind, row: Row, headings: dict[str, str], language: str) -> list[FactView]:
    """What the row says; columns that are empty say nothing."""
    known = [key for key in kind.sums if row[key] is not None]
    sums = {key: show(Money(row[key], row[kind.currency]), language) for key in known}
    told = row | sums
    return [
        FactView(headings[key], _said(told[key])) for key in told if told[key] not in ("", None)
    ]


def _said(fact: Any) -> str:
    if isinstance(fact, bool):
        return _("yes") if fact else _("no")
    if isinstance(fact, datetime):
        return date_format(timezone.localtime(fact), "DATETIME_FORMAT")
    return str(fact)
