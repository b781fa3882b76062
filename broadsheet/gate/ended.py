"""Links to single articles that end before their time, as the pressed store knows them.

A row says from when on a link opens nothing; rows are let go when the link would be over anyway.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS ended_link (
    number INTEGER PRIMARY KEY, ends REAL NOT NULL, until REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS ended_link_until ON ended_link (until);
"""


class LinkEnd(NamedTuple):
    """A link's number, when it ends, and when it would have (Unix seconds)."""

    number: int
    ends: float
    until: float


def put_ends(
    connection: sqlite3.Connection, links: Iterable[LinkEnd], now: float, *, every: bool = False
) -> None:
    """Links end when these say, or live on. What is over at `now` (Unix seconds) is let go; with
    `every` so are all that are not named."""
    connection.execute("DELETE FROM ended_link WHERE until<=? OR ?", (now, every))
    for link in links:
        connection.execute("DELETE FROM ended_link WHERE number=?", (link.number,))
        if link.ends < link.until and now < link.until:
            connection.execute("INSERT INTO ended_link VALUES (?,?,?)", link)


def read_ends(connection: sqlite3.Connection) -> dict[int, float]:
    """For each such link the Unix seconds from which on it opens nothing."""
    return dict(connection.execute("SELECT number, ends FROM ended_link"))


def is_ended(number: int, ends: Mapping[int, float], now: float) -> bool:
    """Whether a link was ended before its time."""
    at = ends.get(number)
    return at is not None and at <= now
