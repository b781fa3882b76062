"""The soft budget: how many free reads a network gets in a day for readers who send no cookie.

Whoever deletes the cookie between two reads is a new reader each time; a network is not. What is
kept is a count for each network prefix, under a keyed digest (HMAC-SHA256, RFC 2104) whose salt is
made anew each day (UTC): in memory alone, gone with the day, never written.
"""

import hmac
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from broadsheet.kit.clock import DAY

MOST = 100_000
"""Networks that are remembered, some 20 MB; the one that was quiet longest goes first."""

PREFIX = {4: 24, 6: 48}
"""Bits of an address that name its network: what one household or firm is usually given."""

NO_NETWORK = b""


class Share(NamedTuple):
    """A free read that was set aside for a request, until it is known whether one is spent."""

    network: bytes
    spent: bool = False
    """Nothing was left."""
    told: bool = False
    """It was taken from what several gates count together."""


UNBOUNDED = Share(NO_NETWORK)


def prefix_of(address: str) -> bytes:
    """The network prefix of an address, empty for one that is not public: loopback, private.

    Raises ValueError for what is no address.
    """
    host = ipaddress.ip_address(address)
    if not host.is_global:
        return NO_NETWORK
    return host.packed[: PREFIX[host.version] // 8]


class Budget:
    """Free reads of a day by network. `clock` gives Unix seconds."""

    waits = False
    """Whether something else may happen between a question and its answer."""

    def __init__(self, *, clock: Callable[[], float], most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._day = -1
        self._begin(int(clock()) // DAY)

    async def take(self, address: str, limit: int) -> Share:
        """Set a read aside for a reader at `address`, of `limit` a day; 0 for no bound.

        Taken before the meter is asked and given back when it counts nothing: so parallel
        requests cannot spend the last one twice. Waits for nothing.
        """
        prefix = prefix_of(address) if limit else NO_NETWORK
        if not prefix:
            return UNBOUNDED
        self.forget()
        return self._take(prefix, limit)

    async def give_back(self, share: Share) -> None:
        """No read was counted: what was set aside is free again."""
        self._return(share)

    def tick(self) -> None:
        """Ten times a second."""
        self.forget()

    def _name(self, prefix: bytes) -> bytes:
        """What a network is kept under today."""
        return hmac.digest(self._salt, prefix, "sha256")[:16]

    def _take(self, prefix: bytes, limit: int) -> Share:
        network = self._name(prefix)
        taken = self._taken.get(network, 0)
        if taken >= limit:
            self._taken.move_to_end(network)
            return Share(network, spent=True)
        self._keep(network, taken + 1)
        return Share(network)

    def _keep(self, network: bytes, taken: int) -> None:
        self._taken[network] = taken
        self._taken.move_to_end(network)
        if len(self._taken) > self._most:
            self._taken.popitem(last=False)

    def _return(self, share: Share) -> bool:
        taken = self._taken.get(share.network, 0)
        if share.spent or not taken:
            return False
        if taken > 1:
            self._taken[share.network] = taken - 1
        else:
            del self._taken[share.network]
        return True

    def forget(self) -> None:
        """Let go of yesterday: its counts, and the salt without which they name nobody.

        A clock that is set back by less than a day gives nothing back.
        """
        day = int(self._clock()) // DAY
        if day > self._day or day < self._day - 1:
            self._begin(day)

    def _begin(self, day: int) -> None:
        self._day = day
        self._salt = secrets.token_bytes(32)
        self._taken: OrderedDict[bytes, int] = OrderedDict()
