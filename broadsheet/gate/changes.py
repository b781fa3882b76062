"""What the press changed in its store, and when: the numbers of its events."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


def last_revocation(connection: sqlite3.Connection) -> int:
    """The change number of the last event that revoked a pass, 0 before the first."""
    row = connection.execute("SELECT value FROM fact WHERE name='revoked'").fetchone()
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
    return latest_change(connection), [row[0] for row in rows]


def latest_change(connection: sqlite3.Connection) -> int:
    """The number of the last event, 0 before the first."""
    row = connection.execute("SELECT value FROM fact WHERE name='changed'").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything read inside is of one moment, whatever the press writes meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
