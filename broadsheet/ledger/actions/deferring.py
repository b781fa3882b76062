"""What of a payment is not earned yet, and what becomes of it when money goes back."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max

from broadsheet.ledger.models import ClosedDay, Deferral, Journal, Payment
from broadsheet.ledger.rules import Stretch, shortened, unearned


class TakenBack(NamedTuple):
    """How much of what goes back was still deferred, and the stretches that say so."""

    deferred: int
    stretches: tuple[Stretch, ...]


def first_open() -> int:
    """The first day that is not closed, 0 when none is closed. Books must be locked."""
    last = ClosedDay.objects.aggregate(last=Max("day"))["last"]
    return 0 if last is None else int(last) + 1


def taken_back(payment: Payment, net: int) -> TakenBack:
    """Give `net` minor units of a payment back: the rest of its deferral goes first."""
    stretch, opens = _running(payment), first_open()
    if stretch is None:
        return TakenBack(0, ())
    return TakenBack(min(net, unearned(stretch, opens)), shortened(stretch, net, opens))


def rest_of(payment: Payment, day: int) -> TakenBack:
    """All that is not earned on the days before `day`, taken off the days from then on."""
    stretch, opens = _running(payment), max(first_open(), day)
    if stretch is None:
        return TakenBack(0, ())
    rest = unearned(stretch, opens)
    return TakenBack(rest, shortened(stretch, rest, opens))


def _running(payment: Payment) -> Stretch | None:
    """The last stretch of a payment, unless that took the one before back."""
    last = payment.deferrals.order_by("-pk").first()
    return last.stretch if last is not None and last.amount > 0 else None


def defer(
    payment: Payment, journal: Journal | None, zone: str, stretches: Iterable[Stretch]
) -> None:
    """Write stretches of a payment; `journal` has posted what is not earned of them."""
    Deferral.objects.bulk_create(
        Deferral(
            payment=payment, journal=journal, zone=zone, currency=payment.currency,
            **stretch._asdict(),
        )
        for stretch in stretches
    )  # fmt: skip
