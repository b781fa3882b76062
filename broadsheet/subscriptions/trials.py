"""Trials: who gets one, when its first charge is due, what it opens and when it is spoken of. Pure.

A trial is counted in days of 24 hours, as gateways count it. The periods that are paid are counted
from its end.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from broadsheet.subscriptions.rules import GRACE, TRIAL, Door

MOST_DAYS = 90

TRIAL_AHEAD = timedelta(days=3)
"""How long before its first charge a reader is reminded."""


class Trial(NamedTuple):
    """From when until when nothing is charged: half-open, UTC."""

    starts: datetime
    ends: datetime


def days_for(offered: int, *, had_trial: bool, had_plan: bool) -> int:
    """How many of the days offered a reader gets: each has one trial, and none of a plan had
    before."""
    return 0 if had_trial or had_plan else offered


def first_charge_at(agreed: datetime, days: int, wait: timedelta = timedelta()) -> datetime:
    """When period 0 begins and is charged, UTC; `wait` is how long after the agreement the gateway
    begins to count."""
    return agreed + wait + timedelta(days=days)


def trial_doors(
    given: Iterable[str],
    trial: Trial,
    *,
    ended: datetime | None,
    owed: Iterable[str] = (),
    grace: timedelta = timedelta(),
) -> set[Door]:
    """The grants of a trial: what the plan gives, to its end, unless the subscription `ended`
    before that; then, while its first charge is outstanding, what is `owed` for the grace."""
    if ended is not None and ended < trial.ends:
        return set()
    late = trial.ends + grace
    return {Door(right, TRIAL, 0, trial.starts, trial.ends) for right in given} | {
        Door(right, GRACE, 0, trial.ends, late) for right in owed
    }


def trial_ahead(trial: Trial) -> timedelta | None:
    """How long before the first charge its reader is reminded; None when the trial is so short that
    the mail of its begin says it."""
    return TRIAL_AHEAD if trial.ends - trial.starts > TRIAL_AHEAD else None
