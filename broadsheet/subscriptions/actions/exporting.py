"""The export: one ZIP of all that the paper holds about a reader, for machines and for people."""

import json
from collections.abc import Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone, translation

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.look.parts import PaperView
from broadsheet.look.strict import render
from broadsheet.subscriptions.reads.export import KINDS, Kind, Row
from broadsheet.subscriptions.reads.export.shown import SHOWN, KindView, shown_kind

IN_MEMORY = 2 * 2**20
"""Bytes of a ZIP that stays in memory; a larger one is a file without a name in the home."""


def export(reader: User, paper: PaperView) -> SpooledTemporaryFile[bytes]:
    """The ZIP, to be read from its beginning: `data/<kind>.json` for machines, `index.html` for
    people. Nothing of it is kept.

    Rows are written as they are read, so that the number of rows costs no memory.
    """
    made = clock.now()
    file = SpooledTemporaryFile[bytes](IN_MEMORY, mode="w+b", dir=str(settings.HOME))
    words, hours = translation.override(paper.language), timezone.override(ZoneInfo(paper.zone))
    with words, hours, ZipFile(file, "w", ZIP_DEFLATED) as archive:
        kinds = [_written(archive, kind, reader, paper, made) for kind in KINDS]
        names = {"paper": paper, "address": reader.email, "made": made, "kinds": kinds}
        archive.writestr("index.html", render("subscriptions/export.html", names))
    file.seek(0)
    return file


def _written(
    archive: ZipFile, kind: Kind, reader: User, paper: PaperView, made: datetime
) -> KindView:
    """Write the file of one kind; returns what the page shows of it."""
    shown: list[Row] = []
    count = 0
    with archive.open(f"data/{kind.name}.json", "w", force_zip64=True) as out:
        out.write(_head(kind, paper, made).encode())
        for count, row in enumerate(_rows(kind, reader, shown), 1):
            out.write(_json(row, first=count == 1).encode())
        out.write(b"\n]}\n")
    return shown_kind(kind, shown, count, paper.language)


def _head(kind: Kind, paper: PaperView, made: datetime) -> str:
    """What the file is, and in which unit amounts are; it ends where the rows begin."""
    told = {"paper": paper.origin, "kind": kind.name, "made_at": made.isoformat()}
    units = {"in_minor_units": list(kind.sums), "currency_in": kind.currency}
    facts = told | ({"amounts": units} if kind.sums else {})
    return f'{json.dumps(facts)[:-1]}, "rows": ['


def _rows(kind: Kind, reader: User, shown: list[Row]) -> Iterator[Row]:
    """The rows; the first of them are kept for the page."""
    for row in kind.rows(reader):
        if len(shown) < SHOWN:
            shown.append(row)
        yield row


def _json(row: Row, *, first: bool) -> str:
    text = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
    return f"{'' if first else ','}\n{text}"
