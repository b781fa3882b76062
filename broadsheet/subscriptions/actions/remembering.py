"""What a reader read, remembered for the reader alone: from the journal, and how far they got."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from broadsheet.accounts.models import ReadArticle, ReaderPolicy, User
from broadsheet.gate.journal import Record
from broadsheet.kit import clock
from broadsheet.subscriptions.codes import code_of
from broadsheet.subscriptions.models import GateDecision

Reads = dict[tuple[int, int], datetime]
"""When which reader (number) opened which article (number) last."""

LATEST = 2**32
"""Seconds that a sound line may name: a damaged one must not stop all that come after it."""


def remember(records: Iterable[Record]) -> None:
    """What accounts opened, and what they took over at a sign-in; part of the fold's transaction,
    so that each line is remembered once and what a reader deleted does not come back."""
    found: Reads = {}
    for record in records:
        if not record.key.startswith("u"):
            continue
        reader = int(record.key[1:])
        opened = [(record.article, record.at)] if record.outcome in ("read", "open") else []
        taken = [(read.article, read.at) for read in record.taken if read.at < LATEST]
        for article, seconds in opened + taken:
            at = datetime.fromtimestamp(seconds, UTC)
            found[reader, article] = max(at, found.get((reader, article), at))
    if found:
        _keep(found)


def remember_browser(reader: User, reader_id: str) -> None:
    """What was read under the cookie of a browser before this sign-in. What somebody else's account
    took over from that browser was theirs, and stays so."""
    code = code_of(f"a{reader_id}", settings.SECRET_KEY.encode())
    others = GateDecision.objects.filter(taken_over=code).exclude(reader=reader)
    last = others.order_by("-at").values_list("at", flat=True).first()
    rows = GateDecision.objects.filter(code=code, outcome=GateDecision.Outcome.READ)
    rows = rows.filter(at__gt=last) if last else rows
    _keep({(reader.pk, article): at for article, at in rows.order_by("at").values_list(
        "article", "at")})  # fmt: skip


def _keep(found: Reads) -> None:
    since = _since()
    numbers = {reader for reader, _ in found}
    kept = User.objects.filter(pk__in=numbers, keeps_history=True, is_active=True)
    # The lock lets no switching off happen in between: nothing is remembered after it.
    with transaction.atomic():
        readers = set(kept.select_for_update(no_key=True).values_list("pk", flat=True))
        fresh = {key: at for key, at in found.items() if at >= since and key[0] in readers}
        rows = _newer(fresh)
        ReadArticle.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["reader", "article"],
            update_fields=["read_at"],
        )  # fmt: skip


def _newer(found: Reads) -> list[ReadArticle]:
    """Rows of what is not remembered yet, or of an earlier moment."""
    near = {"reader__in": {key[0] for key in found}, "article__in": {key[1] for key in found}}
    held: Mapping[tuple[int, int], datetime] = {
        (reader, article): at
        for reader, article, at in ReadArticle.objects.filter(**near).values_list(
            "reader_id", "article", "read_at"
        )
    }
    return [
        ReadArticle(reader_id=reader, article=article, read_at=at)
        for (reader, article), at in found.items()
        if at > held.get((reader, article), at - timedelta(seconds=1))
    ]


def _since() -> datetime:
    """What is older is not remembered. Of no days, nothing is."""
    days = ReaderPolicy.current().history_days
    return clock.now() - timedelta(days=days) if days else datetime.max.replace(tzinfo=UTC)


def note_place(reader: User, article: int, place: int, paragraphs: int) -> bool:
    """How far the reader got; the last word counts. False when nothing is to be remembered."""
    if not ReaderPolicy.current().history_days:
        return False
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        if not locked.keeps_history:
            return False
        facts = {"place": place, "paragraphs": paragraphs, "read_at": clock.now()}
        ReadArticle.objects.update_or_create(reader=locked, article=article, defaults=facts)
    return True


def forget_history(reader: User, article: int | None = None) -> int:
    """Delete one report from the history, or all; returns how many."""
    rows = ReadArticle.objects.filter(reader=reader)
    return (rows if article is None else rows.filter(article=article)).delete()[0]


def set_history(reader: User, *, keeps: bool) -> None:
    """From now on remember what the reader reads, or forget all of it and remember no more."""
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        locked.keeps_history = keeps
        locked.save(update_fields=["keeps_history"])
        if not keeps:
            forget_history(locked)


def forget_old_history() -> int:
    """Delete what is older than the publisher's days; returns how many."""
    return ReadArticle.objects.filter(read_at__lt=_since()).delete()[0]
