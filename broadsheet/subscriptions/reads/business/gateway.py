"""What the gateway said, and what of it was refused."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from broadsheet.ledger.models import Delivery, Event, RefundOrder
from broadsheet.subscriptions.models import Checkout
from broadsheet.subscriptions.reads.business.written import Words, reader_name

MOST = 30
"""So many refused ones of each kind are shown, the newest."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """A line of the log."""

    at: datetime
    kind: str
    ref: str
    state: str
    tone: str
    problem: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Something that was not booked, or not given back, and why."""

    at: datetime
    what: str
    who: str
    problem: str


def events(*, problems: bool = False) -> QuerySet[Event]:
    """The newest first; only those with a problem when asked."""
    found: QuerySet[Event] = Event.objects.order_by("-id").defer("delivery")
    return found.exclude(problem="") if problems else found


def event_row(event: Event) -> EventRow:
    """A line for an event."""
    if event.taken_at is None:
        state, tone = _("waits"), "warn"
    else:
        state, tone = (_("refused"), "bad") if event.problem else (_("taken up"), "good")
    return EventRow(event.received_at, event.kind, event.ref, state, tone, event.problem)


def refused_deliveries() -> list[RefusedRow]:
    """Webhooks that nobody signed, or too long ago."""
    found = Delivery.objects.exclude(problem="").only("received_at", "provider", "problem")
    return [RefusedRow(row.received_at, row.provider, "", row.problem) for row in found[:MOST]]


def refused_checkouts(words: Words) -> list[RefusedRow]:
    """Checkouts whose amount at the gateway is not the plan's, and the like."""
    found = Checkout.objects.exclude(problem="").select_related("reader", "version__plan")
    return [
        RefusedRow(
            row.asked_at or row.made_at,
            f"{row.version.plan.name}, {words.amount(row.amount, row.currency)}",
            row.reader.email,
            row.problem,
        )
        for row in found.order_by("-pk")[:MOST]
    ]


def waiting_refunds(words: Words) -> list[RefusedRow]:
    """Refunds that the gateway refused, or has not heard of."""
    waiting = RefundOrder.objects.filter(told_at=None).select_related("payment__reader", "payment")
    return [
        RefusedRow(
            row.asked_at,
            words.amount(row.amount, row.payment.currency),
            reader_name(row.payment.reader),
            row.problem or _("The gateway has not heard of it yet."),
        )
        for row in waiting.order_by("-pk")[:MOST]
    ]
