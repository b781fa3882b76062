"""The one way into the books: a sealed ledger journal with its postings, numbered without gaps."""

from datetime import datetime

from broadsheet.ledger import sealing
from broadsheet.ledger.models import Journal, Posting
from broadsheet.ledger.rules import Line, is_balanced
from broadsheet.press_log.models import Counter

NUMBER = "journal"
"""The counter that numbers ledger journals; whoever holds it is alone with the books."""


def lock_books() -> None:
    """Wait for whoever books at the moment, and keep others waiting until the transaction ends."""
    Counter.lock(NUMBER)


def enter(kind: str, ref: str, at: datetime, lines: tuple[Line, ...], currency: str) -> Journal:
    """Write a ledger journal. Raises ValueError when its lines do not add up to nothing."""
    if not lines or not is_balanced(lines):
        raise ValueError(f"{kind} {ref} does not balance.")
    number = Counter.take(NUMBER)
    journal = Journal(number=number, kind=kind, ref=ref, at=at)
    journal.seal = sealing.seal_of(journal, lines, currency, sealing.seal_before(number))
    journal.save(force_insert=True)
    Posting.objects.bulk_create(
        Posting(journal=journal, account=account, amount=amount, currency=currency)
        for account, amount in lines
    )
    return journal
