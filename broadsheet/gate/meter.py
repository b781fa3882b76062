"""Free reading: which articles each reader opened in the present period.

Decides in memory and records in the journal in one step without a pause in between, so that any
number of parallel requests opens exactly as many articles as are free.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from broadsheet.gate.digest import Found, Kept, Opened
from broadsheet.gate.journal import Journal, Record
from broadsheet.gate.periods import Window, window_at
from broadsheet.gate.policy import Policy
from broadsheet.gate.replay import joined
from broadsheet.gate.rules import Asking, Decision, Read, Reader, Report, choose
from broadsheet.gate.uptake import PATIENCE, Uptake, let_go
from broadsheet.kit.clock import DAY

log = logging.getLogger("broadsheet.gate")

NEW_PAPER = Policy()
NOTES_REMEMBERED = 50_000
SWEPT_AT_ONCE = 500
NOTED_AGAIN = 3600
"""Seconds in which a reader who loads a closed article again makes no second note."""


class Meter:
    """Reads by meter key ("a<id>" anonymous, "u<number>" with an account) of one period.

    `clock` gives Unix seconds; `zone` is the paper's IANA zone, in which months and weeks begin.
    """

    _asks_elsewhere = False

    def __init__(
        self,
        folder: Path,
        *,
        zone: str = "UTC",
        policy: Policy = NEW_PAPER,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._journal = Journal(folder)
        self._zone = zone
        self._policy = policy
        self._clock = clock
        self._reads: dict[str, Kept] = {}
        self._window = Window()
        self._notes: set[tuple[str, int, str]] = set()
        self._notes_until = 0.0
        self._to_sweep: list[str] = []
        self._swept_until = 0.0
        self._unread = True
        self._wanted = (policy, zone)
        self._opened: Opened | None = None
        self.waits = self._asks_elsewhere
        """Whether something else may happen between a question and its answer."""
        self.fault = ""
        self._uptake = Uptake(folder, self._journal, self._taken, self._not_taken, clock=clock)
        self._turn(clock())

    @property
    def month(self) -> str:
        """The calendar month of the segment being written, "2026-11"."""
        return self._window.month

    def set_policy(self, policy: Policy, zone: str) -> None:
        """Count by these rules, and in this zone, from now on; by rules that look further back
        than memory reaches as soon as the journal is read, and by those before them until then."""
        self._wanted = (policy, zone)
        if self._is_counted_by(policy, zone):
            self._policy = policy
            return
        window = window_at(self._clock(), zone, policy)
        if self._reaches(window):
            self._policy, self._zone = policy, zone
            self._enter(window)
        else:
            self._uptake.begin(window.since)

    def _is_counted_by(self, policy: Policy, zone: str) -> bool:
        present = (self._policy.period, self._policy.days, self._zone)
        return present == (policy.period, policy.days, zone)

    def _reaches(self, window: Window) -> bool:
        return self._unread or window.since >= self._window.since

    def reads(self, key: str) -> tuple[int, ...]:
        """The articles this reader opened in the present period, first one first."""
        return tuple(article for article, _, _ in self._had(key, self._clock()))

    async def ask(
        self,
        report: Report,
        reader: Reader,
        *,
        number: int,
        anonymous: str,
        now: float,
        asking: Asking,
    ) -> Decision:
        """Decide a request at `now` (Unix seconds) for an article; record it when it spends a read.

        `number` is the account's, 0 without one; `anonymous` the id of the cookie, "" without.
        When the read cannot be recorded the answer is the teaser, unless the publisher chose to
        be open then: nothing unrecorded is given otherwise. Waits for nothing, so that nothing
        comes between decision and record; but at the start, before it, for what was read before.
        """
        if not self._window.opens <= now < self._window.closes:
            self._turn(now)
            if self._unread:
                await self.ready()
        key = f"u{number}" if reader.registered else f"a{anonymous}"
        had = self._had(key, now)
        if reader.registered and anonymous and "unlimited" not in reader.entitlements:
            had = self._union(key, had, f"a{anonymous}", now)
        decision = choose(report, reader, self._policy, had, now=now, asking=asking)
        if not decision.counted:
            return decision
        if self._unread or not self._record(self._line(key, report, decision, "read", now)):
            return self._unrecorded(decision)
        self._reads[key] = (*had, (report.article, self._moment(now), report.section))
        return decision

    def note(self, key: str, report: Report, decision: Decision) -> None:
        """Note that the wall was shown, or that a read could not be recorded, so that "Why was I
        stopped?" has an answer. Once an hour for a reader, an article and a rule; written soon,
        and not promised."""
        now = self._clock()
        if now >= self._notes_until or len(self._notes) >= NOTES_REMEMBERED:
            self._notes.clear()
            self._notes_until = now + NOTED_AGAIN
        name = (key, report.article, decision.rule)
        if name not in self._notes:
            self._notes.add(name)
            stopped = decision.variant == "teaser"
            # What was opened without a count has none to tell.
            told = decision if stopped else decision._replace(reads=0, limit=0)
            outcome = "stop" if stopped else "open"
            self._journal.note(self._line(key, report, told, outcome, now))

    def record_opening(
        self, browser: str, report: Report, rule: str, number: int = 0, most: int = 0
    ) -> bool:
        """Record that a link opened an article: for the `number`th of `most` browsers. False when
        it cannot be recorded. Without a bound it is written soon, and not promised."""
        now = self._clock()
        self._be_present(now)
        decision = Decision("full", rule, "", False, number, most)
        line = self._line(f"b{browser}", report, decision, "open", now)
        if most:
            return self._record(line)
        self._journal.note(line)
        return True

    async def ready(self, seconds: float = PATIENCE) -> None:
        """Wait until the journal is read, at most so long, and not at all once it was."""
        if self._uptake.runs:
            self.waits = True
            await self._uptake.wait(seconds)

    def take_opened(self) -> Opened | None:
        """Who was let in by links before the start; None as long as that is not known."""
        self._uptake.tick()
        opened, self._opened = self._opened, None
        return opened

    def tick(self) -> None:
        """Ten times a second: begin a period even when nobody asks, so that all gates hold to it
        when the clock is set back; write what was noted; let go of readers whose reads are over."""
        self._be_present(self._clock())
        self.flush()
        self._uptake.tick()
        if self.waits and not self._uptake.waiting:
            self.waits = self._asks_elsewhere
        if self._window.rolling or self._to_sweep:
            self._sweep()

    def _sweep(self) -> None:
        """A few readers at a time: all of them when a period began, or about once a day."""
        now, rolling = self._clock(), self._window.rolling
        if rolling and not self._to_sweep and now >= max(self._swept_until, self._window.opens):
            self._to_sweep, self._swept_until = list(self._reads), now + DAY
            self._window = window_at(now, self._zone, self._policy)
        since = self._window.since
        for key in self._to_sweep[-SWEPT_AT_ONCE:]:
            had = self._reads.pop(key, ())
            if left := tuple((article, at, place) for article, at, place in had if at >= since):
                self._reads[key] = left
        del self._to_sweep[-SWEPT_AT_ONCE:]

    def flush(self) -> None:
        """Write what was noted."""
        try:
            self._journal.flush()
        except OSError as error:
            self._complain(error)

    async def checks(self) -> dict[str, bool]:
        """By name whether each thing that counting needs is well, for `/healthz`."""
        return {"journal": self.check()}

    def check(self) -> bool:
        """Whether reads can be recorded; tries to open a segment when none is open."""
        try:
            self._journal.turn_to(self.month, int(self._clock()) // DAY)
        except OSError as error:
            self._complain(error)
            return False
        return not (self.fault or self._unread)

    async def close(self) -> None:
        """Write what was noted and close the journal."""
        self._uptake.close()
        self.flush()
        self._journal.close()

    def _line(
        self, key: str, report: Report, decision: Decision, outcome: str, now: float
    ) -> Record:
        counts = (decision.rule, decision.reads, decision.limit)
        at = self._moment(now)
        return Record(at, self.month, key, report.article, outcome, report.section, *counts)

    def _moment(self, now: float) -> int:
        """When a read counts: never before its period, which a clock set back must not reopen."""
        return int(now) if self._window.rolling else max(int(now), int(self._window.since))

    def _unrecorded(self, decision: Decision) -> Decision:
        if self._policy.open_when_down:
            return decision._replace(rule="unrecorded", counted=False, reads=decision.reads - 1)
        return Decision("teaser", "unrecorded", "", False, decision.reads - 1, decision.limit)

    def _had(self, key: str, now: float) -> Kept:
        had = self._reads.get(key, ())
        if not had or not (self._window.rolling or self._to_sweep):
            return had
        floor = self._window.floor(now)
        return tuple(read for read in had if read[1] >= floor)

    def _union(self, key: str, had: Kept, anonymous: str, now: float) -> Kept:
        union = joined(had, self._had(anonymous, now))
        if len(union) == len(had):
            return had
        taken = tuple(Read(*read) for read in union if read not in had)
        if not self._unread and self._record(self._merge(key, anonymous, taken, now)):
            self._reads[key] = union
        return union

    def _merge(self, key: str, anonymous: str, taken: tuple[Read, ...], now: float) -> Record:
        outcome = f"merge:{anonymous}"
        return Record(self._moment(now), self.month, key, 0, outcome, taken=taken)

    def _record(self, record: Record) -> bool:
        try:
            self._uptake.append(record)
        except OSError as error:
            self._complain(error)
            return False
        if self.fault:
            log.warning("The journal of reads can be written again.")
            self.fault = ""
        return True

    def _complain(self, error: Exception, what: str = "written") -> None:
        if not self.fault:
            become = "are open, uncounted" if self._policy.open_when_down else "close"
            words = "The journal of reads cannot be %s; metered articles %s: %s"
            log.error(words, what, become, error)
        self.fault = str(error)

    def _be_present(self, now: float) -> None:
        if not self._window.opens <= now < self._window.closes:
            self._turn(now)

    def _turn(self, now: float) -> None:
        if not self._window.holds_back(now):
            self._enter(window_at(now, self._zone, self._policy))

    def _enter(self, window: Window) -> None:
        """Begin a period. What was read since is in memory, unless it reaches further back."""
        before, self._window = self._window, window
        if self._unread or window.since < before.since:
            self._take_up()
        elif window.since > before.since and not window.rolling:
            self._to_sweep = list(self._reads)

    def _take_up(self) -> None:
        """Have read what this period's segments hold. Until that succeeds nothing may be counted,
        and each question comes by here again."""
        since, self._unread = self._window.since, True
        self._window = self._window._replace(closes=0)
        self._uptake.begin(since)

    def _taken(self, found: Found) -> None:
        """Count by what the journal holds, and by the rules that waited for it."""
        policy, zone = self._wanted
        window = window_at(self._clock(), zone, policy)
        if window.since < found.reads_since:
            self._uptake.begin(window.since)
        elif self._unread or not self._is_counted_by(policy, zone):
            before, self._reads = self._reads, found.reads
            if before:
                threading.Thread(target=let_go, args=(before,), daemon=True).start()
            self._policy, self._zone, self._window = policy, zone, window
            later = window.since > found.reads_since and not window.rolling
            self._to_sweep = list(self._reads) if later else []
            if self._unread:
                self._unread, self._opened, self.fault = False, found.opened, ""
            self.check()

    def _not_taken(self, error: Exception) -> None:
        self._complain(error, "read")
