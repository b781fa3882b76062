"""How long raw documents and the log of fetches are kept."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q

from broadsheet.kit import clock
from broadsheet.wire.actions.arriving import blobs
from broadsheet.wire.models import Fetch, Outcome

LINES_KEPT = timedelta(days=90)
"""For lines of the log that brought no document. Those that brought one stay, with what they did:
every version of a report can say where it came from.
"""

AT_ONCE = 500
_WAITING = Q(outcome=Outcome.QUARANTINED, replayed_at=None)


def forget_old() -> int:
    """Delete raw documents after BROADSHEET_WIRE_KEEP_DAYS, and old lines; returns how many
    documents. What waits in quarantine is kept until it was read.
    """
    now = clock.now()
    Fetch.objects.filter(at__lt=now - LINES_KEPT, blob="", versions=None).exclude(
        outcome=Outcome.TAKEN
    ).delete()
    before = now - timedelta(days=settings.ENV.wire_keep_days)
    kept = Fetch.objects.exclude(blob="").values("blob").order_by()
    old = kept.annotate(last=Max("at"), waiting=Count("pk", filter=_WAITING))
    keys = [row["blob"] for row in old.filter(last__lt=before, waiting=0)[:AT_ONCE]]
    for key in keys:
        _forget(key)
    return len(keys)


def _forget(key: str) -> None:
    """The same bytes may just have come again under a new row: then they stay."""
    with transaction.atomic():
        if Fetch.objects.filter(blob=key).update(blob="") and not blobs().is_fresh(key):
            transaction.on_commit(lambda: blobs().delete(key))
