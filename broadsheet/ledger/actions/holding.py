"""Gifts in the books: held until they are redeemed, then earned over the days they open."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from broadsheet.ledger.actions.deferring import defer, first_open
from broadsheet.ledger.actions.entering import enter, lock_books
from broadsheet.ledger.models import GiftHold, GiftRelease, Invoice, Payment
from broadsheet.ledger.rules import (
    GIFTS,
    SALES,
    days_of,
    redeemed_lines,
    starting,
    unearned,
)


def rest_account(payment: Payment) -> str:
    """Where the net of a payment stands that is neither deferred nor owed: in the gifts as long as
    nobody has redeemed it, else in the sales. Books must be locked."""
    held = GiftHold.objects.filter(payment=payment, payment__gift_release=None)
    return GIFTS if held.exists() else SALES


def release_gift(
    payment: Payment, starts: datetime, ends: datetime, at: datetime, zone: str
) -> GiftRelease:
    """Earn what is left of a gift's net over the days from `starts` to `ends` in the IANA zone.

    `at` is when it was redeemed. A second time changes nothing. Raises ValueError for a payment
    that is no gift.
    """
    with transaction.atomic():
        lock_books()
        known: GiftRelease | None = GiftRelease.objects.filter(payment=payment).first()
        if known is not None:
            return known
        if not GiftHold.objects.filter(payment=payment).exists():
            raise ValueError(f"Payment {payment.ref} is no gift.")
        amount = held_of(payment)
        first, until = days_of(starts, ends, zone)
        stretch = starting(amount, first, until, first_open())
        lines = redeemed_lines(amount, unearned(stretch, stretch.since))
        ref = f"{payment.provider}:{payment.ref}"
        journal = enter("gift", ref, at, lines, payment.currency) if lines else None
        defer(payment, journal, zone, [stretch])
        release: GiftRelease = GiftRelease.objects.create(
            payment=payment, journal=journal, amount=amount, zone=zone, first=first, until=until
        )
    return release


def held_of(payment: Payment) -> int:
    """Net minor units of a gift that no credit note took back."""
    notes = Invoice.objects.filter(credits=payment.invoice).aggregate(net=Sum("net"))
    return int(payment.invoice.net + (notes["net"] or 0))
