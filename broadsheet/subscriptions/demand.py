"""What another number of free articles would have done to the readers of a month. Pure.

Known is what readers tried: who was stopped may have wanted more, and who would be stopped earlier
may try less. So what comes out is what the same readers with the same clicks would have met.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

SURE = 1.96
"""Standard deviations of a range that holds the truth in 95 of 100 cases."""


class Demand(NamedTuple):
    """So many readers opened `reads` articles and were stopped at `behind` others."""

    reads: int
    behind: int
    readers: int


class Effect(NamedTuple):
    """With `limit` free articles, how many readers meet the wall, and how many articles that they
    wanted are behind it."""

    limit: int
    readers: int
    behind: int


def effect(demand: Iterable[Demand], limit: int) -> Effect:
    """What a limit would have done. With the limit of the month it is what happened."""
    over = [(one.reads + one.behind - limit, one.readers) for one in demand]
    stopped = [(articles, readers) for articles, readers in over if articles > 0]
    return Effect(
        limit,
        sum(readers for _articles, readers in stopped),
        sum(articles * readers for articles, readers in stopped),
    )


def share_between(paid: int, readers: int) -> tuple[float, float]:
    """Between which shares of readers at the wall pay, when `paid` of so many did.

    The score interval of Wilson (1927), doi:10.1080/01621459.1927.10502953, at 95 %.
    """
    if readers <= 0:
        return 0.0, 1.0
    paid = min(paid, readers)
    square, part = SURE**2, paid / readers
    centre = part + square / (2 * readers)
    room = SURE * math.sqrt(part * (1 - part) / readers + square / (4 * readers**2))
    low, high = ((centre + by) / (1 + square / readers) for by in (-room, room))
    return max(0.0, min(low, part)), min(1.0, max(high, part))


def payers(readers: int, between: tuple[float, float]) -> tuple[int, int]:
    """From how many to how many of the readers at the wall would pay, outwards to whole ones."""
    low, high = between
    return math.floor(readers * low), math.ceil(readers * high)
