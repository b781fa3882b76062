"""Book what a gateway keeps, and what a bank takes back from it: each step once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from broadsheet.kit import clock
from broadsheet.ledger.actions.carrying import carry
from broadsheet.ledger.actions.crediting import give_up, returned
from broadsheet.ledger.actions.entering import enter, lock_books
from broadsheet.ledger.actions.holding import rest_account
from broadsheet.ledger.actions.invoicing import credit_note, owed_back
from broadsheet.ledger.models import Dispute, Fee, Invoice, Journal, Payment
from broadsheet.ledger.providers.base import Disputed
from broadsheet.ledger.rules import (
    Line,
    amount_of,
    disputed_lines,
    fee_lines,
    lost_lines,
    reversed_lines,
)


def book_fee(payment: Payment, ref: str, amount: int, at: datetime) -> Fee | None:
    """Book what the gateway kept of a charge or for a dispute. None when it is booked already."""
    with transaction.atomic():
        lock_books()
        if Fee.objects.filter(provider=payment.provider, ref=ref).exists():
            return None
        lines = fee_lines(payment.provider, amount)
        journal = enter("fee", f"{payment.provider}:{ref}", at, lines, payment.currency)
        return Fee.objects.create(
            provider=payment.provider, ref=ref, payment=payment, amount=amount, at=at,
            journal=journal,
        )  # fmt: skip


def book_dispute(payment: Payment, disputed: Disputed, zone: str) -> list[Dispute]:
    """Book what is new of a dispute: that it was opened, and how it was decided.

    Until then the money stands in an account of its own. Lost, it is as if it were given back:
    with a credit note, what was not earned yet first, then sales.
    """
    with transaction.atomic():
        lock_books()
        known = Dispute.objects.filter(provider=payment.provider, ref=disputed.ref)
        steps = set(known.values_list("step", flat=True))
        new = []
        if not steps:
            new.append(_opened(payment, disputed))
        if disputed.state != "open" and not steps - {Dispute.OPEN}:
            decide = _won if disputed.state == "won" else _lost
            new.append(decide(payment, disputed, zone))
    return new


def undecided() -> QuerySet[Dispute]:
    """Disputes that were opened and, as far as we know, not decided."""
    decided = Dispute.objects.filter(provider=OuterRef("provider"), ref=OuterRef("ref"))
    return Dispute.objects.filter(~Exists(decided.exclude(step=Dispute.OPEN)))


def _opened(payment: Payment, disputed: Disputed) -> Dispute:
    lines = disputed_lines(payment.provider, disputed.amount)
    journal = _enter(payment, disputed, Dispute.OPEN, disputed.at, lines)
    return _step(payment, disputed, Dispute.OPEN, journal)


def _won(payment: Payment, disputed: Disputed, _zone: str) -> Dispute:
    lines = reversed_lines(disputed_lines(payment.provider, disputed.amount))
    journal = _enter(payment, disputed, Dispute.WON, _decided_at(disputed), lines)
    return _step(payment, disputed, Dispute.WON, journal)


def _lost(payment: Payment, disputed: Disputed, zone: str) -> Dispute:
    carry(payment, zone)
    invoice, at = payment.invoice, _decided_at(disputed)
    owed = owed_back(payment, disputed.amount)
    gone = returned(payment, disputed.amount, amount_of(owed))
    lines = lost_lines(disputed.amount, owed, gone.back.deferred, rest_account(payment))
    journal = _enter(payment, disputed, Dispute.LOST, at, lines)
    give_up(payment, journal, zone, gone)
    note = credit_note(invoice, disputed.amount, owed, at, zone)
    return _step(payment, disputed, Dispute.LOST, journal, note)


def _enter(
    payment: Payment, disputed: Disputed, step: str, at: datetime, lines: tuple[Line, ...]
) -> Journal:
    ref = f"{payment.provider}:{disputed.ref}:{step}"
    return enter("dispute", ref, at, lines, payment.currency)


def _decided_at(disputed: Disputed) -> datetime:
    """Where the gateway does not say when, when we first heard of it counts."""
    return disputed.ended_at or clock.now()


def _step(
    payment: Payment, disputed: Disputed, step: str, journal: Journal, note: Invoice | None = None
) -> Dispute:
    row: Dispute = Dispute.objects.create(
        provider=payment.provider, ref=disputed.ref, step=step, payment=payment,
        amount=disputed.amount, at=journal.at, journal=journal, invoice=note,
        due_at=disputed.due_at if step == Dispute.OPEN else None,
    )  # fmt: skip
    return row
