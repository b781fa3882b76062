"""What readers, their banks and the publisher do at Razorpay, outside its API."""

from broadsheet.ledger.tests.razorpay.account import TRIES

TOKEN = 500
"""Five rupees: taken to authorise a subscription that begins later, and given back."""


def pay(account, ref, method="card", decline=""):
    """The reader pays on the hosted page, by `card`, `upi` or `emandate`."""
    entity = account.get(ref)
    if entity["entity"] == "payment_link":
        return _pay_link(account, entity, method, decline)
    account.method[ref] = method
    if entity["start_at"]:
        return _authorise(account, entity, method)
    if decline:
        return account.tell("payment.failed", payment=account.failed(
            "order_none", entity["total_count"], "INR", method, decline))  # fmt: skip
    entity["customer_id"] = "cust_00000000000001"
    return account.attempt(entity, account.begin_cycle(entity))


def _authorise(account, sub, method):
    """A token is charged and goes back by itself; its invoice is for no cycle of the plan."""
    order = account.new("order", amount=TOKEN)
    invoice = account.new(
        "invoice", subscription_id=sub["id"], order_id=order["id"], status="paid",
        amount=TOKEN, billing_start=None, billing_end=None, date=account.now, notes=[],
        line_items=[{"type": "invoice", "name": "Authorisation", "amount": TOKEN}],
    )  # fmt: skip
    payment = account.payment(order["id"], TOKEN, "INR", method, invoice_id=invoice["id"])
    invoice["payment_id"] = payment["id"]
    give_back(account, payment["id"], TOKEN)
    sub |= {"status": "authenticated", "customer_id": "cust_1", "charge_at": sub["start_at"]}
    account.tell("subscription.authenticated", subscription=sub, payment=payment)


def _pay_link(account, link, method, decline):
    order = account.new("order", amount=link["amount"])
    facts = (order["id"], link["amount"], link["currency"], method)
    payment = account.failed(*facts, decline) if decline else account.payment(*facts)
    row = {
        "payment_id": payment["id"], "amount": link["amount"], "method": method,
        "status": payment["status"], "created_at": account.now, "plink_id": link["id"],
    }  # fmt: skip
    link["payments"] = [*(link["payments"] or []), row]
    if not decline:
        link |= {"status": "paid", "amount_paid": link["amount"], "updated_at": account.now}
        account.tell("payment_link.paid", payment_link=link, payment=payment)


def decline(account, ref, why="Your payment was declined for want of money."):
    """From now on charges of this subscription fail; "" lets them pass again."""
    account.declines[ref] = why


def halt(account, ref):
    """Let the next charge fail as often as Razorpay tries it."""
    decline(account, ref)
    for _ in range(TRIES):
        account.advance(account.get(ref)["charge_at"])
    assert account.get(ref)["status"] == "halted"


def change_card(account, ref):
    """The reader gives another card: pending, the last invoice is charged; halted, none of the
    old ones is."""
    sub = account.get(ref)
    account.declines.pop(ref, None)
    if sub["status"] == "pending":
        return account.attempt(sub, account.unpaid(sub)[-1])
    sub["status"] = "active"
    return account.tell("subscription.activated", subscription=sub)


def revoke(account, ref):
    """The reader revokes the mandate in the UPI app, or at the bank."""
    sub = account.get(ref)
    sub |= {"status": "cancelled", "ended_at": account.now, "charge_at": None}
    account.tell("subscription.cancelled", subscription=sub)


def pause(account, ref):
    """The reader pauses the mandate in the UPI app."""
    sub = account.get(ref)
    sub |= {"status": "paused", "paused_at": account.now, "pause_initiated_by": "customer"}
    account.tell("subscription.paused", subscription=sub)


def bounce(account, refund):
    """The reader's bank did not take a refund: the money is the account's again."""
    paid = account.get(refund["payment_id"])
    refund["status"] = "failed"
    paid["amount_refunded"] -= refund["amount"]
    paid |= {"refund_status": None, "status": "captured"}
    account.tell("refund.failed", refund=refund, payment=paid)


def give_back(account, payment, amount, status="processed"):
    """A refund made in the Dashboard."""
    paid = account.get(payment)
    refund = account.new(
        "refund", payment_id=payment, amount=amount, currency=paid["currency"], status=status,
        notes=[], receipt=None, speed_processed="normal", acquirer_data={"arn": None},
    )  # fmt: skip
    paid["amount_refunded"] += amount
    whole = paid["amount_refunded"] == paid["amount"]
    paid["refund_status"] = "full" if whole else "partial"
    paid["status"] = "refunded" if whole else "captured"
    account.tell("refund.processed", refund=refund, payment=paid)
    return refund


def pay_twice(account, payment):
    """What was paid is paid once more; Razorpay gives the second payment back and takes none."""
    paid = account.get(payment)
    facts = (paid["order_id"], paid["amount"], paid["currency"], paid["method"])
    second = account.payment(*facts, captured=False, invoice_id=paid["invoice_id"])
    give_back(account, second["id"], second["amount"])
    for link in account.of("payment_link"):
        if paid["id"] in [row["payment_id"] for row in link["payments"] or []]:
            link["payments"].append(link["payments"][0] | {"payment_id": second["id"]})
    return second


def dispute(account, payment, phase="chargeback"):
    """The reader's bank disputes a payment."""
    paid = account.get(payment)
    found = account.new(
        "dispute", payment_id=payment, amount=paid["amount"], currency=paid["currency"],
        amount_deducted=0, reason_code="chargeback", status="open", phase=phase,
        respond_by=account.now + 7 * 86_400,
    )  # fmt: skip
    account.tell("payment.dispute.created", payment=paid, dispute=found)
    return found


def decide(account, ref, status):
    """`won`, `lost` or `closed`."""
    found = account.get(ref)
    found |= {"status": status, "amount_deducted": found["amount"] if status == "lost" else 0}
    paid = account.get(found["payment_id"])
    account.tell(f"payment.dispute.{status}", payment=paid, dispute=found)
