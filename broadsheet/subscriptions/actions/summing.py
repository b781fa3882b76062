"""Add up what readers did by month, again and again; keep the sums of accounts that go."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.ledger.snapshot import snapshot
from broadsheet.subscriptions.models import MonthSum, Summing
from broadsheet.subscriptions.reads.business.moving import Place, Sums, everybody, month_of, one

LEASE = timedelta(hours=1)
"""Sums that are not made by then were killed, and are made anew."""

SHARE = 200
"""They are made again after so many times what making them took: half a per cent of the time."""

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=1)
BATCH = 500


def sum_up() -> bool:
    """Make the sums of all months anew; whether it was done now."""
    paper, now = Paper.objects.first(), clock.now()
    if paper is None or not _claimed(now):
        return False
    with snapshot():
        erased = Summing.objects.get(pk=1).erased
        sums = everybody(paper.time_zone, month_of(now, paper.time_zone))
    return _written(sums, erased)


def _claimed(now: datetime) -> bool:
    """Whether it is due, and nobody else does it."""
    row, _new = Summing.objects.get_or_create(pk=1)
    took = row.ended_at - row.began_at if row.ended_at and row.began_at else timedelta(0)
    pause = min(max(took * SHARE, SHORTEST), LONGEST)
    killed = Q(ended_at=None, began_at__lte=now - LEASE)
    due = Q(began_at=None) | Q(ended_at__lte=now - pause) | killed
    return bool(Summing.objects.filter(due, pk=1).update(began_at=now, ended_at=None))


def _written(sums: Sums, erased: int) -> bool:
    """Replace what is not kept; not when an account went meanwhile, which would be in both."""
    with transaction.atomic():
        if Summing.objects.select_for_update().get(pk=1).erased != erased:
            Summing.objects.filter(pk=1).update(began_at=None)
            return False
        MonthSum.objects.filter(kept=False).delete()
        rows = (_row(place, sums, kept=False) for place in sums.number)
        MonthSum.objects.bulk_create(rows, BATCH)
        Summing.objects.filter(pk=1).update(ended_at=clock.now())
    return True


def _row(place: Place, sums: Sums, *, kept: bool) -> MonthSum:
    facts = place._asdict() | {"number": sums.number[place], "net": sums.net[place]}
    return MonthSum(**facts, kept=kept)


def keep_sums(reader: User) -> None:
    """Keep what an account that is being erased adds to the months: nothing more can come."""
    paper = Paper.objects.first()
    if paper is None:
        return
    sums = one(reader.pk, paper.time_zone, month_of(clock.now(), paper.time_zone))
    with transaction.atomic():
        Summing.objects.get_or_create(pk=1)
        Summing.objects.filter(pk=1).update(erased=F("erased") + 1, began_at=None)
        for place in sums.number:
            _keep(_row(place, sums, kept=True))


def _keep(row: MonthSum) -> None:
    """Move a part of what is made anew to what is kept, so that it is never in both."""
    names = ("month", "cohort", "currency", "kind", "unit", "length", "plan")
    same = MonthSum.objects.filter(**{name: getattr(row, name) for name in names})
    anew = same.filter(kept=False)
    anew.update(number=F("number") - row.number, net=F("net") - row.net)
    kept = same.filter(kept=True)
    if not kept.update(number=F("number") + row.number, net=F("net") + row.net):
        row.save()
