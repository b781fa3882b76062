"""Close days: what each day earned leaves the deferred revenue, once for every day.

The books are locked while a day is closed, and what is closed is read under that lock: two
workers, or one that was killed and began anew, book every day once. A day is one sum in the
database, so that it costs no memory however many payments there are.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import BigIntegerField, ExpressionWrapper, F, Max, Min, Sum

from broadsheet.kit import clock
from broadsheet.ledger.actions.carrying import carry_over
from broadsheet.ledger.actions.deferring import first_open
from broadsheet.ledger.actions.entering import NUMBER, enter, lock_books
from broadsheet.ledger.models import ClosedDay, Deferral
from broadsheet.ledger.rules import release_lines
from broadsheet.press_log.models import Counter


def close_days(zone: str) -> int:
    """Book what every day that is over in the IANA zone earned, one by one; how many days."""
    today = clock.now().astimezone(ZoneInfo(zone)).date().toordinal()
    day, closed = _next_day(), 0
    if day is None or day < today:
        carry_over(zone)
        day = _next_day()
    while day is not None and day < today:
        closed += _close(day, zone)
        day += 1
    return closed


def _next_day() -> int | None:
    last = ClosedDay.objects.aggregate(last=Max("day"))["last"]
    if last is not None:
        return int(last) + 1
    first = Deferral.objects.aggregate(first=Min("since"))["first"]
    return None if first is None else int(first)


def _close(day: int, zone: str) -> bool:
    with transaction.atomic():
        lock_books()
        if first_open() > day:
            return False
        at = _last_second(date.fromordinal(day), zone)
        for currency, amount in _earned_on(day):
            ref = f"{date.fromordinal(day).isoformat()}:{currency}"
            enter("release", ref, at, release_lines(amount), currency)
        last = Counter.objects.get(name=NUMBER).value
        ClosedDay.objects.create(day=day, journal=last)
    return True


def _last_second(day: date, zone: str) -> datetime:
    after = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return after.astimezone(UTC) - timedelta(seconds=1)


def _earned_on(day: int) -> Iterator[tuple[str, int]]:
    """What each currency earned on an open day: `rules.earned` of the next day less this one's.

    Whole numbers are divided towards zero by SQLite and PostgreSQL alike.
    """
    running = Deferral.objects.filter(since__lte=day, until__gt=day).order_by()
    days = F("until") - F("first")
    upto, before = F("amount") * (day + 1 - F("first")), F("amount") * (day - F("first"))
    share = ExpressionWrapper(upto / days - before / days, output_field=BigIntegerField())
    sums = running.values("currency").annotate(sum=Sum(share))
    for currency, amount in sums.order_by("currency").values_list("currency", "sum"):
        if amount:
            yield currency, int(amount)
