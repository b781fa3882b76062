"""Fees and disputes: what the gateway keeps, and what a bank takes back from it.

Every function that writes runs inside a transaction.
"""

from typing import Literal

from broadsheet.ledger.providers.base import Disputed
from broadsheet.ledger.providers.fakepay.agreements import moment, new_ref
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.events import announce
from broadsheet.ledger.providers.fakepay.refusals import Refused, invalid, unknown

MOST_RATE = 5000
"""Ten-thousandths: nobody keeps more than half."""

EVIDENCE_SECONDS = 7 * 86_400.0
"""How long after a dispute was opened the seller may send evidence."""


def set_fee(book: Book, rate: int) -> None:
    """Keep so many ten-thousandths of every charge from now on. Raises Refused (422)."""
    if not 0 <= rate <= MOST_RATE:
        raise invalid(f"{rate} is no rate.", f"Give ten-thousandths up to {MOST_RATE}.")
    book.keep("fee", str(rate))


def keep_fee(book: Book, charge: str, amount: int) -> None:
    """Note what is kept of a charge that was paid, rounded up."""
    rate = int(book.fact("fee", "0"))
    if rate:
        book.run("INSERT INTO fee VALUES (?, ?)", charge, -(-amount * rate // 10_000))


def left_of(book: Book, charge: str) -> int:
    """What of a charge is neither given back nor disputed; 0 when it failed.

    Raises Refused (404) when there is none.
    """
    row = book.row(
        "SELECT paid * (amount"
        " - (SELECT coalesce(sum(amount), 0) FROM refund WHERE refund.charge = charge.ref)"
        " - (SELECT coalesce(sum(amount), 0) FROM dispute WHERE dispute.charge = charge.ref"
        " AND state != 'won')) AS remains FROM charge WHERE ref = ?",
        charge,
    )
    if row is None:
        raise unknown("charge", charge)
    return int(row["remains"])


def open_dispute(book: Book, charge: str, fee: int, at: float) -> str:
    """The bank takes all that is left of a charge; the dispute's reference.

    Raises Refused: 404, 409 when nothing is left.
    """
    remains = left_of(book, charge)
    if not remains:
        raise Refused("Nothing is left of this charge.", "Name a charge that was paid.")
    ref = new_ref("dsp")
    book.run(
        "INSERT INTO dispute (ref, charge, amount, fee, at) VALUES (?, ?, ?, ?, ?)",
        *(ref, charge, remains, fee, at),
    )
    _announce(book, "dispute.opened", ref, at)
    return ref


def end_dispute(book: Book, ref: str, state: Literal["won", "lost"], at: float) -> None:
    """The bank has decided. Raises Refused (409) when there is no open dispute of that name."""
    ended = "UPDATE dispute SET state = ?, ended_at = ? WHERE ref = ? AND state = 'open'"
    if not book.run(ended, state, at, ref):
        raise Refused("There is no open dispute of that name.", "Look the agreement up.")
    _announce(book, f"dispute.{state}", ref, at)


def _announce(book: Book, kind: str, ref: str, at: float) -> None:
    row = book.row(
        "SELECT agreement FROM charge JOIN dispute ON dispute.charge = charge.ref"
        " WHERE dispute.ref = ?",
        ref,
    )
    if row is not None:
        announce(book, kind, row["agreement"], at)


def disputes_of(book: Book, agreement: str) -> tuple[Disputed, ...]:
    """Every dispute about an agreement, the oldest first."""
    rows = book.rows(
        "SELECT dispute.* FROM dispute JOIN charge ON charge.ref = dispute.charge"
        " WHERE charge.agreement = ? ORDER BY dispute.serial",
        agreement,
    )
    return tuple(
        Disputed(
            ref=row["ref"],
            charge=row["charge"],
            amount=row["amount"],
            at=moment(row["at"]),
            state=row["state"],
            ended_at=None if row["ended_at"] is None else moment(row["ended_at"]),
            fee=row["fee"],
            due_at=moment(row["at"] + EVIDENCE_SECONDS),
        )
        for row in rows
    )
