"""Whom to remind before a charge or an end, and how long before. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from broadsheet.kit.periods import Interval


class ReminderRule(NamedTuple):
    """Readers in `country` ("" for everywhere) are reminded `ahead` of the renewal of a plan whose
    period has `months` months or more, from a day on; and where that is said."""

    country: str
    since: date
    months: int
    ahead: timedelta
    source: str


LONG = 12
"""Months from which on a period is long: the renewal comes as a surprise to whoever is not told."""

REMINDER_RULES = (
    ReminderRule(
        "", date(2020, 1, 1), LONG, timedelta(days=30),
        "The paper's own: within the 15 to 45 days of California's Business and Professions Code,"
        " 17602(b), for terms of a year or longer",
    ),
    ReminderRule(
        "FR", date(2016, 7, 1), LONG, timedelta(days=60),
        "Code de la consommation, L215-1: between three months and one month before the renewal",
    ),
)  # fmt: skip
"""A new rule is a row. Of several the longest time ahead counts."""

SHORT_AHEAD = timedelta(days=7)
"""Before the renewal of a shorter plan, if the publisher wants it, and before a first price ends:
seven days are what Visa's rules ask for."""

RESUMING_AHEAD = timedelta(days=3)
"""Before a pause is over and charged for."""


class EndRule(NamedTuple):
    """A plan that is paid once, for `months` months or more, is said to end `ahead` of its end."""

    months: int
    ahead: timedelta


END_RULES = (EndRule(3, timedelta(days=14)), EndRule(1, timedelta(days=3)))


def renewal_ahead(
    country: str, interval: Interval, day: date, *, short: bool, dearer: bool
) -> timedelta | None:
    """How long before a renewal on `day` its reader is reminded; None for not at all.

    `short`: the publisher wants it for plans of less than a year as well. `dearer`: the first price
    is over with it.
    """
    known = [
        rule.ahead
        for rule in REMINDER_RULES
        if rule.country in ("", country) and rule.since <= day and interval.months >= rule.months
    ]
    if dearer or (short and interval.months):
        known.append(SHORT_AHEAD)
    return max(known, default=None)


def end_ahead(interval: Interval, rules: Iterable[EndRule] = END_RULES) -> timedelta | None:
    """How long before its end the reader of a plan that is paid once is told; None for never."""
    fitting = (rule for rule in rules if 0 < rule.months <= interval.months)
    longest = max(fitting, key=lambda rule: rule.months, default=None)
    return longest.ahead if longest else None
