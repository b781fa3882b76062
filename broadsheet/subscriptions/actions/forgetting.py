"""Let go of who read what: in time, and with the account."""

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from broadsheet.accounts.models import User
from broadsheet.gate.digest import forget_digest
from broadsheet.gate.journal import read_segment, segments
from broadsheet.kit import clock
from broadsheet.subscriptions.actions.folding import TURN
from broadsheet.subscriptions.models import KEEP, LOOKED, GateDecision, JournalCursor
from broadsheet.subscriptions.reads.decisions import codes_of

SEGMENT_KEEP = timedelta(days=32)
"""A segment's last line is older than this when it goes: a gate that starts must find all of a
month of 31 days, or of a period that looks 31 days back."""

BATCH = 1000
TAIL = 4096


def forget_decisions(*, seconds: float = TURN) -> int:
    """Delete decisions older than 30 days, for so long, segments that nobody needs, and a digest
    of them that nobody renews; returns how many decisions."""
    ends, gone, last = time.monotonic() + seconds, 0, BATCH
    old = GateDecision.objects.filter(at__lt=clock.now() - KEEP).order_by("at")
    while last == BATCH and time.monotonic() < ends:
        batch = list(old.values_list("pk", flat=True)[:BATCH])
        GateDecision.objects.filter(pk__in=batch).delete()
        last = len(batch)
        gone += last
    _forget_looks(Q(timestamp__lt=clock.now() - KEEP))
    for path in segments(settings.HOME / "journal"):
        _let_go(path)
    forget_digest(settings.HOME / "journal", clock.now().timestamp())
    return gone


def _forget_looks(which: Q) -> None:
    """Of looks at decisions keep who looked and when, not whose reads: neither the search nor, of
    a look at a decision alone, the code that is its label."""
    looks = ModelLogEntry.objects.filter(which, action=LOOKED).exclude(data={})
    about = ContentType.objects.get_for_model(GateDecision)
    looks.filter(content_type=about).update(label=_("decision of the gate"))
    looks.update(data={})


def _let_go(path: Path) -> None:
    """Delete a segment that is old enough and wholly folded."""
    if clock.now().timestamp() - _last_written(path) <= SEGMENT_KEEP.total_seconds():
        return
    cursor = JournalCursor.objects.filter(segment=path.name).first()
    offset = cursor.offset if cursor else 0
    if read_segment(path, offset)[1] == offset:
        path.unlink()
        JournalCursor.objects.filter(segment=path.name).delete()


def _last_written(path: Path) -> float:
    """When its last line was written (Unix seconds); of one without lines, when it was made."""
    size = path.stat().st_size
    records, _ = read_segment(path, max(0, size - TAIL))
    return records[-1].at if records else path.stat().st_mtime


def forget_reader(reader: User) -> None:
    """Delete the decisions of an account that is being erased, and of the reader ids whose reads
    it took over. The lock lets no fold add a row meanwhile: it would name a reader who is gone."""
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=reader.pk).first()
        codes = codes_of(reader)
        GateDecision.objects.filter(Q(code__in=codes) | Q(reader=reader)).delete()
        logged = ModelLogEntry.objects.for_instance(reader)
        logged.update(label=_("erased account"), data={})
        _forget_looks(Q(data__code__in=codes))
