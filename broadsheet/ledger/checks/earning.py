"""What is deferred, counted once more from invoices, their periods and their credit notes."""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator
from datetime import date

from django.db.models import Sum

from broadsheet.ledger.checks.problem import REPORT, TAMPERED, Problem
from broadsheet.ledger.models import ClosedDay, Deferral, Journal, Payment, Posting
from broadsheet.ledger.rules import DEFERRED, Stretch, earned, unearned

CARRY = "Run 'broadsheet serve' once: it carries over what an older version booked."


class Closings:
    """The closed days, and which of them a ledger journal knew of."""

    def __init__(self) -> None:
        rows = list(ClosedDay.objects.values_list("day", "journal"))
        self.days = [day for day, _journal in rows]
        self._journals = [journal for _day, journal in rows]

    @property
    def opens(self) -> int:
        """The first open day, 0 when none is closed."""
        return self.days[-1] + 1 if self.days else 0

    def open_for(self, journal: int) -> int:
        """The first day that was open when the journal of this number was written."""
        known = bisect_left(self._journals, journal)
        return self.days[known - 1] + 1 if known else 0


def problems() -> Iterator[Problem]:
    """Every payment over its days, every day closed once, and the balance of it all."""
    closings = Closings()
    yield from _days(closings)
    expected: Tally[str] = Tally()
    rows = Payment.objects.select_related("invoice").prefetch_related(
        "deferrals", "refunds__invoice", "disputes__invoice"
    )
    for payment in rows.order_by("id").iterator(chunk_size=500):
        deferrals = list(payment.deferrals.all())
        if not deferrals:
            yield Problem(f"Payment {payment.ref} is not spread over its days.", CARRY)
            continue
        if not _fits(payment, deferrals[0], closings):
            text = f"Payment {payment.ref} is spread over other days than those of its invoice."
            yield Problem(text, TAMPERED)
        left = _left(payment, deferrals[0], closings)
        expected[payment.currency] += left
        said = sum(unearned(row.stretch, closings.opens) for row in deferrals)
        if said != left:
            text = f"Of payment {payment.ref} {left} is not earned yet; its deferrals say {said}."
            yield Problem(text, TAMPERED)
    yield from _balance(expected)


def _fits(payment: Payment, spread: Deferral, closings: Closings) -> bool:
    """Whether the days are the invoice's, and deferred since the books knew of the payment."""
    first, until = payment.invoice.days(spread.zone)
    if spread.journal_id is None:
        return (spread.first, spread.until) == (first, until)
    since = max(first, closings.open_for(spread.journal_id))
    return (spread.first, spread.until, spread.since) == (first, until, since)


def _left(payment: Payment, spread: Deferral, closings: Closings) -> int:
    """What of a payment is not earned yet: from its invoice, its period and its credit notes."""
    if spread.journal_id is None:
        return 0
    invoice, booked = payment.invoice, spread.journal_id
    gone = [row for row in (*payment.refunds.all(), *payment.disputes.all()) if row.invoice]
    notes = sorted((row.journal_id, -row.invoice.net) for row in gone)
    # What went back before an older version's payment was carried over was never deferred.
    left = invoice.net - sum(net for number, net in notes if number < booked)
    first, until = invoice.days(spread.zone)
    since = max(first, closings.open_for(booked))
    for number, net in notes:
        if number > booked and since < until:
            since = max(since, closings.open_for(number))
            left -= earned(Stretch(left, first, until, first), since)
            left, first = left - min(net, left), min(since, until - 1)
    stretch = Stretch(left, first, until, since)
    return unearned(stretch, closings.opens)


def _balance(expected: Tally[str]) -> Iterator[Problem]:
    sums = Posting.objects.filter(account=DEFERRED).order_by().values("currency")
    posted = {row["currency"]: -row["sum"] for row in sums.annotate(sum=Sum("amount"))}
    for currency in sorted({*posted, *expected}):
        has, should = posted.get(currency, 0), expected[currency]
        if has != should:
            text = f"Deferred is {has} {currency}; by invoices and periods it should be {should}."
            yield Problem(text, REPORT)


def _days(closings: Closings) -> Iterator[Problem]:
    for before, day in zip(closings.days, closings.days[1:], strict=False):
        if day != before + 1:
            text = f"{date.fromordinal(before + 1)} was left out when days were closed."
            yield Problem(text, TAMPERED)
    known = {date.fromordinal(day).isoformat() for day in closings.days}
    released = Journal.objects.filter(kind="release").values_list("number", "ref")
    for number, ref in released.iterator(chunk_size=500):
        if ref.partition(":")[0] not in known:
            yield Problem(f"Journal {number} ({ref}) releases a day that is open.", TAMPERED)
