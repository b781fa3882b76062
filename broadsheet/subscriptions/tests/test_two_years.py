"""Two years of renewals from awkward anchors: no period drifts, and every unit is earned."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from broadsheet.ledger.models import Deferral, Journal, Payment
from broadsheet.ledger.tests.cast import deferred, sold
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import PaidPeriod
from broadsheet.subscriptions.tests.conftest import buy, terms
from tests.cast import ben

LAST = (
    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
)  # fmt: skip
"""Days of the months of 2024 and 2025."""


def local_days(zone):
    starts = PaidPeriod.objects.order_by("number").values_list("starts", flat=True)
    return [at.astimezone(ZoneInfo(zone)) for at in starts]


def live_through(till, travel, zone, months):
    anchor = PaidPeriod.objects.get().starts.astimezone(ZoneInfo(zone))
    for n in range(1, months):
        year, month = divmod(anchor.month - 1 + n, 12)
        after = anchor.replace(year=anchor.year + year, month=month + 1, day=1)
        travel.move_to((after + timedelta(days=31)).astimezone(UTC))
        till.gateway.run_due()
        actions.ask_again()
        actions.close_days()


@pytest.mark.parametrize(
    ("day", "zone"), [(29, "Asia/Kolkata"), (30, "America/New_York"), (31, "Europe/Berlin")]
)
def test_case_17_and_21_monthly_for_two_years(paper, till, plan, travel, zone, day):
    paper.time_zone = zone
    paper.save()
    actions.set_terms(plan, terms(unit="month", count=1))
    travel.move_to(datetime(2024, 1, day, 2, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC))
    buy(till, ben(), plan)
    live_through(till, travel, zone, len(LAST))
    found = local_days(zone)[: len(LAST)]
    assert [at.day for at in found] == [min(day, last) for last in LAST]
    # Half past two is skipped where summer time begins on that very day.
    assert {(at.hour, at.minute) for at in found} <= {(2, 30), (3, 30)}
    assert list(checks.everything()) == []
    travel.shift(timedelta(days=70))
    actions.close_days()
    paid = Payment.objects.count()
    assert (deferred(), sold()) == (0, 76271 * paid)
    days = Deferral.objects.order_by("first").values_list("first", "until")
    assert all(one[1] == other[0] for one, other in pairwise(days))
    released = Journal.objects.filter(kind="release").count()
    assert released <= sum(until - first for first, until in days)


@pytest.mark.parametrize(("count", "ends"), [(1, "2025-02-28"), (2, "2026-02-28")])
def test_case_17_years_from_a_leap_day(till, plan, travel, count, ends):
    actions.set_terms(plan, terms(unit="year", count=count))
    travel.move_to(datetime(2024, 2, 29, 6, tzinfo=UTC))
    buy(till, ben(), plan)
    row = Deferral.objects.get()
    assert row.until == datetime.fromisoformat(ends).toordinal()
    travel.move_to(datetime.fromisoformat(ends).replace(tzinfo=UTC))
    actions.close_days()
    assert (deferred(), sold()) == (0, 76271)
    assert list(checks.everything()) == []
