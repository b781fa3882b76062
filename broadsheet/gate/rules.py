"""Who may read what: the one decision of the gate. Pure, no clock, no files."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Access = str
"""`open`, `registered`, `metered`, `premium`, or the name of an entitlement."""

Variant = Literal["full", "full_no_ads", "teaser", "refused"]
"""What is answered; `refused` is no page at all (a prefetch that would spend a read)."""

WORD = re.compile(r"[a-z][a-z0-9_:.-]*")
"""An access class that is no such word opens for nobody."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is asking: signed in or not, and what the grants of this reader open."""

    registered: bool = False
    entitlements: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """Free articles a calendar month, without and with an account."""

    anonymous: int
    registered: int


NO_LIMITS = Limits(0, 0)
"""For pages that no meter counts."""


class Decision(NamedTuple):
    """What the reader gets and why.

    `reason` names the wall of a teaser: "limit_anonymous", "limit_registered", "register",
    "premium" or an entitlement; "" when nothing was reached, because the request may not spend a
    read. `counted` says that this answer spends a read; `reads` includes it.
    """

    variant: Variant
    reason: str = ""
    counted: bool = False
    reads: int = 0
    limit: int = 0


FULL = Decision("full")
FULL_NO_ADS = Decision("full_no_ads")


def choose(
    access: Access,
    reader: Reader,
    *,
    limits: Limits,
    reads: int,
    read_before: bool,
    prefetch: bool,
    counts: bool,
) -> Decision:
    """Decide one request.

    `reads` is the number of distinct articles this reader opened in the period, `read_before`
    whether this one is among them. `counts` is False for requests that never spend a read and
    therefore are never given one: HEAD and conditional requests.
    """
    if access == "open":
        return _opened(reader)
    if access == "metered":
        if "unlimited" in reader.entitlements:
            return _opened(reader)
        limit = limits.registered if reader.registered else limits.anonymous
        return _metered(reader, limit, reads, read_before, prefetch, counts)
    if access == "registered":
        may = reader.registered or "unlimited" in reader.entitlements
        return _opened(reader) if may else Decision("teaser", "register")
    if access in reader.entitlements and WORD.fullmatch(access):
        return _opened(reader)
    return Decision("teaser", access if WORD.fullmatch(access) else "premium")


def choose_unmetered(access: Access, reader: Reader) -> Decision:
    """Decide a request for a page that no meter counts."""
    return choose(
        access,
        reader,
        limits=NO_LIMITS,
        reads=0,
        read_before=False,
        prefetch=False,
        counts=False,
    )


def _opened(reader: Reader) -> Decision:
    return FULL_NO_ADS if "ad_free" in reader.entitlements else FULL


def _metered(
    reader: Reader, limit: int, reads: int, read_before: bool, prefetch: bool, counts: bool
) -> Decision:
    variant = _opened(reader).variant
    if read_before:
        return Decision(variant, "", False, reads, limit)
    if reads >= limit:
        reason = "limit_registered" if reader.registered else "limit_anonymous"
        return Decision("teaser", reason, False, reads, limit)
    if not counts:
        return Decision("teaser", "", False, reads, limit)
    if prefetch:
        return Decision("refused", "", False, reads, limit)
    return Decision(variant, "", True, reads + 1, limit)
