"""Pressed pages kept in memory, and dropped within a tenth of a second when the press changes them.

The store is read in the gate's one thread: a look-up costs some ten microseconds, and a page
loaded after the change was noticed can never be an old one.
"""

import logging
import os
import sqlite3
import sys
from collections import OrderedDict, deque
from pathlib import Path

from broadsheet.gate.addresses import Address, Key, Waiting
from broadsheet.gate.answers import Answer, Body, compose, fillings, hub_link
from broadsheet.gate.changes import changed_since, last_event, snapshot
from broadsheet.gate.codings import quickest, smallest
from broadsheet.gate.ended import read_ends
from broadsheet.gate.facts import Facts, read_facts
from broadsheet.gate.institutions import Networks, read_networks
from broadsheet.gate.media import Standing, standing_of
from broadsheet.gate.policy import Policy
from broadsheet.gate.pressed import (
    Page,
    complete,
    read_fragments,
    read_pages,
    read_revoked,
)

log = logging.getLogger("broadsheet.gate")

MOST_BYTES = 128 * 1024 * 1024
MOST_DROPPED = 2_000
"""Addresses that are dropped one by one; when more changed, all are read again when asked for."""

READ_AT_MOST = 5
"""Times that an address is read while the press writes one event after the other."""

MOST_WAITING = 512
"""Answers that wait to be packed smaller; those that come on top stay as they are."""


class StoreSilent(Exception):
    """The store cannot be read now."""


