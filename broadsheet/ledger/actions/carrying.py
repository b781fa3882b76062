"""Carry over what an older version booked: it took a payment for earned when it was paid.

Months that are past stay as they were reported. Once, what is not earned yet leaves the sales
for the deferred revenue, and the one account of all taxes is parted by tax and rate.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from broadsheet.kit import clock
from broadsheet.ledger.actions.deferring import first_open
from broadsheet.ledger.actions.entering import NUMBER, enter, lock_books
from broadsheet.ledger.models import ClosedDay, Deferral, Journal, Payment
from broadsheet.ledger.rules import (
    Stretch,
    carried_lines,
    starting,
    unearned,
)
from broadsheet.press_log.models import Counter

MOST = 500


def carry_over(zone: str) -> int:
    """Spread the payments of an older version over their days in the IANA zone; how many.

    Some hundreds in each transaction: one that is killed goes on where it was.
    """
    count = 0
    while carried := _carry(_older(), zone):
        count += carried
    return count


def carry(payment: Payment, zone: str) -> None:
    """Do so for one payment, unless it has been done. Part of the present transaction."""
    _carry(_older().filter(pk=payment.pk), zone)


def _older() -> QuerySet[Payment]:
    older = Payment.objects.filter(deferrals=None, gift_hold=None)
    return older.select_related("invoice").order_by("pk")


def _carry(older: QuerySet[Payment], zone: str) -> int:
    if not older.exists():
        return 0
    with transaction.atomic():
        lock_books()
        found = list(older.prefetch_related("refunds__invoice")[:MOST])
        opens = _opened(zone)
        for currency in sorted({payment.currency for payment in found}):
            _carry_some([p for p in found if p.currency == currency], opens, zone)
    return len(found)


def _opened(zone: str) -> int:
    """The first open day: today, where no day was ever closed."""
    today = clock.now().astimezone(ZoneInfo(zone)).date().toordinal()
    if not ClosedDay.objects.exists():
        last = Counter.objects.get(name=NUMBER).value
        ClosedDay.objects.create(day=today - 1, journal=last)
    return first_open()


def _carry_some(payments: list[Payment], opens: int, zone: str) -> None:
    stretches = {payment.pk: _stretch(payment, opens, zone) for payment in payments}
    taxes: Tally[str] = Tally()
    for payment in payments:
        papers = [payment.invoice, *(refund.invoice for refund in payment.refunds.all())]
        for paper in papers:
            for account, amount in paper.owed:
                taxes[account] += amount
    journal = _entered(payments, stretches.values(), taxes, opens)
    Deferral.objects.bulk_create(
        Deferral(
            payment=payment, zone=zone, currency=payment.currency,
            journal=journal if unearned(stretches[payment.pk], opens) else None,
            **stretches[payment.pk]._asdict(),
        )
        for payment in payments
    )  # fmt: skip


def _stretch(payment: Payment, opens: int, zone: str) -> Stretch:
    """What is left of a payment after its refunds, over all of its days."""
    back = sum(refund.invoice.net for refund in payment.refunds.all())
    return starting(payment.invoice.net + back, *payment.invoice.days(zone), opens)


def _entered(
    payments: list[Payment], stretches: Iterable[Stretch], taxes: Tally[str], opens: int
) -> Journal | None:
    deferred = sum(unearned(stretch, opens) for stretch in stretches)
    lines = carried_lines(deferred, taxes)
    if not lines:
        return None
    ref = f"{payments[0].pk}-{payments[-1].pk}:{payments[0].currency}"
    return enter("carried", ref, clock.now(), lines, payments[0].currency)
