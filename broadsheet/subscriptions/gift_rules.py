"""How long a gift can be redeemed, and from when it opens the paper. Pure."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from broadsheet.kit.periods import Interval, start_of
from broadsheet.subscriptions.rules import unbroken

GIFT = "gift"
"""The source of grants that a redeemed gift opened."""


class GiftRule(NamedTuple):
    """Bought on `since` or later, a gift can be redeemed for `years`; why, and where it stands."""

    since: date
    years: int
    lead: str
    source: str


GIFT_RULES = (
    GiftRule(
        date(2000, 1, 1), 5,
        "A gift that was paid for is good for five years: the longest that a law we sell under asks"
        " for. German law asks for three, counted from the end of the year; five is never less.",
        "12 CFR 1005.20(e)(2) (Regulation E); BGB sections 195 and 199",
    ),
)  # fmt: skip
"""In order; the last one that has begun holds. A gift keeps the rule of the day it was bought."""


def gift_rule(day: date) -> GiftRule:
    """The rule for a gift bought on a day in the paper's zone."""
    begun = [rule for rule in GIFT_RULES if rule.since <= day]
    return begun[-1] if begun else GIFT_RULES[0]


def expires(bought: datetime, zone: str) -> datetime:
    """Until when a gift can be redeemed, UTC. The money is not lost after that: see decision 31."""
    rule = gift_rule(bought.astimezone(ZoneInfo(zone)).date())
    return start_of(bought, 1, Interval("year", rule.years), zone)


def begins(paid: Iterable[tuple[datetime, datetime | None]], now: datetime) -> datetime:
    """When a gift begins that is redeemed now: where what is paid for ends, so that nobody has two
    at once. `paid` are half-open stretches of access by a subscription, a coupon, another gift,
    or one that was paid elsewhere.
    """
    return unbroken(paid, now)


def ends(starts: datetime, interval: Interval, zone: str) -> datetime:
    """When a gift of this length ends, counted in the IANA zone."""
    return start_of(starts, 1, interval, zone)
