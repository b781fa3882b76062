"""Charging: what happens to an agreement at a moment. Every function runs inside a transaction."""

from typing import Literal

from broadsheet.ledger.providers.fakepay import changes
from broadsheet.ledger.providers.fakepay.agreements import Agreement, load, new_ref, save
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.cards import REVOKED, Card, refusal_of
from broadsheet.ledger.providers.fakepay.changes import Wanted
from broadsheet.ledger.providers.fakepay.disputes import keep_fee
from broadsheet.ledger.providers.fakepay.events import announce

DAY_SECONDS = 24 * 3600.0
RETRY_SECONDS = DAY_SECONDS
RETRIES = 3
"""After a failed charge it is tried so many times more, then the agreement ends: at once when the
mandate was revoked."""


def pay(book: Book, agreement: Agreement, card: Card, at: float, *, confirmed: bool) -> str:
    """Charge the outstanding period of an open or past-due agreement to a card.

    Returns the gateway's sentence when it failed, "" when it was paid; a card that paid becomes
    the one for later charges. One with a trial is agreed to first, and costs nothing.
    """
    if agreement.state == "open" and agreement.trial_days:
        return _agree(book, agreement, card, at, confirmed=confirmed)
    problem = _record(book, agreement, card, at, confirmed=confirmed)
    if problem:
        announce(book, "charge.failed", agreement.ref, at)
        return problem
    agreement.keep(card)
    kind = "agreement.paid" if agreement.number == 0 else "charge.paid"
    _paid(book, agreement, at)
    announce(book, kind, agreement.ref, at)
    return ""


def _agree(book: Book, agreement: Agreement, card: Card, at: float, *, confirmed: bool) -> str:
    problem = refusal_of(card.conduct, 0, confirmed=confirmed)
    if problem:
        return problem
    agreement.keep(card)
    agreement.state, agreement.anchor = "active", at + agreement.trial_days * DAY_SECONDS
    agreement.due_at = agreement.anchor
    save(book, agreement)
    announce(book, "agreement.begun", agreement.ref, at)
    return ""


def pay_change(
    book: Book, agreement: Agreement, wanted: Wanted, card: Card, at: float, *, confirmed: bool
) -> str:
    """Charge what a change costs at once; paid, its terms are in force from now on.

    Returns the gateway's sentence when it failed: then nothing is changed, and the agreement is
    not overdue, for nothing was owed.
    """
    problem = refusal_of(card.conduct, agreement.number, confirmed=confirmed)
    if problem:
        changes.fail(book, wanted, problem)
        announce(book, "change.failed", agreement.ref, at)
        return problem
    agreement.keep(card)
    agreement.renews = True
    _write(book, agreement, wanted.due, card.last_four, at, "")
    _change_terms(book, agreement, wanted, at)
    _paid(book, agreement, at)
    announce(book, "agreement.changed", agreement.ref, at)
    return ""


def _change_terms(book: Book, agreement: Agreement, wanted: Wanted, at: float) -> None:
    agreement.amount, agreement.interval = wanted.amount, wanted.interval
    agreement.description, agreement.terms = wanted.description, wanted.key
    agreement.base, agreement.anchor = agreement.number, at
    changes.put_in_force(book, wanted)


def close(book: Book, agreement: Agreement, at: float) -> None:
    """An open checkout was left, replaced or waited too long."""
    _finish(book, agreement, "closed", at)


def end(book: Book, agreement: Agreement, at: float) -> None:
    """Nothing is charged any more."""
    _finish(book, agreement, "ended", at)


def run_due(book: Book, until: float) -> int:
    """Run everything that falls due up to a moment, the earliest first; how many steps."""
    steps = 0
    while row := book.row(
        "SELECT ref, due_at FROM agreement WHERE due_at <= ? ORDER BY due_at, serial LIMIT 1", until
    ):
        _step(book, load(book, row["ref"]), row["due_at"])
        steps += 1
    return steps


def up_to_date(book: Book, ref: str, now: float) -> Agreement:
    """The agreement after all of its own steps that are due. Raises Refused when unknown."""
    agreement = load(book, ref)
    run_own(book, agreement, now)
    return agreement


def run_own(book: Book, agreement: Agreement, now: float) -> None:
    """Run what is due of one agreement."""
    while agreement.due_at is not None and agreement.due_at <= now:
        _step(book, agreement, agreement.due_at)


def _step(book: Book, agreement: Agreement, at: float) -> None:
    if agreement.state == "open":
        close(book, agreement, at)
    elif agreement.renews:
        _begin_planned(book, agreement)
        _charge(book, agreement, at)
    else:
        end(book, agreement, at)


def _begin_planned(book: Book, agreement: Agreement) -> None:
    """A new period begins: on the terms planned for it, and too late for any other change."""
    wanted = changes.waiting(book, agreement.ref, 0.0)
    if agreement.state == "active" and wanted is not None and not wanted.at_once:
        _change_terms(book, agreement, wanted, agreement.next_start())
    changes.drop(book, agreement.ref)


def _charge(book: Book, agreement: Agreement, at: float) -> None:
    if not _record(book, agreement, agreement.kept, at):
        _paid(book, agreement, at)
        announce(book, "charge.paid", agreement.ref, at)
        return
    announce(book, "charge.failed", agreement.ref, at)
    if agreement.state == "past_due":
        agreement.retries += 1
    agreement.state = "past_due"
    agreement.due_at = at + RETRY_SECONDS
    save(book, agreement)
    if agreement.retries >= RETRIES or agreement.kept.conduct == REVOKED:
        end(book, agreement, at)


def _record(
    book: Book, agreement: Agreement, card: Card, at: float, *, confirmed: bool = False
) -> str:
    problem = refusal_of(card.conduct, agreement.number, confirmed=confirmed)
    _write(book, agreement, agreement.due, card.last_four, at, problem)
    return problem


def _write(
    book: Book, agreement: Agreement, amount: int, last_four: str, at: float, problem: str
) -> None:
    ref = new_ref("chg")
    book.run(
        "INSERT INTO charge (ref, agreement, number, amount, currency, at, paid, problem, card)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(ref, agreement.ref, agreement.number, amount, agreement.currency),
        *(at, not problem, problem, f"•••• {last_four}"),
    )
    if not problem and amount:
        keep_fee(book, ref, amount)


def _paid(book: Book, agreement: Agreement, at: float) -> None:
    if agreement.anchor is None:
        agreement.anchor = at
    agreement.state, agreement.retries, agreement.rest_from = "active", 0, None
    agreement.number += 1
    # Days can be shorter than the time of all retries: what is late falls due now, not before.
    agreement.due_at = max(at, agreement.next_start())
    save(book, agreement)


def _finish(book: Book, agreement: Agreement, state: Literal["closed", "ended"], at: float) -> None:
    agreement.state, agreement.due_at = state, None
    changes.drop(book, agreement.ref)
    save(book, agreement)
    announce(book, f"agreement.{state}", agreement.ref, at)
