"""Invoices and what pays them: payment intents, charges, fees, refunds, disputes."""

import stripe

from broadsheet.ledger.tests.stripe.documented import shape
from broadsheet.ledger.tests.stripe.world import CARDS, DAY, Refusal

EVIDENCE = 9 * DAY
"""Until when a bank takes evidence; it is another time with each."""


def invoice(world, sub, reason, lines):
    """A final invoice over `lines`: (amount before discounts, discounted by, start, end, price)."""
    subtotal = sum(line[0] for line in lines)
    total = max(0, subtotal - sum(line[1] for line in lines))
    ref = world.ref("in")
    made = world.add(
        stripe.Invoice, "in", ref=ref, currency=sub["currency"], customer=sub["customer"],
        billing_reason=reason, status="open", subtotal=subtotal, total=total, amount_due=total,
        amount_remaining=total, attempted=False, auto_advance=True, number=ref.upper(),
        collection_method="charge_automatically", period_start=world.now, period_end=world.now,
        hosted_invoice_url=f"https://invoice.stripe.example/i/{ref}",
        lines=_list([_line(world, ref, sub, line) for line in lines]),
        parent={
            "type": "subscription_details", "quote_details": None,
            "subscription_details": {"subscription": sub["id"], "metadata": sub["metadata"]},
        },
    )  # fmt: skip
    made["payments"] = _list([])
    sub["latest_invoice"] = ref
    world.announce("invoice.created", made)
    if total:
        intent = _intent(world, made)
        made["payments"]["data"].append(_payment(world, made, intent))
    else:
        settle(world, made)
    return made


def _list(data):
    return {"object": "list", "data": data, "has_more": False, "url": "/v1/…"}


def _line(world, ref, sub, line):
    amount, off, start, end, price = line
    return world.add(
        stripe.InvoiceLineItem, "il", amount=amount, subtotal=amount, currency=sub["currency"],
        invoice=ref, discountable=True, period={"start": start, "end": end}, quantity=1,
        discount_amounts=[{"amount": off, "discount": "di_1"}] if off else [],
        pricing={"type": "price_details", "price_details": {"price": price, "product": "prod"}},
    )  # fmt: skip


def _payment(world, made, intent):
    return world.add(
        stripe.InvoicePayment, "inpay", invoice=made["id"], amount_requested=made["total"],
        currency=made["currency"], is_default=True, status="open",
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
    )  # fmt: skip


def _intent(world, made):
    return intent(world, made["customer"], made["total"], made["currency"], {})


def intent(world, customer, amount, currency, metadata):
    return world.add(
        stripe.PaymentIntent, "pi", amount=amount, currency=currency, customer=customer,
        status="requires_payment_method", metadata=metadata, payment_method_types=["card"],
    )  # fmt: skip


def settle(world, made):
    """An invoice is paid."""
    made |= {
        "status": "paid", "amount_paid": made["total"], "amount_remaining": 0, "attempted": True,
    }  # fmt: skip
    made["status_transitions"]["paid_at"] = world.now
    for payment in made["payments"]["data"]:
        payment |= {"status": "paid", "amount_paid": made["total"]}
    world.announce("invoice.paid", made)


def void(world, made):
    """What was not paid is not owed any more."""
    if made["status"] not in ("open", "uncollectible"):
        raise Refusal(f"You can only pass in open invoices. This is {made['status']}.")
    made |= {"status": "void", "auto_advance": False}
    world.announce("invoice.voided", made)


def pay(world, made, *, present):
    """Try to take an invoice from the customer's card; whether it was paid."""
    wanted = world.get(made["payments"]["data"][0]["payment"]["payment_intent"], "payment_intent")
    made |= {"attempted": True, "attempt_count": made["attempt_count"] + 1}
    if take(world, wanted, present=present):
        settle(world, made)
        return True
    world.announce("invoice.payment_failed", made)
    return False


def take(world, wanted, *, present):
    """Confirm a payment intent; `present` is whether the card's holder is there to answer."""
    conduct = world.cards[wanted["customer"]]
    if conduct == "asks" and present is not True:
        wanted["status"] = "requires_action"
        world.announce("payment_intent.requires_action", wanted)
        return False
    if conduct == "gone":
        wanted["status"] = "requires_payment_method"
        return False
    last4, problem = CARDS[conduct]
    if conduct == "once" and not present:
        problem = "Your card was declined."
    made = _charge(world, wanted, last4, problem)
    wanted |= {"latest_charge": made["id"]}
    wanted["status"] = "requires_payment_method" if problem else "succeeded"
    world.announce(f"charge.{'failed' if problem else 'succeeded'}", made)
    return not problem


