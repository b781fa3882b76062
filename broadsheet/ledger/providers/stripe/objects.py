"""Everything that Stripe knows of one order, gathered by its customer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.providers.stripe.calling import Caller, Json, segment
from broadsheet.ledger.providers.stripe.marks import ORDER, Terms, read_terms

BEGINS = frozenset({"subscription_create", "subscription_cycle", "subscription_update"})
"""Reasons of invoices that begin a period."""


@dataclass(slots=True)
class Objects:
    """Lists have the oldest first. `terms` is None for a customer that is none of ours; `setup` is
    the last session in which another card was typed in."""

    customer: str
    terms: Terms | None
    session: Json | None = None
    setup: Json | None = None
    subscription: Json | None = None
    invoices: list[Json] = field(default_factory=list)
    charges: list[Json] = field(default_factory=list)
    disputes: list[Json] = field(default_factory=list)

    def periods(self) -> list[Json]:
        """The invoice of each period, in order, so that its place is the number of the period.

        A trial costs nothing and is no period; neither is a change of terms that nobody paid.
        """
        return [invoice for invoice in self.invoices if self._is_period(invoice)]

    def _is_period(self, invoice: Json) -> bool:
        if invoice["billing_reason"] not in BEGINS or invoice["subtotal"] <= 0:
            return False
        changes = invoice["billing_reason"] == "subscription_update"
        if not changes or invoice["status"] == "paid":
            return True
        waits = self.subscription is not None and self.subscription["pending_update"]
        newest = self.subscription is not None and self.subscription["latest_invoice"]
        return invoice["status"] != "void" and not (waits and newest == invoice["id"])


def stops(sub: Json) -> bool:
    """Whether its next period is not charged any more: it ends with this one, or on a day before
    the next that somebody set in the Dashboard."""
    ends = sub["items"]["data"][0]["current_period_end"]
    on_day = sub["cancel_at"] is not None and sub["cancel_at"] <= ends
    return bool(sub["cancel_at_period_end"] or on_day)


def going_on(sub: Json) -> dict[str, Any]:
    """Parameters that take the end of a subscription back; Stripe takes one of both at a time."""
    if sub["cancel_at"] and not sub["cancel_at_period_end"]:
        return {"cancel_at": ""}
    return {"cancel_at_period_end": False}


def moment(seconds: int) -> datetime:
    """Unix seconds as an aware datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def gather(caller: Caller, ref: str) -> Objects:
    """All objects of the order that `ref` belongs to: its customer, or one of its charges.

    Raises GatewayRefused when there is no such thing, or its customer was deleted.
    """
    found = owner(caller, ref)
    if found.terms is None:
        return found
    sessions = caller.every(
        "/v1/checkout/sessions", customer=found.customer, expand=["data.setup_intent"]
    )
    ours = [s for s in sessions if (s["metadata"] or {}).get(ORDER) == found.terms.key]
    sold = [s for s in ours if s["mode"] != "setup"]
    found.session = sold[0] if sold else None
    typed = [s for s in ours if s["mode"] == "setup" and s["status"] == "complete"]
    found.setup = typed[0] if typed else None
    if found.session is not None and found.session["subscription"]:
        _add_subscription(caller, found, found.session["subscription"])
    if found.session is not None and found.session["status"] != "expired":
        _add_charges(caller, found)
    return found


def owner(caller: Caller, ref: str) -> Objects:
    """The customer of an order, without anything else. Raises GatewayRefused, as `gather`."""
    if ref.startswith(("ch_", "py_")):
        ref = caller.get(f"/v1/charges/{segment(ref)}")["customer"] or ""
        if not ref:
            return Objects("", None)
    customer = caller.get(f"/v1/customers/{segment(ref)}")
    if customer.get("deleted"):
        raise GatewayRefused(
            f"The customer {ref} was deleted at Stripe, and its subscription with it.",
            "End it here as well; payments can be looked up in the Dashboard.",
        )
    return Objects(customer["id"], read_terms(customer["metadata"]))


def _add_subscription(caller: Caller, found: Objects, ref: str) -> None:
    found.subscription = caller.get(
        f"/v1/subscriptions/{segment(ref)}", expand=["default_payment_method", "discounts"]
    )
    invoices = caller.every("/v1/invoices", subscription=ref, expand=["data.payments"])
    found.invoices = invoices[::-1]


def _add_charges(caller: Caller, found: Objects) -> None:
    charges = caller.every(
        "/v1/charges",
        customer=found.customer,
        expand=["data.balance_transaction", "data.refunds"],
    )
    found.charges = charges[::-1]
    for charge in found.charges:
        if charge["refunds"]["has_more"]:
            charge["refunds"]["data"] = caller.every("/v1/refunds", charge=charge["id"])
        if charge["disputed"]:
            found.disputes += caller.every("/v1/disputes", charge=charge["id"])[::-1]
