"""Write payments, refunds and failures into the books, each once, with invoice and postings."""

from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.ledger.actions.carrying import carry
from broadsheet.ledger.actions.crediting import Returned, credit, give_up, returned, unused
from broadsheet.ledger.actions.deferring import defer, first_open
from broadsheet.ledger.actions.entering import enter, lock_books
from broadsheet.ledger.actions.holding import rest_account
from broadsheet.ledger.actions.invoicing import (
    Levied,
    Purchase,
    credit_note,
    invoice_of,
    levied,
    owed_back,
)
from broadsheet.ledger.models import FailedCharge, GiftHold, Payment, Refund
from broadsheet.ledger.providers.base import Charge, Refunded
from broadsheet.ledger.rules import (
    GIFTS,
    Line,
    Owed,
    Stretch,
    amount_of,
    payment_lines,
    refund_lines,
    starting,
    unearned,
)


def book_payment(provider: str, charge: Charge, purchase: Purchase) -> Payment | None:
    """Book a successful charge: journal, invoice, payment. None when it is booked already.

    Raises ValueError for a charge that was not paid. Writes all of it or nothing.
    """
    if not charge.paid:
        raise ValueError(f"{charge.ref} was not paid.")
    with transaction.atomic():
        lock_books()
        if Payment.objects.filter(provider=provider, ref=charge.ref).exists():
            return None
        taxes = levied(purchase, charge.amount, charge.at)
        day = purchase.days()[0]
        rest = unused(purchase.credited, day, purchase.zone)
        stretch = _stretch(taxes.net + rest.deferred, purchase)
        more = unearned(stretch, stretch.since) - rest.deferred
        lines = payment_lines(provider, charge.amount, taxes.owed, more)
        payment = _paid(provider, charge, purchase, taxes, lines)
        journal = payment.journal
        defer(payment, journal, purchase.zone, [stretch])
        if purchase.credited is not None and rest.deferred:
            credit(purchase.credited, payment, journal, purchase.zone, rest, day)
    return payment


def book_gift(provider: str, charge: Charge, purchase: Purchase) -> Payment | None:
    """Book a charge for a gift: the same, but its net waits for whoever redeems it.

    None when it is booked already. Raises ValueError for a charge that was not paid.
    """
    if not charge.paid:
        raise ValueError(f"{charge.ref} was not paid.")
    with transaction.atomic():
        lock_books()
        if Payment.objects.filter(provider=provider, ref=charge.ref).exists():
            return None
        taxes = levied(purchase, charge.amount, charge.at)
        lines = payment_lines(provider, charge.amount, taxes.owed, 0, GIFTS)
        payment = _paid(provider, charge, purchase, taxes, lines)
        GiftHold.objects.create(payment=payment)
    return payment


def _paid(
    provider: str, charge: Charge, purchase: Purchase, taxes: Levied, lines: tuple[Line, ...]
) -> Payment:
    journal = enter("payment", f"{provider}:{charge.ref}", charge.at, lines, charge.currency)
    payment: Payment = Payment.objects.create(
        provider=provider,
        ref=charge.ref,
        reader=purchase.reader,
        amount=charge.amount,
        currency=charge.currency,
        at=charge.at,
        card=charge.card,
        invoice=invoice_of(purchase, charge, taxes),
        journal=journal,
    )
    return payment


def _stretch(net: int, purchase: Purchase) -> Stretch:
    return starting(net, *purchase.days(), first_open())


def refund_of(payment: Payment, amount: int) -> tuple[Owed, Returned, tuple[Line, ...]]:
    """What giving back `amount` now does to the books: what it owes the state, what is not earned,
    the lines."""
    owed = owed_back(payment, amount)
    gone = returned(payment, amount, amount_of(owed))
    deferred, rest = gone.back.deferred, rest_account(payment)
    return owed, gone, refund_lines(payment.provider, amount, owed, deferred, rest)


def book_refund(payment: Payment, refunded: Refunded, zone: str) -> Refund | None:
    """Book money given back: journal, credit note, refund. None when it is booked already.

    What was not earned yet goes first, then sales.
    """
    with transaction.atomic():
        lock_books()
        if Refund.objects.filter(provider=payment.provider, ref=refunded.ref).exists():
            return None
        carry(payment, zone)
        owed, gone, lines = refund_of(payment, refunded.amount)
        ref = f"{payment.provider}:{refunded.ref}"
        journal = enter("refund", ref, refunded.at, lines, payment.currency)
        give_up(payment, journal, zone, gone)
        return Refund.objects.create(
            provider=payment.provider,
            ref=refunded.ref,
            payment=payment,
            amount=refunded.amount,
            at=refunded.at,
            invoice=credit_note(payment.invoice, refunded.amount, owed, refunded.at, zone),
            journal=journal,
        )


def book_failure(provider: str, charge: Charge, reader: User) -> FailedCharge | None:
    """Note a charge that failed. None when it is noted already. Moves no money."""
    with transaction.atomic():
        row, is_new = FailedCharge.objects.get_or_create(
            provider=provider,
            ref=charge.ref,
            defaults={
                "reader": reader,
                "amount": charge.amount,
                "currency": charge.currency,
                "at": charge.at,
                "problem": charge.problem[:300],
            },
        )
    return row if is_new else None
