"""Intervals as Razorpay counts them, and which of our periods one of its cycles is. Pure.

https://razorpay.com/docs/api/payments/subscriptions/create-plan: daily (7 at least), weekly,
monthly, quarterly, yearly, every so many of them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from broadsheet.kit.periods import Interval, Unit, start_of
from broadsheet.ledger.providers.base import GatewayRefused

PERIODS: Mapping[Unit, str] = {
    "day": "daily", "week": "weekly", "month": "monthly", "year": "yearly",
}  # fmt: skip
READ: Mapping[str, tuple[Unit, int]] = {
    "daily": ("day", 1), "weekly": ("week", 1), "monthly": ("month", 1), "quarterly": ("month", 3),
    "yearly": ("year", 1),
}  # fmt: skip

SHORTEST: Mapping[Unit, int] = {"day": 7}
LONGEST: Mapping[Unit, int] = {"day": 365, "week": 52, "month": 12, "year": 1}
"""A year: no mandate of UPI has a longer step, and which method the reader takes is not known
when the plan is made."""

TEN_YEARS: Mapping[Unit, int] = {"day": 3650, "week": 520, "month": 120, "year": 10}
"""Razorpay wants to know how often it charges at the most; UPI mandates end after thirty years."""


def cadence(interval: Interval) -> dict[str, Any]:
    """`period` and `interval` of a plan. Raises GatewayRefused for what cannot be charged."""
    unit, count = interval.unit, interval.count
    if not SHORTEST.get(unit, 1) <= count <= LONGEST[unit]:
        raise GatewayRefused(
            "Razorpay renews every seven days at most, and once a year at least.",
            "Sell it as a prepaid plan, which does not renew.",
        )
    return {"period": PERIODS[unit], "interval": count}


def most_cycles(interval: Interval) -> int:
    """How many periods ten years have: after them the reader agrees anew."""
    return TEN_YEARS[interval.unit] // interval.count


def interval_of(plan: Mapping[str, Any]) -> Interval:
    """The interval of Razorpay's plan."""
    unit, times = READ[plan["period"]]
    return Interval(unit, int(plan["interval"]) * times)


def number_of(begins: datetime, anchor: datetime, interval: Interval, zone: str) -> int:
    """The period that begins nearest to `begins` (0 is the first).

    Razorpay's cycles begin at midnight in India and on another day than ours where a month is too
    short, so they are counted from the anchor, each for itself.
    """

    def away(number: int) -> float:
        begun = start_of(anchor, number, interval, zone)
        return abs((begun - begins).total_seconds())

    number = 0
    while away(number + 1) < away(number):
        number += 1
    return number
