"""What is done between the answers, a little at a time, so that nobody waits for it.

Answers are packed smaller after they were sent once, in a thread: the compressors let go of
Python's lock while they work. What is shown no more is freed.
"""

import asyncio
import logging

from broadsheet.gate.memory import Memory

log = logging.getLogger("broadsheet.gate")

PAUSE_SECONDS = 0.05
AT_ONCE = 16
"""Together: a tenth of the processor at most, some 300 answers a second."""

FREED_AT_ONCE = 200
"""Addresses; less than a millisecond."""


async def keep_packing(memory: Memory) -> None:
    """Take what waits to be packed smaller, a little at a time, until cancelled."""
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        memory.let_go(FREED_AT_ONCE)
        for one in memory.waiting(AT_ONCE):
            try:
                memory.take_packed(one, await asyncio.to_thread(one.packed))
            except Exception:
                # Were this task to end, pages would go out larger than they need be, and no worse.
                log.exception("%s could not be packed smaller.", one.address.path)
