"""Links to single articles that end before their time, as the pressed store knows them.

A row says from when on a link opens nothing; rows are let go when the link would be over anyway.
"""

import sqlite3
from collections.abc import Mapping

SCHEMA = """
CREATE TABLE IF NOT EXISTS ended_link (
    number INTEGER PRIMARY KEY, ends REAL NOT NULL, until REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS ended_link_until ON ended_link (until);
"""


def put_end(
    connection: sqlite3.Connection, number: int, ends: float, until: float, now: float
) -> None:
    """A link ends at `ends` instead of `until` (Unix seconds), or it does not after all. What
    would be over at `now` is let go."""
    connection.execute("DELETE FROM ended_link WHERE number=? OR until<=?", (number, now))
    if ends < until and now < until:
        connection.execute("INSERT INTO ended_link VALUES (?,?,?)", (number, ends, until))


def read_ends(connection: sqlite3.Connection) -> dict[int, float]:
    """For each such link the Unix seconds from which on it opens nothing."""
    known = "SELECT 1 FROM sqlite_master WHERE name='ended_link'"
    if connection.execute(known).fetchone() is None:
        return {}
    return dict(connection.execute("SELECT number, ends FROM ended_link"))


def is_ended(number: int, ends: Mapping[int, float], now: float) -> bool:
    """Whether a link was ended before its time."""
    at = ends.get(number)
    return at is not None and at <= now
