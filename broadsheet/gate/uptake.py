"""Taking up the journal: reading what it holds, without holding up the answers meanwhile."""

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from broadsheet.gate.digest import Found
from broadsheet.gate.digesting import Digester
from broadsheet.gate.journal import Journal, Record
from broadsheet.gate.links import LONGEST_DAYS
from broadsheet.gate.replay import add_records, taken_up
from broadsheet.kit.clock import DAY

log = logging.getLogger("broadsheet.gate")

TRIED_AGAIN = 10
"""Seconds after which a journal that could not be read is tried again."""

PATIENCE = 2.5
"""Seconds that readers wait at most while the journal is taken up."""

TURN_SECONDS, USUAL_TURN = 0.001, sys.getswitchinterval()

NO_READS = float("inf")
"""For who asks for openings alone."""


class Uptake:
    """Has the journal read: in a thread where an event loop runs, else at once. One at a time.
    And has its digest renewed, for the next start.

    `done` gets what was found, with all that was recorded by `append` meanwhile; `failed` why
    nothing was. `clock` gives Unix seconds.
    """

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        done: Callable[[Found], None],
        failed: Callable[[Exception], None],
        *,
        clock: Callable[[], float],
    ) -> None:
        self._folder = folder
        self._journal = journal
        self.append: Callable[[Record], None] = journal.append
        """As the journal's, and heard as long as it is being read."""
        self._done = done
        self._failed = failed
        self._clock = clock
        self._wanted: float | None = None
        self._try_at = 0.0
        self._heard: list[Record] = []
        self._task: asyncio.Task[None] | None = None
        self._ends = 0.0
        self._digester = Digester(folder, clock=clock)
        self.waiting = 0
        """How many wait for it."""

    @property
    def runs(self) -> bool:
        """Whether the journal is being read."""
        return self._task is not None

    def begin(self, reads_since: float) -> None:
        """Read what was read since then (Unix seconds), and who was let in by links."""
        now = self._clock()
        self._wanted = reads_since
        if self.runs or now < self._try_at:
            return
        self._try_at = now + TRIED_AGAIN
        since = min(reads_since, now - LONGEST_DAYS * DAY)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._read_at_once(since, reads_since)
            return
        self._ends = loop.time() + PATIENCE
        self._task = loop.create_task(self._read_beside(since, reads_since))

    def tick(self) -> None:
        """Try again what failed, and renew the digest, when it is time."""
        self._digester.tick(self._journal.written)
        if self._wanted is not None and not self.runs:
            self.begin(self._wanted)

    async def wait(self, seconds: float = PATIENCE) -> None:
        """Wait until the journal is read, at most so long, and not beyond what readers wait."""
        if self._task is None:
            return
        left = min(seconds, self._ends - asyncio.get_running_loop().time())
        self.waiting += 1
        try:
            await asyncio.wait([self._task], timeout=max(left, 0))
        finally:
            self.waiting -= 1

    def _read_at_once(self, since: float, reads_since: float) -> None:
        try:
            found = taken_up(self._folder, since, reads_since)
        except OSError as error:
            self._failed(error)
            return
        self._take(found)

    async def _read_beside(self, since: float, reads_since: float) -> None:
        self.append = self._append_heard
        try:
            found = await read_beside(self._folder, since, reads_since)
            # Most of them in the thread as well; the rest, and the change, in one step.
            many = len(self._heard)
            await asyncio.to_thread(add_records, self._heard[:many], found)
            add_records(self._heard[many:], found)
        except Exception as error:
            if not isinstance(error, OSError):
                log.exception("The journal could not be taken up.")
            self._failed(error)
            return
        finally:
            self._task, self._heard, self.append = None, [], self._journal.append
        self._take(found)

    def _append_heard(self, record: Record) -> None:
        self._journal.append(record)
        self._heard.append(record)

    def _take(self, found: Found) -> None:
        self._wanted, self._try_at = None, 0.0
        self._digester.take_tail(found.tail, self._journal.written)
        self._done(found)

    def close(self) -> None:
        """Let go of what is being read, and of a digest that is being made."""
        self._digester.close()
        if self._task is not None:
            self._task.cancel()


async def read_beside(folder: Path, since: float, reads_since: float) -> Found:
    """As `taken_up`, in a thread, while the event loop goes on. Raises OSError."""
    with _unhurried():
        return await asyncio.to_thread(taken_up, folder, since, reads_since)


@contextmanager
def _unhurried() -> Iterator[None]:
    """Threads have Python's lock in turns of a millisecond, not five; and its garbage collector
    rests, which would look at all reads again and again, for a tenth of a second each time. What
    was made meanwhile stays out of its sight: reads hold nothing in a circle."""
    sys.setswitchinterval(TURN_SECONDS)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        sys.setswitchinterval(USUAL_TURN)


def let_go(reads: dict[str, object]) -> None:
    """Free what many readers read, in a thread: at once it would hold everybody up."""
    while reads:
        reads.popitem()
