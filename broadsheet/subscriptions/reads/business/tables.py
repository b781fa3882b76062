"""Figures as a table that is shown, drawn and written to a file: the table is the truth."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.formats import date_format, number_format

from broadsheet.kit import clock
from broadsheet.kit.money import Money, digits
from broadsheet.subscriptions import charts
from broadsheet.subscriptions.charts import Chart, Scale, Series
from broadsheet.subscriptions.reads.business.moving import month_of
from broadsheet.subscriptions.reads.business.payments import Sink, guarded
from broadsheet.subscriptions.reads.business.written import Words

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)

SHOWN = 13
"""Months on a screen, the running one with them; the file has all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as it is shown, and plainly for a file."""

    shown: str
    plain: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its charts. `head` is shown, `keys` name the columns in a file, where the
    `currency` goes before them; `about` says what the figures mean, a sentence each. Of its `rows`,
    the oldest first, the screen has the last `shown`, the newest first; all as they are with 0. It
    has the first `wide` columns, all with 0."""

    title: str
    about: tuple[str, ...]
    head: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    charts: tuple[Chart, ...] = ()
    currency: str = ""
    shown: int = 0
    wide: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The head on the screen."""
        return self.head[: self.wide or None]

    @property
    def lines(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What the screen shows: the name of each line, and its cells with their columns."""
        rows = self.rows[: -self.shown - 1 : -1] if self.shown else self.rows
        return [
            (
                row[0].shown,
                [
                    (h, c.shown)
                    for h, c in zip(self.columns[1:], row[1 : self.wide or None], strict=True)
                ],
            )
            for row in rows
        ]


def text(words: str, plain: str = "") -> Cell:
    """A cell of words."""
    return Cell(words, plain or words)


def count(number: int) -> Cell:
    """A cell of a whole number."""
    return Cell(number_format(number), str(number))


def money(amount: Fraction | int, currency: str, words: Words) -> Cell:
    """A cell of minor units, rounded to one here and nowhere before, halves away from zero."""
    minor = rounded(amount)
    return Cell(words.amount(minor, currency), f"{Money(minor, currency).major:f}")


def rounded(amount: Fraction | int) -> int:
    """To the nearest whole number, halves away from zero."""
    whole = int(abs(Fraction(amount)) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def share(part: Fraction | None) -> Cell:
    """A cell of a percentage with one decimal; empty without a whole."""
    if part is None:
        return Cell("", "")
    tenths = rounded(part * 1000)
    return Cell(f"{number_format(tenths / 10, 1)} %", f"{tenths / 10:.1f}")


def tenth(number: Fraction) -> Cell:
    """A cell of a number with one decimal."""
    tenths = rounded(number * 10)
    return Cell(number_format(tenths / 10, 1), f"{tenths / 10:.1f}")


def month(number: int, words: Words) -> Cell:
    """A cell with the name of a month."""
    at = datetime(number // 12, number % 12 + 1, 1, tzinfo=words.zone)
    return Cell(date_format(at, "YEAR_MONTH_FORMAT"), key_of(number))


def key_of(number: int) -> str:
    """A month as 2026-03."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


def brief(number: int, words: Words) -> str:
    """A month below a chart: Mar 26."""
    at = datetime(number // 12, number % 12 + 1, 1, tzinfo=words.zone)
    return date_format(at, "M y")


def this_month(words: Words) -> int:
    """The running month as a number (`figures`)."""
    return month_of(clock.now(), words.zone.key)


def major(amount: Fraction | int, currency: str) -> float:
    """Minor units for a chart, which needs no more than to be looked at."""
    return float(Fraction(amount) / 10 ** digits(currency))


Axis = Callable[[Scale], Sequence[str]]


def in_money(currency: str, words: Words) -> Axis:
    """Labels of an axis of money, in major units."""
    unit = 10 ** digits(currency)
    return lambda by: [words.amount(round(v * unit), currency) for v in by.ticks()]


def in_numbers(by: Scale) -> list[str]:
    """Labels of an axis of whole numbers; steps below one have none."""
    return [number_format(round(v)) if abs(v - round(v)) < 1e-6 else "" for v in by.ticks()]


def in_percent(by: Scale) -> list[str]:
    """Labels of an axis of percentages."""
    return [f"{number_format(round(v, 1))} %" for v in by.ticks()]


def bars(
    title: str, said: str, labels: Sequence[str], series: Sequence[Series], axis: Axis
) -> Chart:
    """Stacked bars with a labelled axis."""
    return charts.bars(title, said, labels, series, axis(charts.bar_scale(series)))


def lines(
    title: str, said: str, labels: Sequence[str], series: Sequence[Series], axis: Axis
) -> Chart:
    """Lines with a labelled axis."""
    return charts.lines(title, said, labels, series, axis(charts.line_scale(series)))


def write_csv(sink: Sink, tables: Iterable[Table]) -> None:
    """Write tables of the same columns as RFC 4180 lines under one head."""
    out, known = csv.writer(sink), False
    for table in tables:
        code = [table.currency] if table.currency else []
        if not known:
            out.writerow([*(["currency"] if code else []), *table.keys])
        known = True
        out.writerows([*code, *(_safe(cell.plain) for cell in row)] for row in table.rows)


def _safe(plain: str) -> str:
    """A number as it is, also below zero; any other text so that no spreadsheet runs it."""
    return plain if NUMBER.fullmatch(plain) else guarded(plain)
