"""A standing, put together from Razorpay's objects: subscription, plan, invoices, payments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Charge, GatewayRefused, Standing, State
from broadsheet.ledger.providers.razorpay.calling import Api, every
from broadsheet.ledger.providers.razorpay.cycles import interval_of, number_of
from broadsheet.ledger.providers.razorpay.money import (
    PAID,
    charge_of,
    disputes_of,
    is_returned,
    moment,
    payments_of,
    refunds_of,
)
from broadsheet.ledger.providers.razorpay.orders import KEY, TRIAL, ZONE, notes_of, terms_of

Entity = Mapping[str, Any]

NEWEST = 2
"""Paid invoices whose failed attempts are asked for as well; of older ones only what paid them."""

LINK, SUBSCRIPTION = "plink", "sub"

STOPPED = frozenset({"cancelled", "completed", "paused"})
"""By the paper, by the reader (a mandate of UPI is revoked or paused in the app) or at the end."""


def standing_of(api: Api, ref: str) -> Standing:
    """The truth about a checkout. `ref` may also be a payment's or an invoice's of it; without a
    key when it belongs to none of ours. Raises GatewayRefused for what Razorpay does not have."""
    owner = owner_of(api, segment(ref))
    if not owner:
        return _foreign(ref)
    return _link(api, owner) if owner.startswith(LINK) else _subscription(api, owner)


def _foreign(ref: str) -> Standing:
    """Of what another shop on the account sells."""
    return Standing(ref, "", "closed", 0, "", Interval("month", 1))


def segment(ref: str) -> str:
    """The reference, when it is one: none may lead to another address of the gateway."""
    kind, _, name = ref.partition("_")
    if not (kind.isalpha() and name.isalnum() and ref.isascii()):
        raise GatewayRefused(f"{ref[:60]!r} is no reference of Razorpay.", "Check it.")
    return ref


def owner_of(api: Api, ref: str) -> str:
    """The subscription or link that a payment or an invoice belongs to; "" for none. Raises
    GatewayRefused for any other kind of thing."""
    kind, found = ref.partition("_")[0], None
    if kind in (LINK, SUBSCRIPTION):
        return ref
    if kind == "pay":
        payment = api.payment.fetch(ref)
        if invoice := payment.get("invoice_id"):
            return owner_of(api, segment(invoice))
        links = api.payment_link.all({"payment_id": ref})["payment_links"]
        found = links[0]["id"] if links else None
    elif kind == "inv":
        found = api.invoice.fetch(ref).get("subscription_id")
    else:
        raise GatewayRefused(f"{ref} is nothing that was paid.", "It was left alone.")
    return segment(found) if found else ""


def _subscription(api: Api, ref: str) -> Standing:
    sub = api.subscription.fetch(ref)
    plan = api.plan.fetch(sub["plan_id"])
    item, interval, notes = plan["item"], interval_of(plan), notes_of(sub)
    amount = int(item["amount"]) * int(sub.get("quantity") or 1)
    facts = {"ref": ref, "amount": amount, "currency": item["currency"], "interval": interval}
    if KEY not in notes:
        return Standing(key="", state="closed", **facts)
    invoices = _invoices(api, ref)
    newest = invoices[-NEWEST:]
    paid_for = [(i, pay) for i in invoices for pay in _attempts(api, i, whole=i in newest)]
    anchor = _anchor(sub, [pay for _invoice, pay in paid_for])
    zone = str(notes.get(ZONE) or "Asia/Kolkata")
    charges = _charges(paid_for, anchor, interval, zone)
    state = _state(sub, charges, on_trial=notes.get(TRIAL, "0") != "0")
    return Standing(
        key=str(notes[KEY]),
        state=state,
        started_at=anchor,
        renews=sub["status"] not in STOPPED,
        charges=charges,
        refunds=tuple(refunds_of(api, (pay for _invoice, pay in paid_for))),
        disputes=tuple(disputes_of(api, _paid(charges), int(sub["created_at"]))),
        pay_url=sub["short_url"] if state == "past_due" else "",
        url=sub["short_url"] if state == "open" else "",
        **facts,
    )


def _invoices(api: Api, ref: str) -> list[Entity]:
    """Those for cycles of the plan, the oldest first: neither an upfront amount nor the token that
    an authorisation takes and gives back is one."""
    found = every(api.invoice.all, {"subscription_id": ref})
    plans = [i for i in found if any(line.get("type") == "plan" for line in i["line_items"])]
    return sorted(plans, key=_begins)


def _begins(invoice: Entity) -> int:
    return int(invoice.get("billing_start") or invoice["date"])


def _attempts(api: Api, invoice: Entity, *, whole: bool) -> list[dict[str, Any]]:
    """What was tried to pay an invoice, as far as Razorpay shows it (orders for 180 days), but for
    what it gave back by itself."""
    paid, order = invoice.get("payment_id"), invoice.get("order_id")
    found = [api.payment.fetch(paid, {"expand[]": "card"})] if paid else []
    if not order or (paid and not whole):
        return found
    try:
        others = [pay for pay in payments_of(api, order) if pay["id"] != paid]
    except GatewayRefused:
        return found
    return [*(pay for pay in others if not is_returned(pay)), *found]


def _anchor(sub: Entity, payments: list[dict[str, Any]]) -> datetime | None:
    """When period 0 began: where a trial ended, else with the first payment."""
    if notes_of(sub).get(TRIAL, "0") != "0" and sub.get("customer_id"):
        return moment(sub["start_at"])
    paid = [moment(pay["created_at"]) for pay in payments if pay["status"] in PAID]
    return min(paid, default=None)


def _charges(
    paid_for: list[tuple[Entity, dict[str, Any]]],
    anchor: datetime | None,
    interval: Interval,
    zone: str,
) -> tuple[Charge, ...]:
    found = []
    for invoice, payment in paid_for:
        begins = moment(_begins(invoice))
        number = number_of(begins, anchor, interval, zone) if anchor else 0
        charge = charge_of(payment, number)
        if charge is not None:
            found.append(charge)
    return tuple(sorted(found, key=lambda charge: charge.at))


def _paid(charges: tuple[Charge, ...]) -> list[str]:
    return [charge.ref for charge in charges if charge.paid]


def _state(sub: Entity, charges: tuple[Charge, ...], *, on_trial: bool) -> State:
    """Ours for Razorpay's (…/subscriptions/states). After `halted` it charges no old cycle any
    more, and a mandate that is `paused`, here or in the reader's own app, none at all."""
    status = sub["status"]
    begun = bool(_paid(charges)) or (on_trial and bool(sub.get("customer_id")))
    if status == "created":
        return "active" if begun else "open"
    if status in ("authenticated", "active"):
        return "active"
    if status == "pending":
        return "past_due"
    return "ended" if begun else "closed"


def _link(api: Api, ref: str) -> Standing:
    link = api.payment_link.fetch(ref)
    notes = notes_of(link)
    if KEY not in notes:
        return _foreign(ref)
    amount, currency, interval = terms_of(link)
    tried = [api.payment.fetch(pay["payment_id"], {"expand[]": "card"}) for pay in _links(link)]
    payments = [payment for payment in tried if not is_returned(payment)]
    found = [charge_of(payment, 0) for payment in payments]
    charges = tuple(charge for charge in found if charge is not None)
    paid = [charge for charge in charges if charge.paid]
    state: State = "active" if paid else "open" if link["status"] == "created" else "closed"
    return Standing(
        ref=ref,
        key=str(notes[KEY]),
        state=state,
        amount=amount,
        currency=currency,
        interval=interval,
        started_at=paid[0].at if paid else None,
        renews=not paid,
        charges=charges,
        refunds=tuple(refunds_of(api, payments)),
        disputes=tuple(disputes_of(api, _paid(charges), int(link["created_at"]))),
        url=link["short_url"] if state == "open" else "",
    )


def _links(link: Entity) -> list[dict[str, Any]]:
    return sorted(link.get("payments") or [], key=lambda pay: int(pay.get("created_at") or 0))
