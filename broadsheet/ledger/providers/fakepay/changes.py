"""Changes of terms as rows: waiting, in force, dropped. Every function runs in a transaction."""

import sqlite3
from dataclasses import dataclass

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Change
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.refusals import Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row. `problem` is why the card was not charged, as a key of `wording`."""

    key: str
    agreement: str
    number: int
    amount: int
    interval: Interval
    description: str
    due: int
    at_once: bool
    expires_at: float
    state: str
    problem: str

    def is_same(self, ref: str, change: Change) -> bool:
        """Whether this is that change."""
        mine = (self.agreement, self.number, self.amount, self.interval, self.due, self.at_once)
        return mine == (
            ref, change.number, change.amount, change.interval, change.due, change.at_once,
        )  # fmt: skip


def under_key(book: Book, key: str) -> Wanted | None:
    """The change with a key."""
    row = book.row("SELECT * FROM change WHERE key = ?", key)
    return _wanted(row) if row else None


def waiting(book: Book, ref: str, now: float) -> Wanted | None:
    """The change of an agreement that is pending. One that was to be paid at once may expire."""
    row = book.row(
        "SELECT * FROM change WHERE agreement = ? AND state = 'waiting'"
        " AND (expires_at > ? OR NOT at_once)",
        *(ref, now),
    )
    return _wanted(row) if row else None


def insert(book: Book, ref: str, change: Change) -> Wanted:
    """Write a change down, in the place of any other that is pending. Raises Refused (409)."""
    drop(book, ref)
    book.run(
        "INSERT INTO change (key, agreement, number, amount, unit, count, description, due,"
        " at_once, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(change.key, ref, change.number, change.amount, change.interval.unit),
        *(change.interval.count, change.description, change.due, change.at_once),
        change.expires_at.timestamp(),
    )
    found = under_key(book, change.key)
    if found is None:
        raise Refused("The change was not written.", "Ask again.")
    return found


def drop(book: Book, ref: str) -> None:
    """Nothing comes of what is pending."""
    book.run("UPDATE change SET state = 'dropped' WHERE agreement = ? AND state = 'waiting'", ref)


def fail(book: Book, wanted: Wanted, problem: str) -> None:
    """Note why the card was not charged."""
    book.run("UPDATE change SET problem = ? WHERE key = ?", problem, wanted.key)


def put_in_force(book: Book, wanted: Wanted) -> None:
    """It is paid, or its period has come."""
    book.run("UPDATE change SET state = 'in_force', problem = '' WHERE key = ?", wanted.key)


def _wanted(row: sqlite3.Row) -> Wanted:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row iterates its values
    del values["serial"]
    values["interval"] = Interval(values.pop("unit"), values.pop("count"))
    values["at_once"] = bool(values["at_once"])
    return Wanted(**values)
