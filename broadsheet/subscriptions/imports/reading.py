"""Bytes to rows: which format it is, where each line begins, and what is refused as a whole."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.imports import ghost, plain, stripe
from broadsheet.subscriptions.imports.cells import BadCell, Cells
from broadsheet.subscriptions.imports.rows import Listing, Problem, Row

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
DELIMITERS = (",", ";", "\t")
WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Marks of UTF-16, at the beginning."""


class Format(NamedTuple):
    """A kind of file: whose it is, the columns without which it is none, and how a line is read."""

    source: str
    needed: frozenset[str]
    row: Callable[[Cells, int], Row | None]


FORMATS = {
    "ghost": Format(ghost.SOURCE, ghost.NEEDED, ghost.row),
    "stripe_subscriptions": Format(stripe.SOURCE, stripe.SUBSCRIPTIONS, stripe.subscription),
    "stripe_customers": Format(stripe.SOURCE, stripe.CUSTOMERS, stripe.customer),
    "plain": Format(plain.SOURCE, plain.NEEDED, plain.row),
}
"""By name, in the order in which a header is tried."""


def read(data: bytes, format: str, *, zone: str, now: datetime) -> Listing:
    """The rows of a file, and the lines that cannot be taken; `format` "" is found by the header.

    `zone` (IANA) is where days end that name no hour. Raises Refusal for a file that cannot be read
    at all: too large, no UTF-8, no header of a known format, a quotation mark that is never closed.
    """
    text = _text(data)
    name, columns, delimiter = _header(text, format)
    kind = FORMATS[name]
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, values in _lines(text, delimiter):
        try:
            row = _row(kind, columns, values, line, ZoneInfo(zone), now)
        except BadCell as bad:
            problems.append(Problem(line, bad.wrong, bad.remedy))
            continue
        if row is not None:
            rows.append(row)
    once, doubles = _once(rows)
    found = sorted(problems + doubles, key=lambda problem: problem.line)
    return Listing(name, kind.source, once, tuple(found))


def _once(rows: list[Row]) -> tuple[tuple[Row, ...], list[Problem]]:
    """Each id once, and each address that has none: small and capital letters are the same."""
    first: dict[str, Row] = {}
    problems = []
    for row in rows:
        known = first.setdefault(row.foreign or row.email, row)
        if known is not row:
            wrong = _("The same subscriber stands in line %(line)d.") % {"line": known.line}
            problems.append(Problem(row.line, wrong, _("Delete one of the two lines.")))
    return tuple(first.values()), problems


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Refusal(
            _("The file is larger than %(most)d MB.") % {"most": MOST_BYTES // 1_000_000},
            _("Split it into several files, each with the line of column names."),
        )
    remedy = _("Save it as “CSV UTF-8” in your spreadsheet, or export it again.")
    if data.startswith(WIDE):
        raise Refusal(_("The file is written in UTF-16, not in UTF-8."), remedy)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = _("The file is not written in UTF-8: line %(line)d shows it.") % {"line": line}
        raise Refusal(wrong, remedy) from None


def _header(text: str, format: str) -> tuple[str, list[str], str]:
    """The format, the names of the columns in small letters, and what stands between cells."""
    if format and format not in FORMATS:
        known = ", ".join(FORMATS)
        raise Refusal(
            _("There is no format “%(name)s”.") % {"name": format[:40]},
            _("Choose one of these: %(known)s.") % {"known": known},
        )
    heads = [(_columns(text, delimiter), delimiter) for delimiter in DELIMITERS]
    for name in [format] if format else FORMATS:
        for columns, delimiter in heads:
            if FORMATS[name].needed <= set(columns):
                _check_once(columns)
                return name, columns, delimiter
    raise _unknown(format, max(heads, key=lambda head: len(head[0]))[0])


def _columns(text: str, delimiter: str) -> list[str]:
    try:
        first = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (StopIteration, csv.Error):
        return []
    return [name.strip().casefold() for name in first]


def _check_once(columns: list[str]) -> None:
    named = [name for name in columns if name]
    double = next((name for name in named if named.count(name) > 1), None)
    if double is not None:
        wrong = _("The column “%(name)s” is there twice.") % {"name": double[:60]}
        raise Refusal(wrong, _("Delete or rename one of them."))


def _unknown(format: str, columns: list[str]) -> Refusal:
    if format:
        missing = ", ".join(sorted(FORMATS[format].needed - set(columns)))
        wrong = _("Columns are missing: %(missing)s.") % {"missing": missing}
        return Refusal(wrong, _("Export the list with all columns, or choose another format."))
    return Refusal(
        _("The first line names no columns that are known."),
        _("It must name them; a plain list needs at least a column “email”."),
    )


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every line below the header with the number at which it begins, the empty ones left out."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count, before = 0, 0
    try:
        for values in lines:
            begins, before = before + 1, lines.line_num
            if begins == 1 or not any(value.strip() for value in values):
                continue
            count += 1
            if count > MOST_ROWS:
                raise Refusal(
                    _("The file has more than %(most)d lines.") % {"most": MOST_ROWS},
                    _("Split it into several files, each with the line of column names."),
                )
            yield begins, values
    except csv.Error:
        wrong = _("From line %(line)d on the file cannot be read.") % {"line": before + 1}
        remedy = _("Look for a quotation mark that is not closed, or that stands inside a cell.")
        raise Refusal(wrong, remedy) from None


def _row(
    kind: Format, columns: list[str], values: list[str], line: int, zone: ZoneInfo, now: datetime
) -> Row | None:
    if len(values) != len(columns):
        facts = {"cells": len(values), "columns": len(columns)}
        wrong = _("The line has %(cells)d cells, the first line names %(columns)d columns.") % facts
        raise BadCell(wrong, _("Put cells that hold a comma in quotation marks."))
    return kind.row(Cells(dict(zip(columns, values, strict=True)), zone, now), line)
