"""What a licensee is told of a report. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["usable", "withheld", "canceled"]
"""The IPTC's words (pubStatus), kept at the edge of the house."""


FREE = ("open", "registered", "metered")
"""Access classes that readers need no right for, or none beyond the usual one."""


@dataclass(frozen=True, slots=True)
class State:
    """What decides about a report. Times are aware; `wire_embargo` is the agency's own."""

    live: bool
    held: bool
    withdrawn: bool
    embargo: datetime | None
    wire_embargo: datetime | None
    expires: tuple[datetime | None, ...]


@dataclass(frozen=True, slots=True)
class Licence:
    """What a licensee may take. `sections` are numbers, empty for all; `premium`: also
    what only a right of its own opens to readers."""

    sections: frozenset[int]
    premium: bool
    ahead: bool


def covers(licence: Licence, *, ours: bool, section: int, access: str) -> bool:
    """Whether a report is of the kind that the licence is for.

    `ours` also holds for an agency's report that the agency lets us pass on.
    """
    if not ours or (licence.sections and section not in licence.sections):
        return False
    return access in FREE or licence.premium


def status_of(
    state: State, now: datetime, *, covered: bool, had: bool, ahead: bool
) -> Status | None:
    """What to send of a report; None: nothing at all.

    Who never had a report is not told that there is, or was, one that may not be had. Who has it is
    told when it may not be used for now (withheld) or for good (canceled): a withdrawal overrides
    everything.
    """
    over = any(moment is not None and moment <= now for moment in state.expires)
    if state.withdrawn or not state.live or over or not covered:
        return "canceled" if had else None
    if state.held or is_closed(state.wire_embargo, now):
        return "withheld" if had else None
    if is_closed(state.embargo, now) and not ahead:
        return "withheld" if had else None
    return "usable"


def is_closed(embargo: datetime | None, now: datetime) -> bool:
    """Whether an embargo holds at `now`."""
    return embargo is not None and now < embargo


def latest(moments: Collection[datetime | None]) -> datetime | None:
    """The last of the moments that are set."""
    return max((moment for moment in moments if moment is not None), default=None)


def earliest(moments: Collection[datetime | None]) -> datetime | None:
    """The first of the moments that are set."""
    return min((moment for moment in moments if moment is not None), default=None)
