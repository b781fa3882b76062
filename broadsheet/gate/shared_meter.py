"""Free reading where several gates serve one paper: the reads are in a tally that all of them ask.

The rules decide here as in `meter.py`; a read is written only when nothing changed since it was
looked at, else it is decided anew. Order: the tally, then the journal, then the answer.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from broadsheet.gate.digest import Found
from broadsheet.gate.meter import NEW_PAPER, Meter
from broadsheet.gate.periods import Window
from broadsheet.gate.policy import Policy
from broadsheet.gate.replay import Reads, joined
from broadsheet.gate.rules import Asking, Decision, Read, Reader, Report, choose
from broadsheet.gate.taking_up import LIFE, MARK_KEY, NOBODY, SETTLE, TakingUp, value_of
from broadsheet.gate.tally import Tally, TallySilent, Words
from broadsheet.gate.tally_scripts import GIVE_BACK, LOOK, MERGE, SPEND
from broadsheet.gate.uptake import NO_READS

log = logging.getLogger("broadsheet.gate")


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
        self.taking_up = TakingUp(
            folder, tally,
            window=lambda: self._window, complain=self._complain, clock=clock, settle=settle,
        )  # fmt: skip
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
        self.taking_up.close()
        await self._tally.close()
        await super().close()

    def tick(self) -> None:
        """Also see to it that the tally is complete."""
        super().tick()
        self.taking_up.tick()

    def _take_up(self) -> None:
        """Nothing is read here: the tally is asked whether it reaches as far back."""
        self._unread = False
        self.taking_up.doubt()
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
        mark, own, other = await self.taking_up.asked(LOOK, keys)
        return self._held(mark, own, other, now)

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
        words: Words = (held.mark, held.version, LIFE, read.article, value_of(read))
        spent = await self._tally.call(SPEND, [MARK_KEY, key], *words)
        return bool(spent)

    async def _give_back(self, key: str, read: Read) -> None:
        """What could not be written into the journal is not sent, so it was not read."""
        try:
            await self._tally.call(GIVE_BACK, [key], read.article, value_of(read))
        except TallySilent:
            return

    async def _unite(self, held: Held, keys: list[str], now: float) -> None:
        words = (held.mark, self._window.floor(now), LIFE)
        found = _pairs(await self._tally.call(MERGE, [MARK_KEY, *keys], *words))
        if found:
            taken = tuple(_read(article, value) for article, value in found.items())
            self._record(self._merge(keys[0], keys[1], taken, now))


def _read(article: bytes, value: bytes) -> Read:
    at, _, section = value.partition(b".")
    return Read(int(article), int(at), int(section))


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
