"""Payments that a reader's bank took back: what is open, until when, and what became of access."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money
from broadsheet.ledger.models import Dispute, Fee
from broadsheet.subscriptions.models import GiftSubscription, PaidPeriod
from broadsheet.subscriptions.reads.business.payments import Sink, guarded
from broadsheet.subscriptions.reads.business.written import Words, reader_name
from broadsheet.subscriptions.reads.gifts.shown import state_of, state_text

HEAD = (
    "opened", "state", "decided", "evidence_until", "reader", "invoice", "amount", "fee",
    "currency", "gateway", "reference",
)  # fmt: skip
TONES = {"open": "bad", "won": "good", "lost": "quiet"}


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A line; `subscription` is a key or 0, `due` is past or None when nothing can be sent."""

    at: datetime
    state: str
    tone: str
    decided: datetime | None
    due: datetime | None
    amount: str
    fee: str
    reader: str
    invoice: str
    access: str
    subscription: int


def states() -> list[tuple[str, str]]:
    """The filter's choices."""
    return [("", _("All")), ("open", _("Open")), ("won", _("Won")), ("lost", _("Lost"))]


def state_name(state: str) -> str:
    """Of one dispute."""
    return {"open": _("open"), "won": _("won"), "lost": _("lost")}[state]


def disputes(state: str = "") -> QuerySet[Dispute]:
    """Open ones first, the soonest deadline before the later ones; then the newest."""
    same = Dispute.objects.filter(provider=OuterRef("provider"), ref=OuterRef("ref"))
    decision = same.exclude(step=Dispute.OPEN)
    fee = Fee.objects.filter(provider=OuterRef("provider"), ref=OuterRef("ref"))
    found: Any = (
        Dispute.objects.filter(step=Dispute.OPEN)
        .annotate(
            decision=Coalesce(Subquery(decision.values("step")[:1]), "step"),
            decided_at=Subquery(decision.values("at")[:1]),
            fee=Subquery(fee.values("amount")[:1]),
        )
        .select_related(
            "payment__reader", "payment__invoice", "payment__period__subscription", "payment__gift"
        )
    )
    if state in dict(states()) and state:
        found = found.filter(decision=state)
    is_decided = Case(When(decided_at=None, then=0), default=1)
    due = Case(When(decided_at=None, then="due_at"))
    in_order: QuerySet[Dispute] = found.order_by(is_decided, due.asc(nulls_last=True), "-at", "-pk")
    return in_order


def dispute_rows(found: Iterable[Dispute], words: Words) -> list[DisputeRow]:
    """A line for each dispute of `disputes()`."""
    return [_row(dispute, words) for dispute in found]


def _row(dispute: Dispute, words: Words) -> DisputeRow:
    payment, state = dispute.payment, dispute.decision  # type: ignore[attr-defined]
    period, gift = getattr(payment, "period", None), getattr(payment, "gift", None)
    fee = dispute.fee or 0  # type: ignore[attr-defined]
    return DisputeRow(
        at=dispute.at,
        state=state_name(state),
        tone=TONES[state],
        decided=dispute.decided_at,  # type: ignore[attr-defined]
        due=dispute.due_at if state == Dispute.OPEN else None,
        amount=words.amount(dispute.amount, payment.currency),
        fee=words.amount(fee, payment.currency) if fee else "",
        reader=reader_name(payment.reader),
        invoice=payment.invoice.label,
        access=_gift_access(gift) if gift else _access(period, words),
        subscription=period.subscription_id if period else 0,
    )


def _access(period: PaidPeriod | None, words: Words) -> str:
    """What happens to what this payment paid for."""
    if period is None:
        return _("The account is gone.")
    if period.refunded_at is not None:
        live = period.subscription.is_live
        return _("Its period is closed; others go on.") if live else _("Access ended.")
    if period.ends <= clock.now():
        return _("Its period is over.")
    return _("Open until %(day)s.") % {"day": words.day(period.ends)}


def _gift_access(gift: GiftSubscription) -> str:
    return state_text(state_of(gift)).capitalize() + "."


def write_csv(sink: Sink, found: QuerySet[Dispute], words: Words) -> None:
    """Write disputes as RFC 4180 lines: dates in the paper's zone, amounts in major units."""
    lines = csv.writer(sink)
    lines.writerow(HEAD)
    for row in found.iterator(chunk_size=500):
        lines.writerow(_line(row, words))


def _line(row: Dispute, words: Words) -> list[str]:
    def day(at: datetime | None) -> str:
        return at.astimezone(words.zone).date().isoformat() if at else ""

    payment, currency = row.payment, row.payment.currency
    fee = row.fee or 0  # type: ignore[attr-defined]
    return [
        day(row.at),
        row.decision,  # type: ignore[attr-defined]
        day(row.decided_at),  # type: ignore[attr-defined]
        day(row.due_at),
        guarded(reader_name(payment.reader)),
        guarded(payment.invoice.label),
        f"{Money(row.amount, currency).major:f}",
        f"{Money(fee, currency).major:f}",
        currency,
        guarded(row.provider),
        guarded(row.ref),
    ]
