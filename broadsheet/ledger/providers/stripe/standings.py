"""What Stripe's objects come to: the Standing of one order."""

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, cast

from broadsheet.kit.periods import Interval, Unit, start_of
from broadsheet.ledger.providers.base import (
    Charge,
    Disputed,
    Pending,
    Refunded,
    Standing,
    State,
)
from broadsheet.ledger.providers.stripe.amounts import from_stripe
from broadsheet.ledger.providers.stripe.calling import Json
from broadsheet.ledger.providers.stripe.cards import kept_card
from broadsheet.ledger.providers.stripe.marks import ORDER, Terms, read_turn
from broadsheet.ledger.providers.stripe.objects import Objects, moment, stops
from broadsheet.ledger.providers.stripe.pausing import rest_of, rests_until

STATES: dict[str, State] = {
    "incomplete": "open", "incomplete_expired": "closed", "trialing": "active", "active": "active",
    "past_due": "past_due", "unpaid": "past_due", "paused": "past_due", "canceled": "ended",
}  # fmt: skip
"""Of a subscription's `status`. Paused is what Stripe calls a trial that ended without a card."""

DECIDED: dict[str, Literal["open", "won", "lost"]] = {
    "needs_response": "open", "under_review": "open", "won": "won", "lost": "lost",
    "appeal_needs_response": "lost", "appeal_under_review": "lost",
}  # fmt: skip
"""Of a dispute's `status`. Not here: inquiries, by which no money moves."""


UNANSWERED = "There is no card to charge, or its bank wants its holder to confirm the payment."


def foreign(customer: str) -> Standing:
    """Of an object that no paper made."""
    return Standing(customer, "", "closed", 0, "", Interval("month", 1))


def standing(found: Objects, terms: Terms, pending: Pending | None, now: datetime) -> Standing:
    """Everything there is to say of an order of ours at a moment.

    Not what somebody charged by hand besides, nor what became of that: it pays for no period.
    """
    charges = _charges(found, terms)
    ours = {charge.ref for charge in charges}
    base = Standing(
        ref=found.customer,
        key=terms.key,
        state="open",
        amount=terms.amount,
        currency=terms.currency,
        interval=terms.interval,
        renews=terms.renews,
        url=(found.session and found.session["url"]) or "",
        charges=charges,
        refunds=tuple(refund for refund in _refunds(found) if refund.charge in ours),
        disputes=tuple(dispute for dispute in _disputes(found) if dispute.charge in ours),
    )
    if found.subscription is not None:
        return _billed(base, found, found.subscription, pending)
    return _once(base, found, terms, now)


def _once(base: Standing, found: Objects, terms: Terms, now: datetime) -> Standing:
    """Before there is a subscription, or what was sold without one."""
    status = found.session["status"] if found.session else "open"
    if status != "complete":
        return replace(base, state="closed" if status == "expired" else "open")
    paid = next((charge.at for charge in base.charges if charge.paid), None)
    if paid is None:
        return base
    over = start_of(paid, 1, terms.interval, terms.zone) <= now
    return replace(base, state="ended" if over else "active", started_at=paid)


def _billed(base: Standing, found: Objects, sub: Json, pending: Pending | None) -> Standing:
    price = sub["items"]["data"][0]["price"]
    turn, rest = read_turn(price), rest_of(sub)
    every = price["recurring"]
    # A second item, put there by hand, is part of what is charged: then the price is not ours.
    amount = sum(i["price"]["unit_amount"] * i["quantity"] for i in sub["items"]["data"])
    return replace(
        base,
        state=STATES[sub["status"]],
        amount=from_stripe(amount, sub["currency"].upper()),
        currency=sub["currency"].upper(),
        interval=Interval(cast(Unit, every["interval"]), every["interval_count"]),
        started_at=moment(sub["billing_cycle_anchor"]),
        renews=_renews(sub),
        pay_url=_pay_url(found, sub),
        base=max(turn.number if turn else 0, rest.number if rest else 0),
        terms=turn.key if turn else "",
        pending=pending,
        rests_until=rests_until(sub),
        card=kept_card(sub),
    )


def _renews(sub: Json) -> bool:
    if sub["status"] == "canceled":
        return bool((sub["cancellation_details"] or {}).get("reason") == "payment_failed")
    return not stops(sub)


def _pay_url(found: Objects, sub: Json) -> str:
    if STATES[sub["status"]] != "past_due":
        return ""
    due = [invoice for invoice in found.periods() if invoice["status"] == "open"]
    return (due[-1]["hosted_invoice_url"] or "") if due else ""


