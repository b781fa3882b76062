"""What is deferred, counted once more from invoices, periods, credits and credit notes."""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

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


class Event(NamedTuple):
    """By which journal how much left (below zero: came to) the days of a payment from `day` on.

    `turn` orders what one journal did: money back, then what moved, then what was earned at once.
    """

    journal: int
    turn: int
    amount: int
    day: int = 0


EVERYTHING = 2**62


@dataclass(slots=True)
class Left:
    """What is not earned yet of a payment, evenly over [first, until), as events change it."""

    amount: int
    first: int
    until: int
    since: int
    running: list[tuple[Stretch, int]] = field(default_factory=list)

    def take(self, event: Event, opens: int) -> None:
        """What an event does when `opens` is the first open day.

        Days that end by it and are not closed yet are still to be earned: they are `running`.
        """
        before = Stretch(self.amount, self.first, self.until, self.since)
        since = max(self.since, opens, event.day)
        self.running.append((before, since))
        self.amount -= earned(before, since)
        is_note = event.turn in (0, 3)
        self.amount -= min(event.amount, self.amount) if is_note else event.amount
        self.first, self.since = min(since, self.until - 1), since

    def by(self, opens: int) -> int:
        """What is still deferred when `opens` is the first open day."""
        still = unearned(Stretch(self.amount, self.first, self.until, self.since), opens)
        for stretch, end in self.running:
            begin = max(opens, stretch.since)
            still += max(0, earned(stretch, end) - earned(stretch, begin))
        return still


def problems() -> Iterator[Problem]:
    """Every payment over its days, every day closed once, and the balance of it all."""
    closings = Closings()
    yield from _days(closings)
    expected: Tally[str] = Tally()
    rows = (
        Payment.objects.select_related("invoice", "gift_release")
        .prefetch_related(
            "deferrals", "refunds__invoice", "disputes__invoice", "credits", "credited"
        )
        .exclude(gift_hold__isnull=False, gift_release=None)
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
    first, until = _days_of(payment, spread)
    came = [c.day for c in payment.credits.all() if c.journal_id == spread.journal_id]
    if any(day != first for day in came):
        return False
    if spread.journal_id is None:
        return (spread.first, spread.until) == (first, until)
    since = max(first, closings.open_for(spread.journal_id))
    return (spread.first, spread.until, spread.since) == (first, until, since)


def _days_of(payment: Payment, spread: Deferral) -> tuple[int, int]:
    """The days of the invoice; of a gift, those for which it was redeemed."""
    redeemed = getattr(payment, "gift_release", None)
    if redeemed is not None:
        return redeemed.first, redeemed.until
    return payment.invoice.days(spread.zone)


def _left(payment: Payment, spread: Deferral, closings: Closings) -> int:
    """What of a payment is not earned yet: from its invoice, period, credits and credit notes."""
    if spread.journal_id is None:
        return 0
    booked = spread.journal_id
    notes = _notes(payment)
    # What went back before an older version's payment was carried over was never deferred.
    amount = payment.invoice.net - sum(net for number, net in notes if number < booked)
    amount += sum(c.amount for c in payment.credits.all() if c.journal_id == booked)
    first, until = _days_of(payment, spread)
    left = Left(amount, first, until, max(first, closings.open_for(booked)))
    for event in _events(payment, booked, notes):
        left.take(event, closings.open_for(event.journal))
    return left.by(closings.opens)


def _notes(payment: Payment) -> list[tuple[int, int]]:
    gone = [row for row in (*payment.refunds.all(), *payment.disputes.all()) if row.invoice]
    return sorted((row.journal_id, -row.invoice.net) for row in gone)


def _is_gone(payment: Payment) -> bool:
    papers = [row.invoice for row in (*payment.refunds.all(), *payment.disputes.all())]
    back = -sum(note.total for note in papers if note)
    return bool(back >= payment.amount)


def _events(payment: Payment, booked: int, notes: list[tuple[int, int]]) -> list[Event]:
    """What changed what is left of a payment after it was booked, in the order of the journals."""
    events = [Event(number, 0, net) for number, net in notes if number > booked]
    for went in payment.credited.all():
        events.append(Event(went.journal_id, 1, went.amount, went.day))
    came = payment.credits.all()
    for credit in came:
        if credit.journal_id != booked:
            events.append(Event(credit.journal_id, 2, -credit.amount, credit.day))
    moved = {credit.journal_id for credit in payment.credited.all()}
    if (
        _is_gone(payment)
        and notes[-1][0] not in moved
        and any(c.journal_id == booked for c in came)
    ):
        events.append(Event(notes[-1][0], 3, EVERYTHING))
    return sorted(events)


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
