"""What a change of plan does to what is not earned yet: the rest of a payment changes its days.

No money moves and nothing is posted twice: what leaves the days of one payment is part of what the
journal of the other defers.
"""

from typing import NamedTuple

from django.db.models import Sum

from broadsheet.ledger.actions.carrying import carry
from broadsheet.ledger.actions.deferring import TakenBack, defer, rest_of, taken_back
from broadsheet.ledger.models import Credit, Invoice, Journal, Payment
from broadsheet.ledger.rules import Stretch

NOTHING = TakenBack(0, ())


class Returned(NamedTuple):
    """What money that goes back does to the deferred revenue.

    `back` is what happens on the payment's own days; `source` earns `stretch` again, if anything.
    """

    back: TakenBack
    source: Payment | None = None
    stretch: Stretch | None = None


def unused(source: Payment | None, day: int, zone: str) -> TakenBack:
    """What a payment that a change of plan ended on `day` has not earned."""
    if source is None:
        return NOTHING
    carry(source, zone)
    return rest_of(source, day)


def credit(
    source: Payment, payment: Payment, journal: Journal, zone: str, rest: TakenBack, day: int
) -> None:
    """Write down that the rest of `source` is earned with `payment` from `day` on."""
    defer(source, journal, zone, rest.stretches)
    Credit.objects.create(
        source=source, payment=payment, amount=rest.deferred, day=day, journal=journal
    )


def returned(payment: Payment, amount: int, owed: int) -> Returned:
    """Give `amount` of a payment back, `owed` of it to others: what is not earned yet goes first.

    Given back whole, what a change had moved here and is not earned yet is earned over the days
    that are left of the old payment; at once when there are none, or when that was given back too.
    """
    back = taken_back(payment, amount - owed)
    came = payment.credits.filter(journal=payment.journal_id).select_related("source").first()
    left = back.stretches[1:]
    if came is None or not left or not _is_gone(payment, amount):
        return Returned(back)
    source, (undone, rest) = came.source, back.stretches
    until = source.invoice.days(source.deferrals.all()[0].zone)[1]
    if rest.since >= until or _is_gone(source, 0):
        return Returned(TakenBack(back.deferred + rest.amount, (undone,)))
    stretch = Stretch(rest.amount, rest.since, until, rest.since)
    return Returned(TakenBack(back.deferred, (undone,)), source, stretch)


def _is_gone(payment: Payment, amount: int) -> bool:
    """Whether nothing is left of a payment once `amount` goes back, too."""
    notes = Invoice.objects.filter(credits=payment.invoice).aggregate(total=Sum("total"))
    return amount - (notes["total"] or 0) >= payment.amount


def give_up(payment: Payment, journal: Journal, zone: str, gone: Returned) -> None:
    """Write what `returned` found; `journal` has posted it."""
    defer(payment, journal, zone, gone.back.stretches)
    if gone.source is not None and gone.stretch is not None:
        defer(gone.source, journal, zone, [gone.stretch])
        Credit.objects.create(
            source=payment, payment=gone.source, amount=gone.stretch.amount,
            day=gone.stretch.since, journal=journal,
        )  # fmt: skip
