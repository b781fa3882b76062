"""Payments, refunds and disputes as Razorpay shows them, as charges of our periods."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from broadsheet.ledger.providers.base import Charge, Disputed, Refunded
from broadsheet.ledger.providers.razorpay.calling import Api, every

PAID = frozenset({"captured", "refunded"})
"""A payment only `authorized` is not ours yet and goes back by itself."""

INQUIRIES = frozenset({"retrieval", "fraud"})
"""Phases of a dispute in which the bank asks and takes nothing."""


def moment(seconds: Any) -> datetime:
    """A moment of Razorpay's, which are Unix seconds."""
    return datetime.fromtimestamp(int(seconds), UTC)


def payments_of(api: Api, order: str) -> list[dict[str, Any]]:
    """All attempts to pay an order of Razorpay's, the failed ones too."""
    return list(api.order.payments(order, {"expand[]": "card"})["items"])


def is_returned(payment: Mapping[str, Any]) -> bool:
    """Whether Razorpay gave a payment back by itself, because another one had paid or it came too
    late: it was never ours."""
    return payment["status"] == "refunded" and payment.get("captured") is False


def charge_of(payment: Mapping[str, Any], number: int) -> Charge | None:
    """One attempt as a charge of period `number`; None while nobody knows how it ends."""
    paid, failed = payment["status"] in PAID, payment["status"] == "failed"
    if not paid and not failed:
        return None
    return Charge(
        ref=str(payment["id"]),
        number=number,
        amount=int(payment["amount"]),
        currency=str(payment["currency"]),
        at=moment(payment["created_at"]),
        paid=paid,
        problem="" if paid else _problem(payment),
        card=_method(payment),
        fee=int(payment.get("fee") or 0) if paid else 0,
    )


def _problem(payment: Mapping[str, Any]) -> str:
    said = payment.get("error_description") or payment.get("error_reason")
    return str(said or "The payment failed.")[:300]


def _method(payment: Mapping[str, Any]) -> str:
    """The card's network and last four digits; else the method. Never an address of UPI."""
    card = payment.get("card")
    if isinstance(card, dict) and card.get("last4"):
        return f"{card.get('network') or 'Card'} {card['last4']}"[:40]
    method = str(payment.get("method") or "")
    return {"upi": "UPI", "emandate": "e-mandate", "nach": "e-mandate"}.get(method, method)[:40]


def refunds_of(api: Api, payments: Iterable[Mapping[str, Any]]) -> list[Refunded]:
    """What went back for good. What the bank has not taken yet is asked for again."""
    found = []
    for payment in payments:
        if not payment.get("amount_refunded") and payment["status"] != "refunded":
            continue
        for refund in reversed(refunds(api, payment["id"])):
            if refund["status"] == "processed":
                at = moment(refund["created_at"])
                found.append(Refunded(refund["id"], payment["id"], int(refund["amount"]), at))
    return sorted(found, key=lambda refunded: refunded.at)


def refunds(api: Api, payment: str) -> list[dict[str, Any]]:
    """All refunds of a payment, whatever became of them."""
    return list(every(lambda query: api.payment.fetch_multiple_refund(payment, query), {}))


def disputes_of(api: Api, payments: Iterable[str], since: int) -> list[Disputed]:
    """Disputes of these payments; Razorpay lists those of the whole account, from `since` on."""
    ours = set(payments)
    if not ours:
        return []
    listed = every(api.dispute.all, {"from": since})
    mine = (entry for entry in listed if entry["payment_id"] in ours)
    found = [_disputed(entry) for entry in mine if _takes_money(entry)]
    return sorted(found, key=lambda disputed: disputed.at)


def _takes_money(dispute: Mapping[str, Any]) -> bool:
    return dispute["phase"] not in INQUIRIES or bool(dispute.get("amount_deducted"))


def _disputed(dispute: Mapping[str, Any]) -> Disputed:
    """When it was decided Razorpay does not say."""
    status = dispute["status"]
    open_ = status in ("open", "under_review")
    return Disputed(
        ref=dispute["id"],
        charge=dispute["payment_id"],
        amount=int(dispute["amount"]),
        at=moment(dispute["created_at"]),
        state="open" if open_ else "lost" if status == "lost" else "won",
        due_at=moment(dispute["respond_by"]) if dispute.get("respond_by") else None,
    )
