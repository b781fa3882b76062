"""An agreement that rests: nothing is charged from the end of its paid period until a moment.

Every function runs inside a transaction.
"""

from broadsheet.ledger.providers.fakepay import changes, charging
from broadsheet.ledger.providers.fakepay.agreements import Agreement, save
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.events import announce
from broadsheet.ledger.providers.fakepay.refusals import Refused


def pause(book: Book, agreement: Agreement, number: int, until: float, now: float) -> None:
    """See `Provider.pause`. Raises Refused (409)."""
    _check(agreement)
    if agreement.number != number:
        raise Refused("That is not its next period.", "Look the agreement up.")
    begins = agreement.next_start() if agreement.rest_from is None else agreement.rest_from
    if until <= max(begins, now):
        raise Refused("The paid period goes on for longer than that.", "Name a later day.")
    changes.drop(book, agreement.ref)
    _count_from(book, agreement, begins, until)
    announce(book, "pause.planned", agreement.ref, now)


def resume(book: Book, agreement: Agreement, number: int, now: float) -> None:
    """See `Provider.resume`. Raises Refused (409)."""
    begins = agreement.rest_from
    if begins is None or agreement.number != number or agreement.rests_until(now) is None:
        return
    _check(agreement)
    _count_from(book, agreement, begins, max(begins, now))
    announce(book, "pause.ended", agreement.ref, now)
    charging.run_own(book, agreement, now)


def _check(agreement: Agreement) -> None:
    if agreement.state != "active" or not agreement.renews:
        raise Refused("Nothing renews.", "Resume renewal first.")
    if agreement.once or agreement.in_trial:
        raise Refused("What is paid once, or in its trial, does not rest.", "Wait.")


def _count_from(book: Book, agreement: Agreement, begins: float, at: float) -> None:
    """The next period begins at `at`, and later ones are counted from there."""
    agreement.rest_from, agreement.base = begins, agreement.number
    agreement.anchor = agreement.due_at = at
    save(book, agreement)
