"""What the press changed in its store, and when: the numbers of its events."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


def last_event(connection: sqlite3.Connection, kind: str) -> int:
    """The number of the last event of a kind ("revoked", "ended_links", "changed"), else 0."""
    row = connection.execute("SELECT value FROM fact WHERE name=?", (kind,)).fetchone()
    return int(row[0]) if row else 0


def changed_since(
    connection: sqlite3.Connection, number: int, *, most: int = -1
) -> tuple[int, list[str]]:
    """The latest change number, and addresses that changed after `number`: `most` at most, all
    without a bound. One with several variants may be named several times.
    """
    rows = connection.execute(
        "SELECT path FROM page WHERE changed>? UNION ALL"
        " SELECT path FROM gone WHERE changed>? LIMIT ?",
        (number, number, most),
    )
    return last_event(connection, "changed"), [row[0] for row in rows]


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything read inside is of one moment, whatever the press writes meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
