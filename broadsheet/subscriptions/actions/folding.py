"""Fold the gate's journal into decisions and counts: each line once, whatever is killed when."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.gate.journal import Record, read_segment, segments
from broadsheet.kit import clock
from broadsheet.subscriptions.actions.remembering import remember
from broadsheet.subscriptions.actions.sharing import count_openings
from broadsheet.subscriptions.codes import code_of
from broadsheet.subscriptions.decisions import LONGEST_RULE, account_of, counted_rule, kind_of
from broadsheet.subscriptions.models import (
    KEEP,
    DayCount,
    GateDecision,
    JournalCursor,
    ReadingCount,
)

PIECE = 64 * 1024
"""Bytes of a segment in one transaction: about 800 lines."""

TURN = 1.0
"""Seconds of one round, so that whatever shares the worker's lane has its turn."""

TURNS = "*"
"""The row whose lock makes folds take turns: each adds to counts that it has read."""

LARGEST = 2**31 - 1


def fold_journal(*, seconds: float = TURN) -> int:
    """Take in what the gate recorded since the last fold, for so long; returns how many lines."""
    ends, folded = time.monotonic() + seconds, 0
    offsets = dict(JournalCursor.objects.values_list("segment", "offset"))
    for path in segments(settings.HOME / "journal"):
        if path.stat().st_size <= offsets.get(path.name, 0):
            continue
        for lines in _pieces(path):
            folded += lines
            if time.monotonic() >= ends:
                return folded
    return folded


def _pieces(path: Path) -> Iterator[int]:
    while (lines := _fold_piece(path)) is not None:
        yield lines


def _fold_piece(path: Path) -> int | None:
    """The next lines of a segment, with the cursor in the same transaction; None at its end."""
    with transaction.atomic():
        JournalCursor.objects.select_for_update().get_or_create(segment=TURNS)
        cursor, _ = JournalCursor.objects.get_or_create(segment=path.name)
        records, offset = read_segment(path, cursor.offset, most=PIECE)
        if offset == cursor.offset:
            return None
        sound = [record for record in records if _is_sound(record)]
        GateDecision.objects.bulk_create(_decisions(sound))
        _count(sound)
        count_openings(sound)
        remember(sound)
        JournalCursor.objects.filter(pk=cursor.pk).update(offset=offset)
    return len(records)


def _is_sound(record: Record) -> bool:
    """Whether the numbers fit; a damaged line must not stop all that come after it."""
    account = account_of(record)
    numbers = (record.article, record.section, record.reads, record.limit, account)
    return record.at < 2 * LARGEST and all(number <= LARGEST for number in numbers)


def _decisions(records: list[Record]) -> Iterator[GateDecision]:
    """The rows of what is younger than 30 days, without those of erased accounts."""
    since = (clock.now() - KEEP).timestamp()
    numbers = {number for record in records if (number := account_of(record))}
    readers = set(User.objects.filter(pk__in=numbers).values_list("pk", flat=True))
    secret = settings.SECRET_KEY.encode()
    code = cache(lambda key: code_of(key, secret))
    for record in records:
        account = account_of(record)
        if record.at < since or (account and account not in readers):
            continue
        yield GateDecision(
            at=datetime.fromtimestamp(record.at, UTC),
            code=code(record.key),
            reader_id=account or None,
            article=record.article,
            section=record.section,
            outcome="merge" if record.merged else record.outcome,
            rule="" if record.merged else record.rule[:LONGEST_RULE],
            reads=record.reads,
            limit=record.limit,
            taken_over=code(record.merged) if record.merged else "",
        )


def _count(records: Iterable[Record]) -> None:
    zone = ZoneInfo(Paper.load().time_zone)
    months, days = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
    for record in records:
        kind, outcome = kind_of(record), "merge" if record.merged else record.outcome
        rule = "" if record.merged else counted_rule(record.rule)
        if not record.merged:
            months[record.month, record.article, kind, outcome, rule] += 1
        day = datetime.fromtimestamp(record.at, zone).date()
        days[day, kind, outcome, rule, record.reads, record.limit] += 1
    _add(ReadingCount, ("month", "article", "kind", "outcome", "rule"), months)
    _add(DayCount, ("day", "kind", "outcome", "rule", "reads", "limit"), days)


def _add(
    model: type[ReadingCount | DayCount], names: tuple[str, ...], more: Counter[tuple[Any, ...]]
) -> None:
    """Add to counts by the columns of their place, in three queries or so."""
    counts: models.Manager[Any] = model._default_manager
    near = {f"{name}__in": {place[at] for place in more} for at, name in enumerate(names[:2])}
    held = {row[:-1]: row[-1] for row in counts.filter(**near).values_list(*names, "number")}
    rows = [
        model(**dict(zip(names, place, strict=True)), number=held.get(place, 0) + number)
        for place, number in more.items()
    ]
    counts.bulk_create(rows, update_conflicts=True, unique_fields=names, update_fields=["number"])
