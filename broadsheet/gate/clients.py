"""Whose request it is: the address of the reader, also behind proxies that the publisher trusts."""

import ipaddress
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from broadsheet.gate.rsgi import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Host = ipaddress.IPv4Address | ipaddress.IPv6Address

Doubt = Literal["private", "public"]
"""From where a forwarded field came that is not believed: this house's networks, or elsewhere."""

REMEMBERED = 4096
LONGEST_REMEMBERED = 200
"""Addresses whose reading is kept for the day, and characters of one: a reader asks again."""

MOST_HOPS = 16
"""Proxies that a request may have come through; what stands further left is not read."""


class Clients:
    """Finds the reader's address. Without trusted networks it is always the connection's.

    `doubts` says that forwarded fields came from connections nobody trusts: a proxy in front that
    the publisher did not name, or somebody who makes them up.
    """

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self._trusted = tuple(trusted)
        self._known: dict[tuple[str, ...], str] = {}
        self.doubts: set[Doubt] = set()

    def of(self, scope: Scope) -> str:
        """The reader's address of a request."""
        forwarded = scope.headers.get_all("x-forwarded-for")
        key = (scope.client.rpartition(":")[0], *forwarded)
        found = self._known.get(key)
        if found is None:
            found = self.address(scope.client, forwarded)
            if sum(map(len, key)) <= LONGEST_REMEMBERED:
                if len(self._known) >= REMEMBERED:
                    self.forget()
                self._known[key] = found
        return found

    def forget(self) -> None:
        """Let go of all addresses."""
        self._known.clear()

    def address(self, client: str, forwarded: Iterable[str]) -> str:
        """The address behind the connection "host:port".

        `forwarded` are the values of X-Forwarded-For. They are read from the right, as long as
        whoever wrote them is trusted: what stands further left was written by the client.
        """
        found = _host(client.rpartition(":")[0].strip("[]")) or ipaddress.IPv4Address("127.0.0.1")
        hops = [hop for value in forwarded for hop in value.rsplit(",", MOST_HOPS)][-MOST_HOPS:]
        if hops and not self._trusts(found):
            self.doubts.add("public" if found.is_global else "private")
            return str(found)
        while hops and self._trusts(found):
            nearer = _host(hops.pop().strip())
            if nearer is None:
                break
            found = nearer
        return str(found)

    def _trusts(self, host: Host) -> bool:
        return any(host in network for network in self._trusted)


def _host(text: str) -> Host | None:
    try:
        host = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(host, "ipv4_mapped", None)
    return mapped or host


def note_doubts(home: Path, doubts: Iterable[Doubt]) -> None:
    """Leave word for `broadsheet doctor`: no address, only that it happens. Raises OSError."""
    run = home / "run"
    run.mkdir(exist_ok=True)
    (run / "forwarded.json").write_text(json.dumps(sorted(doubts)))


def noted_doubts(home: Path) -> frozenset[str]:
    """What the gate that runs, or ran last, left word of."""
    try:
        return frozenset(json.loads((home / "run" / "forwarded.json").read_text()))
    except (OSError, ValueError, TypeError):
        return frozenset()
