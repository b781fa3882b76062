"""What a gateway says of one checkout, beside what the books and the subscription say."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from broadsheet.ledger.models import Dispute, Fee, Payment, Refund
from broadsheet.ledger.providers.base import Standing
from broadsheet.subscriptions.models import Checkout, GiftSubscription, Pause, Subscription

FRESH = timedelta(hours=1)
"""What happened so lately may be on its way to us; the next night looks at it again."""


class Differs(NamedTuple):
    """One difference; see `ledger.models.Difference`."""

    kind: str
    about: str = ""
    ours: int | None = None
    theirs: int | None = None
    currency: str = ""


class Sum(NamedTuple):
    """An amount in minor units, and when it moved."""

    amount: int
    currency: str
    at: datetime


def is_ours(provider: str, standing: Standing) -> bool:
    """Whether it is of this paper: by our key, or by a charge that the books have."""
    for kind in (Checkout, GiftSubscription):
        if kind._default_manager.filter(provider=provider, key=standing.key).exists():
            return True
    charges = [charge.ref for charge in standing.charges]
    return Payment.objects.filter(provider=provider, ref__in=charges).exists()


def differences(provider: str, standing: Standing, now: datetime) -> list[Differs]:
    """Everything that differs, but for what happened within `FRESH`. A handful of queries."""
    checkout = Checkout.objects.filter(provider=provider, key=standing.key).first()
    found = Subscription.objects.filter(provider=provider, ref=standing.ref).first()
    money = [d for side in _sides(provider, standing) for d in _compared(*side, now - FRESH)]
    lost = checkout is not None and not checkout.ref and checkout.made_at <= now - FRESH
    return [
        *([Differs("unlearned")] if lost else []),
        *money,
        *(_state(found, standing) if found else ()),
        *(_rest(found, standing, now) if found else ()),
        *(_card(found, standing) if found else ()),
    ]


Side = tuple[str, Mapping[str, Sum], Mapping[str, Sum]]


def _sides(provider: str, standing: Standing) -> Iterator[Side]:
    """Each kind of money with what the gateway has and what the books have, by reference."""
    paid = {c.ref: Sum(c.amount, c.currency, c.at) for c in standing.charges if c.paid and c.amount}
    payments = _payments(provider, standing, paid)
    currency = standing.currency
    fees = {c.ref: Sum(c.fee, c.currency, c.at) for c in standing.charges if c.paid and c.fee}
    fees |= {d.ref: Sum(d.fee, currency, d.at) for d in standing.disputes if d.fee}
    refunds = {r.ref: Sum(r.amount, currency, r.at) for r in standing.refunds}
    yield "charge", paid, {p.ref: Sum(p.amount, p.currency, p.at) for p in payments}
    yield "refund", refunds, _booked(Refund.objects.filter(payment__in=payments), currency)
    yield "fee", fees, _booked(Fee.objects.filter(payment__in=payments), currency)
    yield "dispute", _steps(standing), _taken(payments, currency)


def _payments(provider: str, standing: Standing, paid: Mapping[str, Sum]) -> list[Payment]:
    subscription = {"period__subscription__provider": provider}
    of_this = Q(period__subscription__ref=standing.ref, **subscription)
    return list(Payment.objects.filter(Q(provider=provider, ref__in=paid) | of_this))


def _booked(rows: QuerySet[Refund] | QuerySet[Fee], currency: str) -> dict[str, Sum]:
    found = rows.values_list("ref", "amount", "at")
    return {ref: Sum(amount, currency, at) for ref, amount, at in found}


def _steps(standing: Standing) -> dict[str, Sum]:
    found = {}
    for d in standing.disputes:
        found[f"{d.ref}:{Dispute.OPEN}"] = Sum(d.amount, standing.currency, d.at)
        if d.state != Dispute.OPEN:
            found[f"{d.ref}:{d.state}"] = Sum(d.amount, standing.currency, d.ended_at or d.at)
    return found


def _taken(payments: list[Payment], currency: str) -> dict[str, Sum]:
    rows = Dispute.objects.filter(payment__in=payments).values_list("ref", "step", "amount", "at")
    return {f"{ref}:{step}": Sum(amount, currency, at) for ref, step, amount, at in rows}


def _compared(
    kind: str, theirs: Mapping[str, Sum], ours: Mapping[str, Sum], before: datetime
) -> Iterator[Differs]:
    for ref, sum_ in theirs.items():
        booked = ours.get(ref)
        if booked is None and sum_.at <= before:
            yield Differs(f"{kind}_missing", ref, None, sum_.amount, sum_.currency)
        elif booked is not None and booked[:2] != sum_[:2]:
            yield Differs(f"{kind}_amount", ref, booked.amount, sum_.amount, sum_.currency)
    for ref in ours.keys() - theirs.keys():
        yield Differs(f"{kind}_unknown", ref, ours[ref].amount, None, ours[ref].currency)


def _state(subscription: Subscription, standing: Standing) -> Iterator[Differs]:
    """Whether both mean to go on; what a reader wished and the gateway has not heard is no
    difference: it is being told."""
    overdue = bool(standing.charges) and not standing.charges[-1].paid
    if subscription.renews != subscription.renews_told:
        return
    if subscription.renews and standing.state == "ended" and not overdue:
        yield Differs("ended")
    elif subscription.renews and standing.state == "active" and not standing.renews:
        yield Differs("stopped")
    elif not subscription.renews and standing.renews and standing.state in ("active", "past_due"):
        yield Differs("runs_on")
    if subscription.state == Subscription.ACTIVE and subscription.renews and overdue:
        yield Differs("overdue")


def _rest(subscription: Subscription, standing: Standing, now: datetime) -> Iterator[Differs]:
    """Whether both rest until the same moment; what the gateway is being told is no difference."""
    untold = subscription.pauses.filter(state__in=Pause.UNTOLD)
    ours, theirs = subscription.resumes_at, standing.rests_until
    ours = ours if ours is not None and ours > now else None
    if subscription.is_live and ours != theirs and not untold.exists():
        yield Differs("paused")


def _card(subscription: Subscription, standing: Standing) -> Iterator[Differs]:
    """Whether both mean the same card of later charges."""
    card = standing.card
    if subscription.is_live and card is not None and subscription.card_ref not in ("", card.ref):
        yield Differs("card")
