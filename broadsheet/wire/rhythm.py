"""When a feed is asked again, and when its silence is strange. Pure: no database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

KEPT_MOMENTS = 40
"""So many publications of a feed are remembered; its rhythm is the median gap between them."""

SHARE_OF_RHYTHM = 10
"""A feed is asked ten times between two reports: what it sends waits for a tenth on average."""

SHORTEST_SILENCE = timedelta(hours=6)
STRANGE_GAPS = 8
"""Silence is strange after eight usual gaps, and never before `SHORTEST_SILENCE`."""

KNOWN_WEEK = 50
"""From so many publications on, the hours in which a feed usually sleeps do not count."""

LONGEST_LOOK = timedelta(days=60)

MOVES_SEEN, MOVED_FOR = 3, timedelta(hours=24)
"""A permanent redirect is believed when it was seen so often, over so long (docs/cases.md, 2)."""


def merged(moments: Sequence[int], new: Iterable[int]) -> list[int]:
    """The newest `KEPT_MOMENTS` distinct moments (Unix seconds), in order."""
    return sorted({*moments, *new})[-KEPT_MOMENTS:]


def rhythm_of(moments: Sequence[int]) -> int | None:
    """Seconds between two publications, as the median; None before there are three."""
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return round(median(gaps)) if len(gaps) >= 2 else None


def pause(rhythm: int | None, hint: float, *, least: float, most: float) -> float:
    """Seconds until a feed that is well is asked again, within the publisher's two bounds."""
    wanted = max((rhythm or 0) / SHARE_OF_RHYTHM, hint)
    return max(least, min(wanted, most))


def hour_kind(at: datetime) -> int:
    """Which of 48 kinds of hours a local time is: 0-23 on working days, 24-47 at weekends."""
    return at.hour + (24 if at.weekday() >= 5 else 0)


def counted(hours: Sequence[int], moments: Iterable[datetime]) -> list[int]:
    """How many publications each kind of hour has seen, with these local times added."""
    counts = [*hours] or [0] * 48
    for at in moments:
        counts[hour_kind(at)] += 1
    return counts


def is_quiet(since: datetime, now: datetime, rhythm: int | None, hours: Sequence[int]) -> bool:
    """Whether a feed that last published at `since` (local time) is silent for strangely long.

    A feed without a rhythm is never strange. Hours in which it usually sleeps are left out, once
    it is known well enough.
    """
    if rhythm is None:
        return False
    allowed = max(SHORTEST_SILENCE, timedelta(seconds=STRANGE_GAPS * rhythm))
    if now - since <= allowed:
        return False
    return awake(since, now, hours) > allowed


def awake(since: datetime, now: datetime, hours: Sequence[int]) -> timedelta:
    """How much of the time from `since` to `now` lies in hours in which the feed is not asleep."""
    asleep = _asleep(hours)
    since = max(since, now - LONGEST_LOOK)
    total, at = timedelta(0), since
    while at < now:
        after = min(now, at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        if hour_kind(at) not in asleep:
            total += after - at
        at = after
    return total


def _asleep(hours: Sequence[int]) -> frozenset[int]:
    """Kinds of hours with less than a tenth of the average of all kinds."""
    if sum(hours) < KNOWN_WEEK:
        return frozenset()
    share = sum(hours) / len(hours) / 10
    return frozenset(kind for kind, count in enumerate(hours) if count < share)


def is_believed(seen: int, since: datetime | None, now: datetime) -> bool:
    """Whether a permanent redirect was seen often and long enough to be proposed to the desk."""
    return since is not None and seen >= MOVES_SEEN and now - since >= MOVED_FOR


@dataclass(frozen=True, slots=True)
class Due:
    """A feed whose turn it is: its number, the host it lives on, whether it failed last time."""

    pk: int
    host: str
    failing: bool = False


def choose(due: Iterable[Due], busy: Mapping[str, bool], most: int) -> list[Due]:
    """Which feeds are asked now: one of each host that is not being asked, while slots last.

    `busy` names the hosts that are being asked, and whether their feed failed last time; `most` is
    the number of all slots. The order of `due` is kept, but feeds that fail get half of the slots
    at most, so that many dead hosts do not hold up the living.
    """
    chosen: list[Due] = []
    taken, failing = set(busy), sum(busy.values())
    for one in due:
        if len(taken) >= most:
            break
        if one.host in taken or (one.failing and failing >= most // 2):
            continue
        taken.add(one.host)
        failing += one.failing
        chosen.append(one)
    return chosen
