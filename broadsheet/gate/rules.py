"""Who may read what: the one decision of the gate. Pure, no clock, no files."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from broadsheet.gate.policy import Allowance, Policy

Access = str
"""`open`, `registered`, `metered`, `premium`, or the name of an entitlement."""

Variant = Literal["full", "full_no_ads", "teaser", "refused"]
"""What is answered; `refused` is no page at all (a prefetch that would spend a read)."""

ANY_RIGHT = "ANY"
"""The right that a link of the house lends; no entitlement can have this name."""

WORD = re.compile(r"[a-z][a-z0-9_:.-]*")
"""An access class that is no such word opens for nobody."""


NOTHING_LENT: Mapping[str, int] = MappingProxyType({})

MOST_COUNTED = 20
"""Free articles up to which each page says which one it is: each number is another answer made."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is asking: signed in or not, and what the grants of this reader open.

    `lent` are the entitlements of the network that the request came from, each with the number of
    the institution that lends it.
    """

    registered: bool = False
    entitlements: frozenset[str] = frozenset()
    lent: Mapping[str, int] = field(default_factory=lambda: NOTHING_LENT, hash=False)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of reader whose allowances are this reader's."""
        own = self.entitlements | ({"registered"} if self.registered else {"anonymous"})
        return own.union(self.lent) if self.lent else own

    def has(self, right: str) -> bool:
        """Whether an entitlement is the reader's own, or lent."""
        return right in self.entitlements or right in self.lent


class Report(NamedTuple):
    """An article as the rules see it: its number, own access class and section's number, and when
    it was first published (Unix seconds, 0 when unknown)."""

    article: int
    access: Access
    section: int = 0
    published: float = 0


class Read(NamedTuple):
    """An article that a reader opened, when (Unix seconds) and in which section."""

    article: int
    at: int
    section: int = 0


Had = Collection[tuple[int, int, int]]
"""Reads, named or plain."""


class Decision(NamedTuple):
    """What the reader gets and why: it drives page, wall, countdown and log.

    `rule` names what decided: the access class that was open or closed, "unlimited", "metered",
    "again" (opened before in this period), "free", "register_after", "budget", "institution:7",
    or an opening such as "gift:…"; after a time rule "time:<name>+…". `reason` names the wall of a
    teaser: "limit_anonymous", "limit_registered", "register", "register_more", "premium" or an
    entitlement; "" when no bound was reached, because the request may not spend a read. `counted`
    says that this answer spends a read; `reads` includes it. `limit` is 0 where nothing is counted.
    `signed_in` is said of closed reports alone: that wall asks nobody to sign in.
    """

    variant: Variant
    rule: str
    reason: str = ""
    counted: bool = False
    reads: int = 0
    limit: int = 0
    signed_in: bool = False

    @property
    def face(self) -> "Face":
        """What of it shows on the page: answers with the same face are the same bytes."""
        if self.variant == "teaser":
            return _closed_face(self.reason, self.limit, self.signed_in)
        # Of an article opened again, or one that could not be recorded, no number would be true.
        if self.counted and self.limit <= MOST_COUNTED:
            return Face(self.variant, "", self.reads, self.limit)
        return WHOLE[self.variant]


class Face(NamedTuple):
    """What of a decision shows on the page."""

    variant: Variant
    reason: str = ""
    reads: int = 0
    limit: int = 0
    signed_in: bool = False


FULL = Face("full")
WHOLE: Mapping[Variant, Face] = {"full": FULL, "full_no_ads": Face("full_no_ads")}


@lru_cache(maxsize=256)
def _closed_face(reason: str, limit: int, signed_in: bool) -> Face:
    return Face("teaser", reason, 0, limit, signed_in)


class Asking(NamedTuple):
    """How a request asks. `counts` is False for requests that never spend a read and therefore
    are never given one: HEAD. `opening` is a right that this request alone
    has, by its rule's name (a link, a verified crawler), "" without one. `spent` says that the
    reader is new and nothing is left today of what the network may read without a cookie."""

    prefetch: bool = False
    counts: bool = True
    opening: str = ""
    spent: bool = False


PLAINLY = Asking()
"""A GET by a reader who looks at the page."""


