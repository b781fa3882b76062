"""Free reading: how many distinct articles each reader opened in the present calendar month.

Decides in memory and records in the journal in one step without a pause in between, so that any
number of parallel requests opens exactly as many articles as are free.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from broadsheet.gate.journal import Journal, Record, read_segment, segments
from broadsheet.gate.rules import Decision, Limits, Reader, choose
from broadsheet.kit.clock import month_bounds

log = logging.getLogger("broadsheet.gate")

CLOCK_STEP = 86_400
"""Seconds: a clock set back by less never reopens the month before, which would free its reads."""


class Meter:
    """Reads by meter key ("a<id>" anonymous, "u<number>" with an account) of one period.

    `clock` gives Unix seconds; `zone` is the paper's IANA zone, in which months begin.
    """

    def __init__(
        self, folder: Path, *, zone: str = "UTC", clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._journal = Journal(folder)
        self._zone = zone
        self._clock = clock
        self._reads: dict[str, tuple[int, ...]] = {}
        self._period, self._first, self._after = "", 0.0, 0.0
        self._unread = False
        self.fault = ""
        self._turn(clock())

    @property
    def period(self) -> str:
        """The calendar month being counted, "2026-11"."""
        return self._period

    def set_zone(self, zone: str) -> None:
        """Count months in another zone from now on."""
        if zone != self._zone:
            self._zone, self._first = zone, 0.0
            self._turn(self._clock())

    def reads(self, key: str) -> tuple[int, ...]:
        """The articles this reader opened in the present period, first one first."""
        return self._reads.get(key, ())

    def ask(
        self,
        article: int,
        reader: Reader,
        *,
        number: int,
        anonymous: str,
        limits: Limits,
        prefetch: bool,
        counts: bool,
    ) -> Decision:
        """Decide a request for a metered article and record it when it spends a read.

        `number` is the account's, 0 without one; `anonymous` the id of the cookie, "" without.
        When the read cannot be recorded the answer is the teaser: nothing unrecorded is given.
        """
        now = self._clock()
        if not self._first <= now < self._after:
            self._turn(now)
        key = f"u{number}" if reader.registered else f"a{anonymous}"
        had = self._reads.get(key, ())
        if reader.registered and anonymous:
            had = self._union(key, had, f"a{anonymous}", now)
        decision = choose(
            "metered",
            reader,
            limits=limits,
            reads=len(had),
            read_before=article in had,
            prefetch=prefetch,
            counts=counts,
        )
        if not decision.counted:
            return decision
        record = Record(int(now), self._period, key, article, "read")
        if self._unread or not self._record(record):
            return Decision("teaser", "", False, len(had), decision.limit)
        self._reads[key] = (*had, article)
        return decision

    def check(self) -> bool:
        """Whether reads can be recorded; tries to open a segment when none is open."""
        try:
            self._journal.turn_to(self._period)
        except OSError as error:
            self._complain(error)
            return False
        return not self.fault

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _union(self, key: str, had: tuple[int, ...], anonymous: str, now: float) -> tuple[int, ...]:
        missing = tuple(n for n in self._reads.get(anonymous, ()) if n not in had)
        if not missing:
            return had
        union = had + missing
        if not self._unread and self._record(
            Record(int(now), self._period, key, 0, f"merge:{anonymous}")
        ):
            self._reads[key] = union
        return union

    def _record(self, record: Record) -> bool:
        try:
            self._journal.append(record)
        except OSError as error:
            self._complain(error)
            return False
        if self.fault:
            log.warning("The journal of reads can be written again.")
            self.fault = ""
        return True

    def _complain(self, error: OSError) -> None:
        if not self.fault:
            log.error("The journal of reads cannot be written; metered articles close: %s", error)
        self.fault = str(error)

    def _turn(self, now: float) -> None:
        if self._first - CLOCK_STEP < now < self._first:
            return
        at = datetime.fromtimestamp(now, UTC)
        period, self._first, self._after = month_bounds(at, self._zone)
        if period != self._period or self._unread:
            self._period = period
            self._take_up()

    def _take_up(self) -> None:
        """Read what this period's segments hold. Until that succeeds nothing may be counted."""
        self._unread = True
        try:
            self._rebuild()
        except OSError as error:
            self._complain(error)
            self._after = 0.0
            return
        self._unread = False
        self.check()

    def _rebuild(self) -> None:
        self._reads = {}
        for path in segments(self._folder, self._period):
            offset, more = 0, True
            while more:
                records, end = read_segment(path, offset)
                for record in records:
                    self._replay(record)
                offset, more = end, end > offset

    def _replay(self, record: Record) -> None:
        had = self._reads.get(record.key, ())
        more = self._reads.get(record.merged, ()) if record.merged else (record.article,)
        self._reads[record.key] = had + tuple(n for n in more if n not in had)
