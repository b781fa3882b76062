"""The soft budget of networks, where several gates serve one paper: they count in the tally.

All gates keep a network under one name, by a salt that the first of them makes each day. What
stands in the tally for a day is one hash, with a *run* that is new whenever it was made anew. Each
gate knows what it took itself, and tells it when it finds another run: so an emptied tally gets
back what was taken. Scripts that take find the run and the mark (`tally_scripts.py`) that the gate
knows, or take nothing; who must wait for the mark waits longer than all gates need to tell.
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from itertools import islice

from broadsheet.gate.budget import MOST, NO_NETWORK, UNBOUNDED, Budget, Share, prefix_of
from broadsheet.gate.taking_up import MARK_KEY, NOBODY, TakingUp
from broadsheet.gate.tally import Tally, TallySilent
from broadsheet.gate.tally_scripts import GIVE_SHARE, JOIN, LOOK, TAKE_SHARE, TELL
from broadsheet.kit.clock import DAY

LOOKED_AGAIN = 0.25
"""Seconds after which a gate finds that the tally was emptied: far less than `taking_up.SETTLE`."""

TOLD_AT_ONCE = 500
NO_RUN = b""
OTHER_MARK, OTHER_RUN, SPENT, TAKEN, FULL = -2, -1, 0, 1, 2


class SharedBudget(Budget):
    """Exact for any number of gates. While the tally is silent each gate counts for itself, as it
    does for networks that come when `most` of them are known today. `key` is the paper's own."""

    waits = True

    def __init__(
        self,
        taking_up: TakingUp,
        tally: Tally,
        key: bytes,
        *,
        clock: Callable[[], float],
        most: int = MOST,
    ) -> None:
        self._taking_up = taking_up
        self._tally = tally
        self._key = key
        self._telling = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._look_at = 0.0
        self._run = NO_RUN
        super().__init__(clock=clock, most=most)

    async def take(self, address: str, limit: int) -> Share:
        """As `Budget.take`, and waits for the tally."""
        prefix = prefix_of(address) if limit else NO_NETWORK
        if not prefix:
            return UNBOUNDED
        self.forget()
        try:
            return await self._share(prefix, limit)
        except TallySilent:
            return self._take(prefix, limit)

    async def give_back(self, share: Share) -> None:
        """As `Budget.give_back`. A tally that is silent then has one read less to give."""
        if not self._return(share) or not share.told:
            return
        try:
            await self._tally.call(GIVE_SHARE, [self._hash], self._run, share.network)
        except TallySilent:
            return

    def tick(self) -> None:
        """Also find out whether the tally was emptied."""
        super().tick()
        loop = asyncio.get_running_loop()
        if self._looking is None and loop.time() >= self._look_at:
            self._look_at = loop.time() + LOOKED_AGAIN
            self._looking = loop.create_task(self.look())

    async def look(self) -> None:
        """Tell the tally what this gate took when it was emptied since."""
        try:
            if await self._joined() != self._run:
                self._run = NO_RUN
                await self._tell()
        except TallySilent:
            return
        finally:
            self._looking = None

    def _begin(self, day: int) -> None:
        super()._begin(day)
        self._run = NO_RUN

    @property
    def _hash(self) -> str:
        return f"budget:{self._day}"

    def _name(self, prefix: bytes) -> bytes:
        # With a key of the paper's own: what the tally holds alone names no network.
        return hmac.digest(self._key, self._salt + prefix, "sha256")[:16]

    async def _share(self, prefix: bytes, limit: int) -> Share:
        while True:
            if not self._run:
                await self._tell()
            run, network = self._run, self._name(prefix)
            words = (self._taking_up.mark, run, network, limit, self._most)
            answer = await self._tally.call(TAKE_SHARE, [MARK_KEY, self._hash], *words)
            if answer == OTHER_MARK:
                await self._taking_up.asked(LOOK, [NOBODY])
            elif answer == FULL:
                return self._take(prefix, limit)
            elif answer == SPENT:
                return Share(network, spent=True)
            elif run == self._run and answer == TAKEN:
                self._keep(network, self._taken.get(network, 0) + 1)
                return Share(network, told=True)
            elif run == self._run:
                self._run = NO_RUN

    async def _joined(self) -> bytes:
        """The run of today's hash, after this gate took over its salt. Raises TallySilent."""
        while True:
            day = self._day
            left = max(1, int((day + 1) * DAY - self._clock()))
            words = (self._salt, secrets.token_bytes(8), left)
            salt, run = await self._tally.call(JOIN, [self._hash], *words)
            if day != self._day:
                continue
            if salt != self._salt:
                # Counts under another salt cannot be told.
                self._salt, self._run = salt, NO_RUN
                self._taken.clear()
            return bytes(run)

    async def _tell(self) -> None:
        async with self._telling:
            while not self._run:
                day, run = self._day, await self._joined()
                taken = iter(list(self._taken.items()))
                while some := list(islice(taken, TOLD_AT_ONCE)):
                    words = (word for network_and_count in some for word in network_and_count)
                    await self._tally.call(TELL, [self._hash], run, *words)
                if day == self._day:
                    self._run = run
