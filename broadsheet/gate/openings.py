"""Which browsers used a link to an article: exactly so many, recorded before the page is sent."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from broadsheet.gate.links import LONGEST_DAYS, Link
from broadsheet.gate.meter import Meter
from broadsheet.gate.rules import Report
from broadsheet.kit.clock import DAY

SEEN_AT_MOST = 50_000
"""Browsers remembered of links without a bound: beyond them one may be counted twice."""

SWEPT_AT_ONCE = 500


class Opened(NamedTuple):
    """The browsers that used a link, and when the link is over (Unix seconds)."""

    until: float
    browsers: set[str]


class Openings:
    """Counts the browsers of each link, by its rule's name; newsletter links by reader as well.

    Nothing comes between the look at the bound and the record, so any number of parallel requests
    opens for exactly as many browsers as may. `clock` gives Unix seconds.
    """

    def __init__(self, meter: Meter, *, clock: Callable[[], float]) -> None:
        self._meter = meter
        self._clock = clock
        self._opened: dict[str, Opened] = {}
        self._seen: set[tuple[str, str]] = set()
        self._to_sweep: list[str] = []
        self._swept_until = 0.0
        self._unread = True
        self._take_up()

    async def may(self, link: Link, browser: str, *, counts: bool) -> bool:
        """Whether the link opens for a browser now; `counts` is False where a request may give
        nothing new. Whoever is let in must `take` it before the page is sent."""
        if not link.most:
            return True
        await self._be_ready()
        browsers = self._browsers(link.rule)
        return browser in browsers or (counts and len(browsers) < link.most)

    async def take(self, link: Link, browser: str, report: Report, *, counts: bool) -> bool:
        """Open the article for a browser, recorded when it is new; False when it may not be."""
        if not link.most:
            self._see(link, browser, report, counts)
            return True
        await self._be_ready()
        browsers = self._browsers(link.rule)
        if browser in browsers:
            return True
        number = len(browsers) + 1
        if not counts or self._unread or number > link.most:
            return False
        if not self._meter.record_opening(browser, report, link.rule, number, link.most):
            return False
        self._add(link.rule, browser, link.until)
        return True

    async def _be_ready(self) -> None:
        """At the start, wait for what the journal knows; not for longer than readers wait."""
        if self._unread:
            await self._meter.ready()
            self._take_up()

    def _browsers(self, rule: str) -> Collection[str]:
        opened = self._opened.get(rule)
        return opened.browsers if opened else ()

    def _add(self, rule: str, browser: str, until: float) -> None:
        opened = self._opened.get(rule)
        browsers = opened.browsers if opened else set()
        browsers.add(browser)
        self._opened[rule] = Opened(until, browsers)

    def _see(self, link: Link, browser: str, report: Report, counts: bool) -> None:
        """Without a bound nothing hangs on the record: it is written soon, and not promised."""
        if not counts or (link.rule, browser) in self._seen:
            return
        if len(self._seen) >= SEEN_AT_MOST:
            self._seen.clear()
        self._seen.add((link.rule, browser))
        self._meter.record_opening(browser, report, link.rule)

    def tick(self) -> None:
        """Let go of links that are over: some at a time, all of them about once a day."""
        if self._unread:
            self._take_up()
        if self._unread:
            self._take_up()
        now = self._clock()
        if not self._to_sweep and now >= self._swept_until:
            self._to_sweep, self._swept_until = list(self._opened), now + DAY
        for rule in self._to_sweep[-SWEPT_AT_ONCE:]:
            if self._opened[rule].until <= now:
                del self._opened[rule]
        del self._to_sweep[-SWEPT_AT_ONCE:]

    def _take_up(self) -> None:
        """Take over what the meter found in the journal. Until it has, no bounded link opens for
        anyone new."""
        found = self._meter.take_opened()
        if found is None:
            return
        for rule, opened in by_rule(found, self._clock() - LONGEST_DAYS * DAY).items():
            known = self._opened.get(rule, Opened(0, set()))
            until = max(known.until, opened.until)
            self._opened[rule] = Opened(until, known.browsers | opened.browsers)
        self._unread = False


def by_rule(found: Mapping[tuple[str, str], int], since: float) -> dict[str, Opened]:
    """By the rule's name of a link who used it after `since`, out of when each browser (by its key
    in the journal) did (Unix seconds)."""
    opened: dict[str, Opened] = {}
    for (rule, key), at in found.items():
        if at > since:
            known = opened.get(rule) or Opened(0, set())
            known.browsers.add(key[1:])
            opened[rule] = known._replace(until=max(known.until, at + LONGEST_DAYS * DAY))
    return opened