def _charges(found: Objects, terms: Terms) -> tuple[Charge, ...]:
    made: list[Charge] = []
    for number, invoice in enumerate(found.periods()):
        intents = {paid["payment"].get("payment_intent") for paid in invoice["payments"]["data"]}
        mine = [c for c in found.charges if c["payment_intent"] in intents]
        made += [_charge(charge, number) for charge in mine if charge["status"] != "pending"]
        if invoice["status"] == "open" and invoice["attempted"] and not mine:
            made.append(_asked(invoice, number))
        if invoice["status"] == "paid" and not invoice["total"]:
            made.append(_nothing(invoice, number))
    if found.subscription is None:
        decided = [charge for charge in found.charges if charge["status"] != "pending"]
        made = [_charge(c, 0) for c in decided if c["metadata"].get(ORDER)]
    return tuple(sorted(made, key=lambda charge: charge.at))


def _charge(charge: Json, number: int) -> Charge:
    paid, currency = charge["status"] == "succeeded", charge["currency"].upper()
    card = (charge["payment_method_details"] or {}).get("card") or {}
    return Charge(
        ref=charge["id"],
        number=number,
        amount=from_stripe(charge["amount"], currency),
        currency=currency,
        at=moment(charge["created"]),
        paid=paid,
        problem="" if paid else problem_of(charge),
        card=f"•••• {card['last4']}" if card.get("last4") else "",
        fee=_fee([charge["balance_transaction"]], currency) if paid else 0,
    )


def problem_of(charge: Json) -> str:
    """Stripe's sentence about a charge that failed."""
    return str(charge["failure_message"] or "The payment failed.")


def _asked(invoice: Json, number: int) -> Charge:
    """An attempt that came to no charge: there is no card any more, or its bank wants to ask."""
    currency = invoice["currency"].upper()
    at = moment(invoice["status_transitions"]["finalized_at"] or invoice["created"])
    amount = from_stripe(invoice["amount_due"], currency)
    return Charge(invoice["id"], number, amount, currency, at, paid=False, problem=UNANSWERED)


def _nothing(invoice: Json, number: int) -> Charge:
    """A period that cost nothing: its invoice is paid, and there is no charge."""
    at = moment(invoice["status_transitions"]["paid_at"] or invoice["created"])
    return Charge(invoice["id"], number, 0, invoice["currency"].upper(), at, paid=True)


def _fee(transactions: list[Json | None], currency: str) -> int:
    """What Stripe kept, in the charge's currency even where the account is kept in another."""
    kept = Decimal(0)
    for booked in transactions:
        if booked is None:
            continue
        rate = Decimal(str(booked["exchange_rate"] or 1))
        there, here = booked["currency"].upper(), currency
        same = from_stripe(booked["fee"], there) if there == here else booked["fee"]
        kept += Decimal(same) if there == here else Decimal(same) / rate
    return int(kept.quantize(Decimal(1), ROUND_HALF_UP))


def _refunds(found: Objects) -> tuple[Refunded, ...]:
    made = [
        Refunded(
            refund["id"],
            charge["id"],
            from_stripe(refund["amount"], refund["currency"].upper()),
            moment(refund["created"]),
        )
        for charge in found.charges
        for refund in reversed(charge["refunds"]["data"])
        if refund["status"] == "succeeded"
    ]
    return tuple(sorted(made, key=lambda refund: refund.at))


def _disputes(found: Objects) -> tuple[Disputed, ...]:
    known = [dispute for dispute in found.disputes if dispute["status"] in DECIDED]
    return tuple(sorted(map(_dispute, known), key=lambda disputed: disputed.at))


def _dispute(dispute: Json) -> Disputed:
    """Stripe has no moment of the decision: it is that of the last movement of its money."""
    state, currency = DECIDED[dispute["status"]], dispute["currency"].upper()
    due = (dispute["evidence_details"] or {}).get("due_by")
    moved = [booked["created"] for booked in dispute["balance_transactions"]]
    return Disputed(
        ref=dispute["id"],
        charge=dispute["charge"],
        amount=from_stripe(dispute["amount"], currency),
        at=moment(dispute["created"]),
        state=state,
        ended_at=None if state == "open" else moment(max([dispute["created"], *moved])),
        fee=_fee(dispute["balance_transactions"], currency),
        due_at=moment(due) if due else None,
    )
