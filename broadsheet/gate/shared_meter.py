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

from broadsheet.gate.digest import Found, Kept
from broadsheet.gate.meter import NEW_PAPER, Meter
from broadsheet.gate.periods import Window
from broadsheet.gate.policy import Policy
from broadsheet.gate.replay import Reads, joined
from broadsheet.gate.rules import Asking, Decision, Read, Reader, Report, choose
from broadsheet.gate.tally import Tally, TallySilent, Words
from broadsheet.gate.tally_scripts import CLAIM, GIVE_BACK, LOOK, MARK, MERGE, SPEND, TAKE
from broadsheet.gate.uptake import NO_READS, PATIENCE, read_beside
from broadsheet.kit.clock import DAY

log = logging.getLogger("broadsheet.gate")

REACH = 32
"""Days that any period may ask for, and one for clocks that differ or are set back: reads are kept
no longer. A reader who stays away is forgotten when the last read is as old."""

SETTLE = 1.0
"""Seconds before the journal is taken up: twice what a gate may still need for its line of a read
that the tally took before it was emptied."""

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

    _asks_elsewhere = True

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
        self._taking: asyncio.Task[None] | None = None
        self._taking_since = 0.0
        super().__init__(folder, zone=zone, policy=policy, clock=clock)
        self._uptake.begin(NO_READS)

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
        unmetered = choose(report, reader, self._policy, (), now=now, asking=asking)
        if "unlimited" in reader.entitlements:
            return unmetered
        keys = [f"u{number}" if reader.registered else f"a{anonymous}"]
        if reader.registered and anonymous:
            keys.append(f"a{anonymous}")
        try:
            return await self._decide(report, reader, keys, asking, now)
        except TallySilent:
            return self._unrecorded(unmetered) if unmetered.counted else unmetered

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
        if self._taking is not None:
            self._taking.cancel()
        await self._tally.close()
        await super().close()

    def tick(self) -> None:
        """Also be ready before a reader asks: after the start, and after an outage."""
        super().tick()
        if self._taking is None and (self._tally.fault or not self._sure):
            self._start_taking()

    def _take_up(self) -> None:
        """Nothing is read here: the tally is asked whether it reaches as far back."""
        self._unread, self._sure = False, b""
        self.check()

    def _reaches(self, window: Window) -> bool:
        return True

    def _taken(self, found: Found) -> None:
        """The gate's own part of the journal: who was let in by links."""
        self._opened = found.opened

    def _not_taken(self, error: Exception) -> None:
        log.error("The journal cannot be read; links open for nobody new: %s", error)

    def _present(self) -> float:
        now = self._clock()
        self._be_present(now)
        return now

    def _be_present(self, now: float) -> None:
        if not self._window.opens <= now < self._window.closes:
            self._turn(now)

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
            if await self._spend(held, keys[0], read, now):
                break
        if self._record(self._line(keys[0], report, decision, "read", now)):
            return decision
        await self._give_back(keys[0], read)
        return self._unrecorded(decision)

    async def _look(self, keys: list[str], now: float) -> Held:
        while True:
            mark, own, other = await self._tally.call(LOOK, [MARK_KEY, *keys])
            if (mark and mark == self._sure) or self._suffices(mark):
                self._sure = mark
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

    async def _spend(self, held: Held, key: str, read: Read, now: float) -> bool:
        words: Words = (held.mark, held.version, LIFE, read.article, _value(read), _oldest(now))
        spent = await self._tally.call(SPEND, [MARK_KEY, key], *words)
        return bool(spent)

    async def _give_back(self, key: str, read: Read) -> None:
        """What could not be written into the journal is not sent, so it was not read."""
        try:
            await self._tally.call(GIVE_BACK, [key], read.article, _value(read))
        except TallySilent:
            return

    async def _unite(self, held: Held, keys: list[str], now: float) -> None:
        words = (held.mark, self._window.floor(now), LIFE, _oldest(now))
        found = _pairs(await self._tally.call(MERGE, [MARK_KEY, *keys], *words))
        if found:
            taken = tuple(_read(article, value) for article, value in found.items())
            self._record(self._merge(keys[0], keys[1], taken, now))

    def _suffices(self, mark: bytes) -> bool:
        """Whether the tally has all that the present period asks for."""
        words = mark.split()
        if len(words) != 4:
            return False
        return int(words[1]) <= self._window.floor(self._clock()) and int(words[2]) >= REACH

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
                self._sure = mark
            elif await self._tally.call(CLAIM, CLAIMED, self._name, CLAIM_SECONDS, mark):
                await self._fill()
            else:
                await asyncio.sleep(CLAIM_PAUSE)

    async def _fill(self) -> None:
        await asyncio.sleep(self._settle)
        oldest = _oldest(self._clock())
        since = int(min(self._window.since, oldest))
        found = (await read_beside(self._folder, since, since)).reads
        keys = list(found)
        for start in range(0, len(keys), TAKEN_AT_ONCE):
            some = keys[start : start + TAKEN_AT_ONCE]
            await asyncio.gather(*(self._take(key, found[key], oldest) for key in some))
        mark = f"{since} {REACH} {secrets.token_hex(8)}"
        if await self._tally.call(MARK, CLAIMED, self._name, mark):
            log.info("The tally took up the reads of %d readers from the journal.", len(keys))

    async def _take(self, key: str, reads: Kept, oldest: int) -> None:
        some = map(Read._make, reads)
        pairs = (word for read in some for word in (read.article, _value(read)))
        words = (self._name, CLAIM_SECONDS, LIFE, oldest)
        await self._tally.call(TAKE, [CLAIM_KEY, key], *words, *pairs)


def _oldest(now: float) -> int:
    return int(now - LIFE)


def _value(read: Read) -> str:
    return f"{read.at}.{read.section}"


def _read(article: bytes, value: bytes) -> Read:
    at, _, section = value.partition(b".")
    return Read(int(article), int(at), int(section))


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
