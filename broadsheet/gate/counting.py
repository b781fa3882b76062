"""What one gate counts in memory, and several gates in a tally."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from broadsheet.gate.budget import Budget
from broadsheet.gate.meter import Meter
from broadsheet.gate.openings import Openings
from broadsheet.gate.passes import derived_key
from broadsheet.gate.policy import Policy


class Counting(NamedTuple):
    """The reads of readers, the browsers of links, the budgets of networks."""

    meter: Meter
    openings: Openings
    budget: Budget


def counting(
    journal: Path,
    secret: bytes,
    *,
    zone: str,
    policy: Policy,
    clock: Callable[[], float],
    url: str = "",
) -> Counting:
    """Those of one paper; `url` is that of the tally of several gates, "" for memory alone."""
    if not url:
        meter = Meter(journal, zone=zone, policy=policy, clock=clock)
        return Counting(meter, Openings(meter, clock=clock), Budget(clock=clock))
    # One gate alone need not load the client.
    from broadsheet.gate.shared_budget import SharedBudget
    from broadsheet.gate.shared_meter import SharedMeter
    from broadsheet.gate.shared_openings import SharedOpenings
    from broadsheet.gate.tally import Tally

    # Each paper's keys begin with a name of its own.
    tally = Tally(url, f"broadsheet:{derived_key(secret, 'tally')[:6].hex()}:")
    shared = SharedMeter(journal, tally, zone=zone, policy=policy, clock=clock)
    return Counting(
        shared,
        SharedOpenings(shared, tally, clock=clock),
        SharedBudget(shared.taking_up, tally, derived_key(secret, "budget"), clock=clock),
    )
