"""Packs answers smaller after they were sent once, beside the thread that answers.

The compressors let go of Python's lock while they work, so answers go on being made.
"""

import asyncio
import logging

from broadsheet.gate.memory import Memory

log = logging.getLogger("broadsheet.gate")

PAUSE_SECONDS = 0.05
AT_ONCE = 16
"""Together: a tenth of the processor at most, some 300 answers a second."""


async def keep_packing(memory: Memory) -> None:
    """Take what waits to be packed smaller, a little at a time, until cancelled."""
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        for one in memory.waiting(AT_ONCE):
            try:
                memory.take_packed(one, await asyncio.to_thread(one.packed))
            except Exception:
                # Were this task to end, pages would go out larger than they need be, and no worse.
                log.exception("%s could not be packed smaller.", one.address.path)
