"""What the rules decide about a wire version. Pure: no database, no clock, no Django."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from broadsheet.desk.rules import Candidate, Reason, reasons_against
from broadsheet.wire import media_topics
from broadsheet.wire.likeness import words
from broadsheet.wire.rules import INDEFINITE

UNMAPPED = "unmapped"
"""The queue of what no rule, or no section, is there for (docs/cases.md, 54)."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A version as the rules see it. `section` is the one its category fits, `at` is aware."""

    candidate: Candidate
    at: datetime
    feed: int | None = None
    source: int | None = None
    categories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    language: str = ""
    urgency: int | None = None
    text: str = ""
    pictured: bool = False
    section: int | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When a rule works, by the clock of a zone; from 22 to 6 is a night. `start` is included."""

    start: time
    end: time
    zone: str

    def hold(self, at: datetime) -> bool:
        """Whether a moment is within."""
        now = at.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


@dataclass(frozen=True, slots=True)
class Filters:
    """What a rule asks for; what is not filled in fits everything."""

    feed: int | None = None
    source: int | None = None
    category: str = ""
    topic: str = ""
    language: str = ""
    urgency: int | None = None
    headline: str = ""
    words: str = ""
    pictured: bool | None = None
    kind: str = ""
    hours: Hours | None = None

    def fit(self, offered: Offered) -> bool:
        """Whether every filter that is filled in fits."""
        return self._fits_origin(offered) and self._fits_text(offered)

    def _fits_origin(self, offered: Offered) -> bool:
        return (
            self.feed in (None, offered.feed)
            and self.source in (None, offered.source)
            and (not self.category or _within(self.category, " ".join(offered.categories)))
            and (not self.topic or _is_below(self.topic, offered.topics))
            and (not self.language or _speaks(self.language, offered.language))
            and (self.hours is None or self.hours.hold(offered.at))
        )

    def _fits_text(self, offered: Offered) -> bool:
        candidate = offered.candidate
        urgent = offered.urgency is not None and offered.urgency <= (self.urgency or 9)
        return (
            (self.urgency is None or urgent)
            and (not self.headline or _within(self.headline, candidate.headline))
            and (not self.words or set(words(self.words)) <= set(words(offered.text)))
            and self.pictured in (None, offered.pictured)
            and self.kind in ("", candidate.kind)
        )


def _within(wanted: str, text: str) -> bool:
    return wanted.casefold() in text.casefold()


def _is_below(wanted: str, topics: Iterable[str]) -> bool:
    """Whether one of the topics is the wanted one, begins with it or belongs to it."""
    start = media_topics.canonical(wanted if ":" in wanted else media_topics.ALIAS + wanted).lower()
    ways = ((code, *media_topics.above(code)) for code in media_topics.listed(topics))
    return any(code.lower().startswith(start) for way in ways for code in way)


def _speaks(wanted: str, stated: str) -> bool:
    """Language ranges as RFC 4647, section 3.3.1: "en" fits "en-IN"."""
    wanted, stated = wanted.lower(), stated.lower()
    return stated == wanted or stated.startswith(f"{wanted}-")


@dataclass(frozen=True, slots=True)
class Route:
    """A rule as it decides. `action` is publish, hold, queue or discard; sections and rules are
    named by their numbers; `fallback` takes what no section fits by its category. `topics` are
    the codes that it gives to what it publishes, one a line.
    """

    name: str
    action: str
    filters: Filters = Filters()
    number: int | None = None
    order: int = 100
    section: int | None = None
    fallback: int | None = None
    access: str = "metered"
    max_age: timedelta | None = None
    queue: str = ""
    topics: str = ""
    stop: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a version, and why. `due`: it publishes itself then."""

    outcome: Literal["published", "held", "discarded"]
    reasons: tuple[Reason, ...] = ()
    route: Route | None = None
    section: int | None = None
    queue: str = ""
    due: datetime | None = field(default=None)

    @property
    def access(self) -> str:
        """The access class the rule gives."""
        return self.route.access if self.route else "metered"


def decide(offered: Offered, routes: Iterable[Route]) -> Decision:
    """What the rules make of a version: each is asked once, in order, so there is no loop.

    The first that fits and stops decides, or the first that publishes; else the last that fits.
    """
    decision = Decision("held", ("No rule fits it.",), queue=UNMAPPED)
    for route in routes:
        if route.filters.fit(offered):
            decision = _by(route, offered)
            if route.stop or decision.outcome == "published" or decision.due:
                break
    return decision


def best(decisions: Iterable[Decision]) -> Decision:
    """What becomes of a version that several feeds brought: what the most willing rule says."""
    ranks = {"published": 3, "held": 1, "discarded": 0}
    return max(decisions, key=lambda one: ranks[one.outcome] + (one.due is not None))


def _by(route: Route, offered: Offered) -> Decision:
    if route.action == "publish":
        return _publishing(route, offered)
    outcome: Literal["held", "discarded"] = "discarded" if route.action == "discard" else "held"
    queue = route.queue if route.action == "queue" else ""
    return Decision(outcome, ("A rule says so.",), route, route.section, queue)


def _publishing(route: Route, offered: Offered) -> Decision:
    candidate, section = offered.candidate, route.section or offered.section or route.fallback
    reasons = list(reasons_against(candidate, route.max_age))
    if section is None:
        reasons.append("No section fits it.")
    queue = UNMAPPED if section is None else ""
    if reasons:
        return Decision("held", tuple(reasons), route, section, queue)
    if candidate.embargo is None:
        return Decision("published", (), route, section)
    if candidate.embargo >= INDEFINITE:
        return Decision("held", ("It is under embargo until the wire lifts it.",), route, section)
    until = {"text": "Embargoed until %(moment)s.", "moment": candidate.embargo.isoformat()}
    return Decision("held", (until,), route, section, due=candidate.embargo)
