"""The gateway's database: one SQLite file, one connection, every change in one transaction.

WAL with synchronous NORMAL: what was committed survives the death of the process at any moment.
Moments are REAL, Unix seconds by the gateway's clock, but those of deliveries: these are real time.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BUSY_SECONDS = 10.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agreement (
    serial INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    unit TEXT NOT NULL,
    count INTEGER NOT NULL,
    zone TEXT NOT NULL,
    seller TEXT NOT NULL,
    description TEXT NOT NULL,
    language TEXT NOT NULL,
    return_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'active', 'past_due', 'ended')),
    renews INTEGER NOT NULL DEFAULT 1,
    anchor REAL,
    card TEXT NOT NULL DEFAULT '',
    conduct TEXT NOT NULL DEFAULT '',
    number INTEGER NOT NULL DEFAULT 0,
    retries INTEGER NOT NULL DEFAULT 0,
    due_at REAL,
    base INTEGER NOT NULL DEFAULT 0,
    terms TEXT NOT NULL DEFAULT '',
    stirred REAL NOT NULL DEFAULT 0,
    once INTEGER NOT NULL DEFAULT 0,
    trial_days INTEGER NOT NULL DEFAULT 0,
    first_amount INTEGER NOT NULL DEFAULT 0,
    first_periods INTEGER NOT NULL DEFAULT 0,
    rest_from REAL,
    card_ref TEXT NOT NULL DEFAULT '',
    card_expires TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS agreement_due ON agreement (due_at, serial) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS charge (
    serial INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    agreement TEXT NOT NULL REFERENCES agreement (ref),
    number INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    at REAL NOT NULL,
    paid INTEGER NOT NULL,
    problem TEXT NOT NULL,
    card TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS charge_agreement ON charge (agreement);
CREATE UNIQUE INDEX IF NOT EXISTS charge_paid_once ON charge (agreement, number) WHERE paid;
CREATE TABLE IF NOT EXISTS change (
    serial INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    agreement TEXT NOT NULL REFERENCES agreement (ref),
    number INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    unit TEXT NOT NULL,
    count INTEGER NOT NULL,
    description TEXT NOT NULL,
    due INTEGER NOT NULL,
    at_once INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'in_force', 'dropped')),
    problem TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS change_waiting ON change (agreement) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS card_page (
    serial INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    agreement TEXT NOT NULL REFERENCES agreement (ref),
    return_url TEXT NOT NULL,
    language TEXT NOT NULL,
    expires_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS refund (
    serial INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    charge TEXT NOT NULL REFERENCES charge (ref),
    amount INTEGER NOT NULL CHECK (amount > 0),
    at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS refund_charge ON refund (charge);
CREATE TABLE IF NOT EXISTS fee (
    charge TEXT PRIMARY KEY REFERENCES charge (ref),
    amount INTEGER NOT NULL CHECK (amount > 0)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dispute (
    serial INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    charge TEXT NOT NULL REFERENCES charge (ref),
    amount INTEGER NOT NULL CHECK (amount > 0),
    fee INTEGER NOT NULL,
    at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'won', 'lost')),
    ended_at REAL
);
CREATE INDEX IF NOT EXISTS dispute_charge ON dispute (charge);
CREATE TABLE IF NOT EXISTS event (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    ref TEXT NOT NULL,
    created REAL NOT NULL,
    copies INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try REAL NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS event_waiting ON event (serial) WHERE copies > 0;
"""

NEWER = (
    ("base", "INTEGER NOT NULL DEFAULT 0"),
    ("terms", "TEXT NOT NULL DEFAULT ''"),
    ("stirred", "REAL NOT NULL DEFAULT 0"),
    ("once", "INTEGER NOT NULL DEFAULT 0"),
    ("trial_days", "INTEGER NOT NULL DEFAULT 0"),
    ("first_amount", "INTEGER NOT NULL DEFAULT 0"),
    ("first_periods", "INTEGER NOT NULL DEFAULT 0"),
    ("rest_from", "REAL"),
    ("card_ref", "TEXT NOT NULL DEFAULT ''"),
    ("card_expires", "TEXT NOT NULL DEFAULT ''"),
)
"""Columns of agreements that files of older versions do not have."""

STIRRED = """
CREATE INDEX IF NOT EXISTS agreement_stirred ON agreement (stirred);
UPDATE agreement SET stirred = (
    SELECT coalesce(max(at), 0) FROM charge WHERE charge.agreement = agreement.ref
) WHERE stirred = 0;
"""
"""When something last happened to an agreement; of older files, its last charge."""


class Book:
    """The open database. Threads take turns; another process may have the same file open."""

    def __init__(self, path: Path, *, announces: bool = True) -> None:
        """Open or make it, its folder too. Raises OSError.

        Without `announces` no events are written: months of history need no telling.
        """
        self.announces = announces
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)
        self._add_columns()
        self._db.executescript(STIRRED)

    def _add_columns(self) -> None:
        there = {row["name"] for row in self._db.execute("PRAGMA table_info (agreement)")}
        for name, kind in NEWER:
            if name not in there:
                self._db.execute(f"ALTER TABLE agreement ADD COLUMN {name} {kind}")

    @contextmanager
    def change(self) -> Iterator[None]:
        """A transaction, taken back when an exception leaves it. One within another joins it."""
        with self._lock:
            name = f"level_{self._depth}"
            self._db.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._take_back(name)
                raise
            self._depth -= 1
            self._db.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def _take_back(self, name: str) -> None:
        self._depth -= 1
        if not self._depth:
            self._db.execute("ROLLBACK")
            return
        self._db.execute(f"ROLLBACK TO {name}")
        self._db.execute(f"RELEASE {name}")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """What a query finds; never what another thread has not committed yet."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row, None when there is none."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def run(self, sql: str, *values: Any) -> int:
        """Write, and say how many rows it met."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def fact(self, name: str, default: str = "") -> str:
        """A single value kept under a name."""
        row = self.row("SELECT value FROM fact WHERE name = ?", name)
        return str(row["value"]) if row else default

    def keep(self, name: str, value: str) -> None:
        """Keep a single value under a name."""
        self.run(
            "INSERT INTO fact VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            *(name, value),
        )

    def close(self) -> None:
        """Close the file; a transaction of another thread is waited for."""
        with self._lock:
            self._db.close()
