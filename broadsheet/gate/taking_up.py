"""Has a tally hold what the journal holds: whether it does says its mark (`tally_scripts.py`)."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from broadsheet.gate.digest import Kept
from broadsheet.gate.links import LONGEST_DAYS
from broadsheet.gate.openings import Opened, by_rule
from broadsheet.gate.periods import Window
from broadsheet.gate.rules import Read
from broadsheet.gate.tally import Tally, TallySilent
from broadsheet.gate.tally_scripts import CLAIM, KEEP, LOOK, MARK, TAKE, TAKE_OPENED, Script
from broadsheet.gate.uptake import PATIENCE, read_beside
from broadsheet.kit.clock import DAY

log = logging.getLogger("broadsheet.gate")

REACH = 32
"""Days that any period may ask for, and one for clocks that differ or are set back: reads are kept
no longer. A reader who stays away is forgotten when the last read is as old."""

HOLDS = 100
"""What a mark vouches for: reads, and who used which link. Marks of older versions say 32."""

MARK_LIFE = DAY
"""Seconds: a server whose clock goes so far ahead forgets reads that count, and so the mark too."""

KEPT_AGAIN = 3600
"""Seconds after which a gate renews the mark, and says from when on the tally is complete by now:
older reads may go. A clock that is set back before that has the journal taken up."""

SETTLE = 1.0
"""Seconds before the journal is taken up: twice what a gate may still need for its line of a read
that the tally took before it was emptied."""

UNREADABLE_PAUSE = 2.0
"""Seconds after which a journal that could not be read is tried again."""

LIFE = REACH * DAY
LINK_LIFE = (LONGEST_DAYS + 1) * DAY
CLAIM_SECONDS = 30
TAKEN_AT_ONCE = 200
CLAIM_PAUSE = 0.05
MARK_KEY, CLAIM_KEY, NOBODY = "mark", "claim", "-"
CLAIMED = (MARK_KEY, CLAIM_KEY)


class TakingUp:
    """One of the gates puts into the tally what the journal holds and the tally may not; the others
    wait for it. `window` tells the period that is running, `complain` is told of a journal that
    cannot be read, `clock` gives Unix seconds."""

    def __init__(
        self,
        folder: Path,
        tally: Tally,
        *,
        window: Callable[[], Window],
        complain: Callable[[OSError], None],
        clock: Callable[[], float] = time.time,
        settle: float = SETTLE,
    ) -> None:
        self._folder = folder
        self._tally = tally
        self._window = window
        self._complain = complain
        self._clock = clock
        self._settle = settle
        self._name = secrets.token_hex(8)
        self._since = 0
        self._keep_at = 0.0
        self._keeping: asyncio.Task[None] | None = None
        self._taking: asyncio.Task[None] | None = None
        self._taking_since = 0.0
        self.mark = b""
        """The mark of a tally that holds all that is asked for now; empty when none is known."""

    async def asked(self, script: Script, keys: Sequence[str], *words: str) -> list[Any]:
        """What a script answers for the mark, keys and words when the tally is complete; the mark
        comes first in its answer. Only for scripts that change nothing. Raises TallySilent."""
        while True:
            answer: list[Any] = await self._tally.call(script, [MARK_KEY, *keys], *words)
            if self._suffices(answer[0]):
                return answer
            await self._wait()

    def doubt(self) -> None:
        """Ask the tally anew whether it reaches back as far as is needed by now."""
        self.mark = b""

    def tick(self) -> None:
        """Be ready before a reader asks, after the start and after an outage; let the mark say no
        more than is still promised."""
        loop = asyncio.get_running_loop()
        if self._taking is None and (self._tally.fault or not self.mark):
            self._start()
        elif self.mark and loop.time() >= self._keep_at:
            self._keep_at = loop.time() + KEPT_AGAIN
            self._keeping = loop.create_task(self.keep())

    async def keep(self) -> None:
        """Have the mark last on, and let reads go that no period asks for any more."""
        oldest = int(self._clock() - LIFE)
        try:
            await self._tally.call(KEEP, [MARK_KEY], oldest, MARK_LIFE)
        except TallySilent:
            return

    def close(self) -> None:
        """Do nothing more."""
        for task in (self._taking, self._keeping):
            if task is not None:
                task.cancel()

    def _suffices(self, mark: bytes) -> bool:
        """Whether the tally has all that the period, and links, ask for now."""
        if not mark or mark != self.mark:
            words = mark.split()
            if len(words) != 4 or int(words[2]) < HOLDS:
                return False
            self._since = int(words[1])
        now = self._clock()
        needed = min(self._window().floor(now), int(now - LINK_LIFE))
        self.mark = mark if self._since <= needed else b""
        return bool(self.mark)

    async def _wait(self) -> None:
        if self._taking is None:
            self._start()
        left = self._taking_since + PATIENCE - asyncio.get_running_loop().time()
        if self._taking is not None and left > 0:
            await asyncio.wait([self._taking], timeout=left)
        if not self.mark:
            raise TallySilent("The journal is being taken up.")

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self.mark, self._taking_since = b"", loop.time()
        self._taking = loop.create_task(self._be_complete())

    async def _be_complete(self) -> None:
        try:
            await self._take_up()
        except TallySilent:
            return
        except OSError as error:
            self._complain(error)
            await asyncio.sleep(UNREADABLE_PAUSE)
        finally:
            self._taking = None

    async def _take_up(self) -> None:
        while not self.mark:
            mark = (await self._tally.call(LOOK, [MARK_KEY, NOBODY]))[0]
            if self._suffices(mark):
                return
            if await self._tally.call(CLAIM, CLAIMED, self._name, CLAIM_SECONDS, mark):
                await self._fill()
            else:
                await asyncio.sleep(CLAIM_PAUSE)

    async def _fill(self) -> None:
        await asyncio.sleep(self._settle)
        since = int(min(self._window().since, self._clock() - LIFE))
        found = await read_beside(self._folder, since, since)
        opened = by_rule(found.opened, since)
        await self._each(self.take(key, reads, since) for key, reads in found.reads.items())
        await self._each(self._take_opened(rule, one) for rule, one in opened.items())
        mark = f"{since} {HOLDS} {secrets.token_hex(8)}"
        if await self._tally.call(MARK, CLAIMED, self._name, mark, MARK_LIFE):
            told = "The tally took up the reads of %d readers and %d links from the journal."
            log.info(told, len(found.reads), len(opened))

    async def _each(self, takes: Iterable[Coroutine[Any, Any, None]]) -> None:
        waiting = iter(takes)
        while some := list(islice(waiting, TAKEN_AT_ONCE)):
            await asyncio.gather(*some)

    async def take(self, key: str, reads: Kept, since: int) -> None:
        """Put reads into the tally, as long as this gate has the task."""
        some = map(Read._make, reads)
        pairs = (word for read in some for word in (read.article, value_of(read)))
        words = (self._name, CLAIM_SECONDS, LIFE, since)
        await self._tally.call(TAKE, [CLAIM_KEY, key], *words, *pairs)

    async def _take_opened(self, rule: str, opened: Opened) -> None:
        life = max(1, int(opened.until - self._clock()))
        words = (self._name, CLAIM_SECONDS, life)
        await self._tally.call(TAKE_OPENED, [CLAIM_KEY, link_name(rule)], *words, *opened.browsers)


def link_name(rule: str) -> str:
    """The tally's key of the browsers that used a link, by its rule's name."""
    return f"link:{rule}"


def value_of(read: Read) -> str:
    """What the tally keeps of a read under the number of its article."""
    return f"{read.at}.{read.section}"
