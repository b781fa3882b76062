"""Free reading where several gates serve one paper: the reads are in a tally that all of them ask.

The rules decide here as in `meter.py`; a read is written only when nothing changed since it was
looked at, else it is decided anew. Order: the tally, then the journal, then the answer.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from broadsheet.gate.meter import NEW_PAPER, Meter
from broadsheet.gate.periods import month_of
from broadsheet.gate.policy import Policy
from broadsheet.gate.replay import Reads, joined, replayed
from broadsheet.gate.rules import Asking, Decision, Read, Reader, Report, choose
from broadsheet.gate.tally import Tally, TallySilent, Words
from broadsheet.gate.tally_scripts import CLAIM, GIVE_BACK, KEEP, LOOK, MARK, MERGE, SPEND, TAKE
from broadsheet.kit.clock import DAY

log = logging.getLogger("broadsheet.gate")

REACH = 32
"""Days that any period may ask for, and one for clocks that differ or are set back: reads are kept
no longer. A reader who stays away is forgotten when the last read is as old."""

MARK_LIFE = DAY
"""Seconds: a server whose clock goes so far ahead forgets reads that count, and so the mark too."""

KEPT_AGAIN = 3600
"""Seconds after which a gate renews the mark, and says from when on the tally is complete by now:
older reads may go. A clock that is set back before that has the journal taken up."""

SETTLE = 1.0
"""Seconds before the journal is taken up: twice what a gate may still need for its line of a read
that the tally took before it was emptied."""

PATIENCE = 2.5
"""Seconds that readers wait while the journal is taken up; then they are as without a tally."""

UNREADABLE_PAUSE = 2.0
"""Seconds after which a journal that could not be read is tried again."""

LIFE = REACH * DAY
CLAIM_SECONDS = 30
TAKEN_AT_ONCE = 200
CLAIM_PAUSE = 0.05
MARK_KEY, CLAIM_KEY, NOBODY = "mark", "claim", "-"
CLAIMED = (MARK_KEY, CLAIM_KEY)


class Held(NamedTuple):
    """What the tally holds: the reads of this reader, and those of the one to be merged."""

    mark: bytes
    version: bytes
    reads: Reads
    others: Reads


class SharedMeter(Meter):
    """A meter whose reads are in a tally, exact for any number of gates."""

    waits = True

    def __init__(
        self,
        folder: Path,
        tally: Tally,
        *,
        zone: str = "UTC",
        policy: Policy = NEW_PAPER,
        clock: Callable[[], float] = time.time,
        settle: float = SETTLE,
    ) -> None:
        self._tally = tally
        self._settle = settle
        self._name = secrets.token_hex(8)
        self._sure = b""
        self._sure_since = 0
        self._keeping: asyncio.Task[None] | None = None
        self._keep_at = 0.0
        self._taking: asyncio.Task[None] | None = None
        self._taking_since = 0.0
        super().__init__(folder, zone=zone, policy=policy, clock=clock)

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
        """As `Meter.ask`, and waits for the tally; not at all for readers without a limit.

        When the tally is silent a read that would count is given or not as the publisher chose
        for reads that cannot be recorded.
        """
        self._be_present(now)
        if "unlimited" in reader.entitlements:
            return choose(report, reader, self._policy, (), now=now, asking=asking)
        keys = [f"u{number}" if reader.registered else f"a{anonymous}"]
        if reader.registered and anonymous:
            keys.append(f"a{anonymous}")
        try:
            return await self._decide(report, reader, keys, asking, now)
        except TallySilent:
            decision = choose(report, reader, self._policy, (), now=now, asking=asking)
            return self._unrecorded(decision) if decision.counted else decision

    async def held(self, key: str) -> Reads:
        """The reads of the present period by meter key, in no order. Raises TallySilent."""
        return (await self._look([key], self._present())).reads

    async def checks(self) -> dict[str, bool]:
        """The journal, and the tally as "meter"."""
        try:
            await self._look([NOBODY], self._present())
        except TallySilent:
            return {**await super().checks(), "meter": False}
        return {**await super().checks(), "meter": True}

    async def close(self) -> None:
        """Also let go of the tally."""
        for task in (self._taking, self._keeping):
            if task is not None:
                task.cancel()
        await self._tally.close()
        await super().close()

    def tick(self) -> None:
        """Also be ready before a reader asks, after the start and after an outage; let the mark
        say no more than is still promised."""
        super().tick()
        if self._taking is None and (self._tally.fault or not self._sure):
            self._start_taking()
        loop = asyncio.get_running_loop()
        if self._sure and loop.time() >= self._keep_at:
            self._keep_at = loop.time() + KEPT_AGAIN
            self._keeping = loop.create_task(self.keep())

    async def keep(self) -> None:
        """Have the mark last on, and let reads go that no period asks for any more."""
        oldest = int(self._clock() - LIFE)
        try:
            await self._tally.call(KEEP, [MARK_KEY], oldest, MARK_LIFE)
        except TallySilent:
            return

    def _take_up(self) -> None:
        """Nothing is read here: the tally is asked whether it reaches as far back."""
        self._unread, self._sure = False, b""
        self.check()

    def _present(self) -> float:
        now = self._clock()
        self._be_present(now)
        return now

    async def _decide(
        self, report: Report, reader: Reader, keys: list[str], asking: Asking, now: float
    ) -> Decision:
        while True:
            held = await self._look(keys, now)
            if len(joined(held.reads, held.others)) > len(held.reads):
                await self._unite(held, keys, now)
                continue
            decision = choose(report, reader, self._policy, held.reads, now=now, asking=asking)
            if not decision.counted:
                return decision
            read = Read(report.article, self._moment(now), report.section)
            if await self._spend(held, keys[0], read):
                break
        if self._record(self._line(keys[0], report, decision, "read", now)):
            return decision
        await self._give_back(keys[0], read)
        return self._unrecorded(decision)

    async def _look(self, keys: list[str], now: float) -> Held:
        while True:
            mark, own, other = await self._tally.call(LOOK, [MARK_KEY, *keys])
            if self._suffices(mark):
                return self._held(mark, own, other, now)
            await self._wait_for_journal()

    def _held(self, mark: bytes, own: list[bytes], other: list[bytes], now: float) -> Held:
        found, floor = _pairs(own), self._window.floor(now)
        version = found.pop(b"v", b"0")
        reads = [_read(article, value) for article, value in found.items()]
        others = (_read(a, value) for a, value in _pairs(other).items() if a != b"v")
        return Held(
            mark,
            version,
            tuple(read for read in reads if read.at >= floor),
            tuple(read for read in others if read.at >= floor),
        )

    async def _spend(self, held: Held, key: str, read: Read) -> bool:
        words: Words = (held.mark, held.version, LIFE, read.article, _value(read))
        spent = await self._tally.call(SPEND, [MARK_KEY, key], *words)
        return bool(spent)

    async def _give_back(self, key: str, read: Read) -> None:
        """What could not be written into the journal is not sent, so it was not read."""
        try:
            await self._tally.call(GIVE_BACK, [key], read.article, _value(read))
        except TallySilent:
            return

    async def _unite(self, held: Held, keys: list[str], now: float) -> None:
        words = (held.mark, self._window.floor(now), LIFE)
        found = _pairs(await self._tally.call(MERGE, [MARK_KEY, *keys], *words))
        if found:
            taken = tuple(_read(article, value) for article, value in found.items())
            self._record(self._merge(keys[0], keys[1], taken, now))

    def _suffices(self, mark: bytes) -> bool:
        """Whether the tally has all that the period asks for now."""
        if not mark or mark != self._sure:
            words = mark.split()
            if len(words) != 4 or int(words[2]) < REACH:
                return False
            self._sure_since = int(words[1])
        self._sure = mark if self._sure_since <= self._window.floor(self._clock()) else b""
        return bool(self._sure)

    async def _wait_for_journal(self) -> None:
        if self._taking is None:
            self._start_taking()
        left = self._taking_since + PATIENCE - asyncio.get_running_loop().time()
        if self._taking is not None and left > 0:
            await asyncio.wait([self._taking], timeout=left)
        if not self._sure:
            raise TallySilent("The journal is being taken up.")

    def _start_taking(self) -> None:
        loop = asyncio.get_running_loop()
        self._sure, self._taking_since = b"", loop.time()
        self._taking = loop.create_task(self._be_complete())

    async def _be_complete(self) -> None:
        try:
            await self._take_up_journal()
        except TallySilent:
            return
        except OSError as error:
            self._complain(error)
            await asyncio.sleep(UNREADABLE_PAUSE)
        finally:
            self._taking = None

    async def _take_up_journal(self) -> None:
        """Have one of the gates put into the tally what the journal holds and the tally may not."""
        while not self._sure:
            mark = (await self._tally.call(LOOK, [MARK_KEY, NOBODY]))[0]
            if self._suffices(mark):
                return
            if await self._tally.call(CLAIM, CLAIMED, self._name, CLAIM_SECONDS, mark):
                await self._fill()
            else:
                await asyncio.sleep(CLAIM_PAUSE)

    async def _fill(self) -> None:
        await asyncio.sleep(self._settle)
        since = int(min(self._window.since, self._clock() - LIFE))
        month = month_of(since, self._zone)
        found = await asyncio.to_thread(replayed, self._folder, since=since, month=month)
        keys = list(found)
        for start in range(0, len(keys), TAKEN_AT_ONCE):
            some = keys[start : start + TAKEN_AT_ONCE]
            await asyncio.gather(*(self._take(key, found[key], since) for key in some))
        mark = f"{since} {REACH} {secrets.token_hex(8)}"
        if await self._tally.call(MARK, CLAIMED, self._name, mark, MARK_LIFE):
            log.info("The tally took up the reads of %d readers from the journal.", len(keys))

    async def _take(self, key: str, reads: Reads, since: int) -> None:
        pairs = (word for read in reads for word in (read.article, _value(read)))
        words = (self._name, CLAIM_SECONDS, LIFE, since)
        await self._tally.call(TAKE, [CLAIM_KEY, key], *words, *pairs)


def _value(read: Read) -> str:
    return f"{read.at}.{read.section}"


def _read(article: bytes, value: bytes) -> Read:
    at, _, section = value.partition(b".")
    return Read(int(article), int(at), int(section))


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
