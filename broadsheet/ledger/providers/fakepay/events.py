"""Events: what the seller is told, queued in the transaction that made it true."""

from broadsheet.ledger.providers.fakepay.agreements import new_ref
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.refusals import invalid

MODES = ("normal", "never", "twice", "first", "held", "reversed", "missigned")
"""How webhooks behave. `never`: what happens now is never told. `twice`: each event goes out two
times. `first`: the event of a payment arrives before the payer is back. `held`: queued until the
mode is another one. `reversed`: what waits goes out newest first. `missigned`: each event is signed
with a wrong secret at its first try, and rightly from the second on."""


def mode(book: Book) -> str:
    """The mode in force."""
    return book.fact("webhooks", "normal")


def set_mode(book: Book, wanted: str) -> None:
    """Change the mode. Raises Refused (422) for an unknown one."""
    if wanted not in MODES:
        raise invalid(f"{wanted!r} is no mode.", f"Known: {', '.join(MODES)}.")
    with book.change():
        book.keep("webhooks", wanted)


def announce(book: Book, kind: str, ref: str, at: float) -> None:
    """Queue one event about the agreement `ref`, and note that it stirred."""
    book.run("UPDATE agreement SET stirred = max(stirred, ?) WHERE ref = ?", at, ref)
    if not book.announces:
        return
    in_force = mode(book)
    copies = {"never": 0, "twice": 2}.get(in_force, 1)
    outcome = "" if copies else "never sent"
    book.run(
        "INSERT INTO event (id, kind, ref, created, copies, outcome) VALUES (?, ?, ?, ?, ?, ?)",
        *(new_ref("evt"), kind, ref, at, copies, outcome),
    )
