"""Gifts in the books: what nobody redeemed stands in its account, what was redeemed has left it."""

from collections import Counter as Tally
from collections.abc import Iterator

from django.db.models import Sum

from broadsheet.ledger.checks.problem import REPORT, TAMPERED, Problem
from broadsheet.ledger.models import GiftHold, GiftRelease, Payment, Posting
from broadsheet.ledger.rules import GIFTS


def problems() -> Iterator[Problem]:
    """Every gift's money once, in the right account."""
    expected: Tally[str] = Tally()
    rows = GiftHold.objects.select_related("payment__invoice", "payment__gift_release__journal")
    found = rows.prefetch_related(
        "payment__refunds__invoice", "payment__disputes__invoice",
        "payment__gift_release__journal__postings",
    )  # fmt: skip
    for hold in found.order_by("id").iterator(chunk_size=500):
        payment = hold.payment
        release = getattr(payment, "gift_release", None)
        if release is None:
            expected[payment.currency] += _held(payment, 2**62)
        elif release.journal is not None:
            yield from _released(payment, release)
    yield from _balance(expected)
    for stray in GiftRelease.objects.filter(payment__gift_hold=None).select_related("payment"):
        yield Problem(f"Payment {stray.payment.ref} was redeemed, but is no gift.", TAMPERED)


def _held(payment: Payment, before: int) -> int:
    """What of its net no credit note took back before the journal of that number."""
    gone = [row for row in (*payment.refunds.all(), *payment.disputes.all()) if row.invoice]
    return int(payment.invoice.net + sum(r.invoice.net for r in gone if r.journal_id < before))


def _released(payment: Payment, release: GiftRelease) -> Iterator[Problem]:
    assert release.journal is not None
    moved = sum(p.amount for p in release.journal.postings.all() if p.account == GIFTS)
    held = _held(payment, release.journal.number)
    if not moved == release.amount == held:
        text = f"Gift {payment.ref} held {held}, and {moved} left the gifts when it was redeemed."
        yield Problem(text, TAMPERED)


def _balance(expected: Tally[str]) -> Iterator[Problem]:
    sums = Posting.objects.filter(account=GIFTS).order_by().values("currency")
    posted = {row["currency"]: -row["sum"] for row in sums.annotate(sum=Sum("amount"))}
    for currency in sorted({*posted, *expected}):
        has, should = posted.get(currency, 0), expected[currency]
        if has != should:
            text = f"Gifts are {has} {currency}; those not redeemed come to {should}."
            yield Problem(text, REPORT)