class Memory:
    """Addresses go when `most_bytes` are exceeded: first those asked longest ago, as far back as
    half of it has been in use.

    `revoked` says for a reader up to which Unix seconds passes are void; `revocation` is the
    number of the event that changed it last. `networks` are those of institutions. `ends` says for
    a link that ends before its time from which Unix seconds on it opens nothing.
    """

    def __init__(self, store: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes
        # With less than this nobody is near to going, and no order need be kept.
        self._crowded = most_bytes // 2
        self._bytes = 0
        self._held: OrderedDict[str, Address] = OrderedDict()
        self._leaving: OrderedDict[str, Address] = OrderedDict()
        self._waiting: deque[Waiting] = deque()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] = (0, 0)
        self._data_version = -1
        self._number = 0
        self._fragments: dict[str, str] = {}
        self.revoked: dict[int, float] = {}
        self.revocation = -1
        self.networks = Networks()
        self._lending = -1
        self.ends: dict[int, float] = {}
        self._ended = -1
        self.fault = ""
        self.facts = Facts("", "UTC", Policy(()), frozenset(), "")
        self.notice()

    def find(self, path: str) -> Address | None:
        """What is pressed at an address, from memory or from the store.

        Raises StoreSilent when it is not in memory and the store cannot be read.
        """
        address = self._held.get(path)
        if address is None:
            return self._load(path)
        if self._bytes > self._crowded:
            self._held.move_to_end(path)
        return address

    def holds(self, address: Address) -> bool:
        """Whether this is what is in memory: not since pressed anew, nor let go for its size."""
        return self._held.get(address.path) is address

    def other_spelling(self, path: str, now: float) -> str:
        """The address with or without its last slash, when a page is open there; else ""."""
        other = path[:-1] if path.endswith("/") else path + "/"
        if len(other) < 2 or not path.startswith("/") or path.startswith("//"):
            return ""
        try:
            address = self.find(other)
        except StoreSilent:
            return ""
        return other if address is not None and address.opens <= now < address.closes else ""

    def media(self, path: str, now: float) -> Standing:
        """Whether a file below /media/ may be sent: asked of the store each time, so that the end
        of its rights is never missed. Raises StoreSilent when the store cannot be read.
        """
        if self._connection is None:
            raise StoreSilent
        try:
            return standing_of(self._connection, path, now)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
            raise StoreSilent from error

    def answer(self, address: Address, key: Key) -> Answer | None:
        """The answer for a decision, made on first use; None without a page.

        What takes longest to pack is packed later, so that nobody else waits for it.
        """
        answer = address.answers.get(key)
        if answer is None:
            page = address.page(key[0].variant)
            if page is None:
                return None
            answer = address.answers[key] = self._composed(address, key, page)
            self._weigh(address)
        return answer

    def _composed(self, address: Address, key: Key, page: Page) -> Answer:
        face, codings, caching = key
        best = smallest(codings)
        body = address.made(page, face, best)
        if body is None:
            filled = fillings(page, self._fragments, face)
            coding = "gzip" if not filled and "gzip" in codings else quickest(codings)
            body = address.made(page, face, coding) or compose(page, filled, coding)
            if coding != best and len(self._waiting) < MOST_WAITING:
                self._waiting.append(Waiting(address, key, page, filled))
        return self._sent(page, body, caching)

    def _sent(self, page: Page, body: Body, caching: str) -> Answer:
        link = hub_link(page, self.facts.origin, self.facts.hub)
        return Answer(page, body, caching=caching, link=link, usage=self.facts.usage)

    def waiting(self, most: int) -> list[Waiting]:
        """Take up to `most` of the answers that can be packed smaller and are still in memory."""
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        return [one for one in taken if self._held.get(one.address.path) is one.address]

    def take_packed(self, one: Waiting, body: Body) -> None:
        """Send these bytes from now on, unless the page changed meanwhile."""
        if self._held.get(one.address.path) is one.address:
            one.address.answers[one.key] = self._sent(one.page, body, one.key[-1])
            self._weigh(one.address)

    def _weigh(self, address: Address) -> None:
        grown = address.weigh()
        self._grow(grown if self._held.get(address.path) is address else 0)

    def _load(self, path: str) -> Address | None:
        """Read an address. When the press has moved on, all of that is taken first: a page of the
        new edition must not get a wall of the old one, nor stand beside pages of the old one.
        """
        for _ in range(READ_AT_MOST):
            number, pages = self._read(path)
            if not pages:
                return None
            if number == self._number:
                address = self._held[path] = Address(path, pages)
                self._grow(address.size)
                return address
            self.notice()
        raise StoreSilent

    def _read(self, path: str) -> tuple[int, dict[str, Page]]:
        """The pages at an address, and the number of the event they are to be seen with."""
        if self._connection is None:
            raise StoreSilent
        try:
            with snapshot(self._connection):
                return last_event(self._connection, "changed"), read_pages(self._connection, path)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
            raise StoreSilent from error

    def _grow(self, size: int) -> None:
        self._bytes += size
        while self._bytes > self._most_bytes and len(self._held) > 1:
            self._bytes -= self._held.popitem(last=False)[1].size

    def _drop(self, path: str) -> None:
        address = self._held.pop(path, None)
        if address is not None:
            self._bytes -= address.size

    def _clear(self) -> None:
        # To free all of it at once takes tens of milliseconds; twice as much is never kept.
        self._leaving, self._held = self._held, OrderedDict()
        self._waiting.clear()
        self._bytes = 0

    def let_go(self, most: int) -> None:
        """Free up to `most` addresses that nobody is shown any more."""
        for _ in range(min(most, len(self._leaving))):
            self._leaving.popitem()

    def notice(self) -> bool:
        """Look whether the press changed the store; drop what it changed. True when it did.

        A store that is missing or locked is logged once; what is in memory is served on.
        """
        try:
            connection = self._connected()
            version = connection.execute("PRAGMA data_version").fetchone()[0]
            if version == self._data_version:
                self._recovered()
                return False
            self._take_changes(connection)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._complain(error)
            return False
        self._data_version = version
        self._recovered()
        return True

    def _connected(self) -> sqlite3.Connection:
        """The connection to the file that bears the store's name now: it may be replaced."""
        status = os.stat(self._store)
        file = (status.st_dev, status.st_ino)
        if self._connection is not None and file == self._file:
            return self._connection
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        connection = sqlite3.connect(
            f"{self._store.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=0.1,
            isolation_level=None,
        )
        complete(connection)
        connection.execute("PRAGMA query_only=ON")
        self._clear()
        self._connection, self._file = connection, file
        self._data_version, self._number = -1, 0
        self.revocation = self._lending = self._ended = -1
        return connection

    def _take_changes(self, connection: sqlite3.Connection) -> None:
        # With nothing in memory the latest number is enough; the list may be the whole paper.
        since = self._number if self._held else sys.maxsize
        with snapshot(connection):
            number, paths = changed_since(connection, since, most=MOST_DROPPED)
            facts, fragments = read_facts(connection), read_fragments(connection)
            self._take_lists(connection)
            if facts.networks != self._lending:
                self.networks, self._lending = read_networks(connection), facts.networks
        named = (facts.origin, facts.hub, facts.usage)
        known = (self.facts.origin, self.facts.hub, self.facts.usage)
        many = len(paths) == MOST_DROPPED
        if many or number < self._number or fragments != self._fragments or named != known:
            self._clear()
        for path in paths:
            self._drop(path)
        self._number, self.facts, self._fragments = number, facts, fragments

    def _take_lists(self, connection: sqlite3.Connection) -> None:
        """Read a list only when it changed: it may be long, and most events revoke nothing."""
        number = last_event(connection, "revoked")
        if number != self.revocation:
            self.revoked, self.revocation = read_revoked(connection), number
        number = last_event(connection, "ended_links")
        if number != self._ended:
            self.ends, self._ended = read_ends(connection), number

    def _complain(self, error: Exception) -> None:
        if not self.fault:
            log.error("The pressed store cannot be read, memory is served on: %s", error)
        self.fault = str(error) or type(error).__name__

    def _recovered(self) -> None:
        if self.fault:
            log.warning("The pressed store can be read again.")
            self.fault = ""

    def close(self) -> None:
        """Close the store."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
