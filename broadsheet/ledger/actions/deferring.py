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
    last = payment.deferrals.order_by("-pk").first()
    if last is None or last.amount <= 0:
        return TakenBack(0, ())
    opens = first_open()
    return TakenBack(min(net, unearned(last.stretch, opens)), shortened(last.stretch, net, opens))


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