def turned(report: Report, policy: Policy, now: float) -> tuple[Access, str]:
    """The access class in force at `now` (Unix seconds), and the time rule's name or ""."""
    if not policy.turns or not report.published:
        return report.access, ""
    turn = policy.turn(report.access, report.section, now - report.published)
    return (turn.access, turn.name) if turn else (report.access, "")


def choose(
    report: Report,
    reader: Reader,
    policy: Policy,
    had: Had,
    *,
    now: float,
    asking: Asking = PLAINLY,
) -> Decision:
    """Decide one request at `now` (Unix seconds). `had` are the reads of the present period."""
    access, turn = turned(report, policy, now) if policy.turns else (report.access, "")
    decision = _own_right(access, reader)
    if decision is None and access == "metered":
        decision = _metered(report, reader, policy, had, asking)
    elif decision is None:
        opening = asking.opening
        decision = _opened(reader, opening) if opening else _closed(access, reader.registered)
    return decision._replace(rule=f"time:{turn}+{decision.rule}") if turn else decision


def _own_right(access: Access, reader: Reader) -> Decision | None:
    """What is open to everyone, or to this reader by an account, a grant or an institution."""
    if access == "open":
        return _opened(reader, "open")
    if access == "registered" and reader.registered:
        return _opened(reader, "registered")
    if not reader.entitlements and not reader.lent:
        return None
    right = "unlimited" if access in ("metered", "registered") else access
    if right in reader.entitlements and WORD.fullmatch(right):
        return _opened(reader, right)
    if right in reader.lent and WORD.fullmatch(right):
        return _opened(reader, f"institution:{reader.lent[right]}")
    return None


def is_lent(access: Access, right: str) -> bool:
    """Whether a link that lends one right opens an article of this class in force."""
    if right == ANY_RIGHT or access == "open":
        return right == ANY_RIGHT
    return _own_right(access, Reader(entitlements=frozenset((right,)))) is not None


def _opened(reader: Reader, rule: str) -> Decision:
    return _uncounted(_whole(reader), rule)


def _whole(reader: Reader) -> Variant:
    return "full_no_ads" if reader.has("ad_free") else "full"


@lru_cache(maxsize=1024)
def _uncounted(variant: Variant, rule: str) -> Decision:
    return Decision(variant, rule)


@lru_cache(maxsize=64)
def _closed(access: Access, signed_in: bool) -> Decision:
    if access == "registered":
        return Decision("teaser", "registered", "register")
    name = access if WORD.fullmatch(access) else "premium"
    return Decision("teaser", name, name, signed_in=signed_in)


def _metered(report: Report, reader: Reader, policy: Policy, had: Had, asking: Asking) -> Decision:
    allowance, reads = _used(reader, policy, report.section, had)
    limit = allowance.limit or 0
    wanted = report.article
    for article, _, _ in had:
        if article == wanted:
            return Decision(_whole(reader), "again", "", False, reads, limit)
    if asking.opening or allowance.limit is None:
        return _opened(reader, asking.opening or "free")
    if reads >= limit:
        reason = "limit_registered" if reader.registered else "limit_anonymous"
        return Decision("teaser", "metered", reason, False, reads, limit)
    after = policy.register_after
    if after is not None and reads >= after and not reader.registered:
        return Decision("teaser", "register_after", "register_more", False, reads, limit)
    if asking.spent:
        return Decision("teaser", "budget", "register_more", False, reads, limit)
    if not asking.counts:
        return Decision("teaser", "metered", "", False, reads, limit)
    if asking.prefetch:
        return Decision("refused", "metered", "", False, reads, limit)
    return Decision(_whole(reader), "metered", "", True, reads + 1, limit)


def _used(reader: Reader, policy: Policy, section: int, had: Had) -> tuple[Allowance, int]:
    """What a reader has in a section, and how many of the reads count for it."""
    if policy.general:
        # Most papers have no other, and every read of a metered article comes by here.
        return policy.general["registered" if reader.registered else "anonymous"], len(had)
    kinds = reader.kinds
    allowance = policy.allowance(kinds, section)
    return allowance, sum(policy.allowance(kinds, place) is allowance for _, _, place in had)
