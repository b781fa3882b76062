"""Libraries, universities and firms: what is open to whoever asks from one of their networks.

The press lays down one row for each network. Nothing of it is kept with the reader: the address
of each request decides, and who leaves the network leaves the right behind.
"""

import ipaddress
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from broadsheet.gate.rules import NOTHING_LENT

SCHEMA = """
CREATE TABLE IF NOT EXISTS network (
    institution INTEGER NOT NULL,
    network TEXT NOT NULL,
    entitlements TEXT NOT NULL,
    opens REAL NOT NULL,
    closes REAL NOT NULL,
    PRIMARY KEY (institution, network)
) WITHOUT ROWID;
"""


class Lending(NamedTuple):
    """What an institution opens in one network ("193.0.6.0/24"), half-open, Unix seconds;
    `closes` 0 for no end."""

    institution: int
    network: str
    entitlements: tuple[str, ...]
    opens: float = 0
    closes: float = 0


def put_networks(connection: sqlite3.Connection, lendings: Iterable[Lending]) -> None:
    """Store these, in place of all there were."""
    connection.execute("DELETE FROM network")
    connection.executemany(
        "INSERT OR REPLACE INTO network VALUES (?, ?, ?, ?, ?)",
        ((i, n, json.dumps(rights), opens, closes) for i, n, rights, opens, closes in lendings),
    )


class Networks:
    """Finds what is lent to an address. `lendings` is how many there are in all."""

    def __init__(self, lendings: Iterable[Lending] = ()) -> None:
        self.lendings = 0
        found: dict[tuple[int, int], dict[int, list[Lending]]] = {}
        for lending in lendings:
            network = ipaddress.ip_network(lending.network)
            rest = network.max_prefixlen - network.prefixlen
            group = found.setdefault((network.version, rest), {})
            group.setdefault(int(network.network_address) >> rest, []).append(lending)
            self.lendings += 1
        # The narrowest network first: it names the institution when several lend the same.
        self._groups = sorted(found.items(), key=lambda group: group[0][1])

    def lent(self, address: str, now: float) -> Mapping[str, int]:
        """For each entitlement that is lent to `address` at `now` (Unix seconds), the institution
        that lends it."""
        host = ipaddress.ip_address(address)
        version, number = host.version, int(host)
        lent: dict[str, int] = {}
        for (of_version, rest), networks in self._groups:
            if of_version != version:
                continue
            for lending in networks.get(number >> rest, ()):
                if lending.opens <= now and not 0 < lending.closes <= now:
                    for right in lending.entitlements:
                        lent.setdefault(right, lending.institution)
        return lent or NOTHING_LENT


def read_networks(connection: sqlite3.Connection) -> Networks:
    """All networks in the store."""
    rows = connection.execute(
        "SELECT institution, network, entitlements, opens, closes FROM network"
    )
    return Networks(Lending(i, n, tuple(json.loads(rights)), *span) for i, n, rights, *span in rows)