def _charge(world, wanted, last4, problem):
    booked = None if problem else _booked(world, wanted)
    return world.add(
        stripe.Charge, "ch", amount=wanted["amount"], currency=wanted["currency"],
        customer=wanted["customer"], payment_intent=wanted["id"], metadata=wanted["metadata"],
        status="failed" if problem else "succeeded", paid=not problem, captured=not problem,
        amount_captured=0 if problem else wanted["amount"],
        failure_code="card_declined" if problem else None, failure_message=problem or None,
        payment_method_details={"type": "card", "card": {"brand": "visa", "last4": last4}},
        balance_transaction=booked, refunds=None,
    )  # fmt: skip


def _booked(world, wanted):
    """What reaches the account: in its own currency when `world.fees` has a rate for this one."""
    there, rate = world.fees.get(wanted["currency"], (wanted["currency"], None))
    amount = round(wanted["amount"] * (rate or 1))
    part, of, fixed = world.fee
    fee = amount * part // of + fixed
    return world.add(
        stripe.BalanceTransaction, "txn", amount=amount, currency=there, exchange_rate=rate,
        fee=fee, net=amount - fee, type="charge", status="available",
    )["id"]  # fmt: skip


def method(world, customer, conduct):
    """A card that was typed in, kept for later charges; `_conduct` is how it behaves."""
    made = world.add(
        stripe.PaymentMethod, "pm", customer=customer, type="card",
        card=shape(
            stripe.PaymentMethod.Card, brand="visa", last4=CARDS[conduct][0], exp_month=4,
            exp_year=2031,
        ),
    )  # fmt: skip
    made["_conduct"] = conduct
    return made


def charge_later(world, sub, ref):
    """Later charges of a subscription are taken from a payment method of its customer."""
    kept = world.get(ref, "payment_method")
    if kept["customer"] != sub["customer"]:
        raise Refusal("The customer does not have a payment method with this ID.")
    sub["default_payment_method"] = ref
    world.cards[sub["customer"]] = kept["_conduct"]


def refund(world, charge, amount, metadata):
    """Give money of a charge back."""
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} cannot be refunded.", code="charge_disputed")
    if not left:
        text = f"Charge {charge['id']} has already been refunded."
        raise Refusal(text, code="charge_already_refunded")
    if amount > left:
        raise Refusal(f"Refund amount ({amount}) is greater than unrefunded amount ({left}).")
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    made = world.add(
        stripe.Refund, "re", amount=amount, currency=charge["currency"], charge=charge["id"],
        payment_intent=charge["payment_intent"], metadata=metadata, status="succeeded",
        customer=charge["customer"],
    )  # fmt: skip
    world.announce("charge.refunded", charge)
    world.announce("refund.created", made)
    return made


def open_dispute(world, charge, *, fee=1500, status="needs_response"):
    """A bank asks for the money of a charge; for an inquiry (`warning_…`) nothing moves yet."""
    charge["disputed"] = True
    moved = [] if status.startswith("warning") else [_moved(world, charge, -1, fee)]
    made = world.add(
        stripe.Dispute, "du", amount=charge["amount"] - charge["amount_refunded"],
        charge=charge["id"], currency=charge["currency"], status=status, reason="fraudulent",
        evidence_details=_evidence(world.now + EVIDENCE),
        payment_intent=charge["payment_intent"], balance_transactions=moved,
    )  # fmt: skip
    world.announce("charge.dispute.created", made)
    return made


def _evidence(due_by):
    return shape(stripe.Dispute.EvidenceDetails, due_by=due_by)


def end_dispute(world, dispute, status):
    """It is decided: `won` brings the money back."""
    dispute["status"] = status
    if status == "won":
        charge = world.get(dispute["charge"], "charge")
        dispute["balance_transactions"].append(_moved(world, charge, 1, 0))
    world.announce("charge.dispute.closed", dispute)


def _moved(world, charge, sign, fee):
    amount = sign * (charge["amount"] - charge["amount_refunded"])
    return world.add(
        stripe.BalanceTransaction, "txn", amount=amount, currency=charge["currency"], fee=fee,
        net=amount - fee, type="adjustment", status="available",
    )  # fmt: skip
