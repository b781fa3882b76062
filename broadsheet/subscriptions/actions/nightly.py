"""What is done with the books once a day is over: what it earned is booked, all of it checked."""

from datetime import date, datetime, timedelta
from itertools import chain, islice
from zoneinfo import ZoneInfo

from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.kit import clock
from broadsheet.ledger import actions as ledger
from broadsheet.ledger.checks import Problem
from broadsheet.ledger.models import Audit, Journal
from broadsheet.subscriptions import checks
from broadsheet.subscriptions.reads.origin import origin

HOUR = 4
"""In the paper's zone: the day before is closed by then."""
LEASE = timedelta(hours=6)
"""A check that has not ended by then was killed; the next one begins anew."""
TOLD = 20
ANNOUNCED = timedelta(hours=48)
"""Debits of so long before are looked at: each is told of once or twice, never for ever."""


def close_days() -> int:
    """Book what every day that is over in the paper's zone earned; how many days.

    Cheap when none is. After days of standstill every day is booked, the oldest first.
    """
    paper = Paper.objects.first()
    return ledger.close_days(paper.time_zone) if paper else 0


def audit() -> bool:
    """Check the books, once a day, and mail the publisher what is wrong; whether it was done now.

    The same as `broadsheet check_ledger`. Nobody waits for it: it reads a snapshot.
    """
    paper, now = Paper.objects.first(), clock.now()
    if paper is None:
        return False
    local = now.astimezone(ZoneInfo(paper.time_zone))
    if local.hour < HOUR or not Journal.objects.exists() or not _claimed(local.date(), now):
        return False
    found = chain(checks.everything(), checks.unannounced(now - ANNOUNCED))
    first = list(islice(found, TOLD))
    _note(local.date(), first, len(first) + sum(1 for _problem in found))
    return True


def _claimed(day: date, now: datetime) -> bool:
    _row, is_mine = Audit.objects.get_or_create(day=day, defaults={"began_at": now})
    killed = Audit.objects.filter(day=day, ended_at=None, began_at__lt=now - LEASE)
    return is_mine or bool(killed.update(began_at=now))


def _note(day: date, first: list[Problem], count: int) -> None:
    words = "\n".join(str(problem) for problem in first)
    with transaction.atomic():
        mine = Audit.objects.filter(day=day)
        mine.update(ended_at=clock.now(), problems=count, words=words)
        if count:
            _tell(first, count)


def _tell(first: list[Problem], count: int) -> None:
    address = f"{origin()}/desk/business/books/"
    names = {"problems": first, "more": count - len(first), "url": address}
    paper = letterhead(origin())
    for publisher in User.objects.filter(is_superuser=True, is_active=True):
        queue(publisher.email, "subscriptions/mail/books", names, paper=paper)
