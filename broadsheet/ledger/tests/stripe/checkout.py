"""Checkout Sessions, and what their reader does on the hosted page."""

import stripe

from broadsheet.ledger.tests.stripe import billing, paying
from broadsheet.ledger.tests.stripe.world import CARDS, DAY, Refusal


def open_session(world, given):
    """A session of a customer, open for a day."""
    customer = world.get(given["customer"], "customer")
    mode = given["mode"]
    if mode == "setup":
        return _open_setup(world, customer, given)
    wanted = {"subscription": "subscription_data", "payment": "payment_intent_data"}[mode]
    if {"subscription_data", "payment_intent_data"} & given.keys() - {wanted}:
        raise Refusal(f"You can not pass this in {mode} mode.", param=wanted)
    data = given["line_items"][0]["price_data"]
    if (mode == "subscription") != ("recurring" in data):
        raise Refusal("A price of the other kind.", param="line_items[0][price_data][recurring]")
    for discount in given.get("discounts", []):
        world.get(discount["coupon"], "coupon")
    ref = world.ref("cs_test")
    made = world.add(
        stripe.checkout.Session, "cs", ref=ref, customer=customer["id"], mode=mode, status="open",
        payment_status="unpaid", currency=data["currency"], amount_total=int(data["unit_amount"]),
        amount_subtotal=int(data["unit_amount"]), expires_at=world.now + DAY,
        client_reference_id=given.get("client_reference_id"), metadata=given.get("metadata", {}),
        success_url=given["success_url"], cancel_url=given.get("cancel_url"),
        locale=given.get("locale"), url=f"https://checkout.stripe.example/c/pay/{ref}",
        payment_method_types=["card"],
    )  # fmt: skip
    made["_params"] = given
    return made


def _open_setup(world, customer, given):
    """A session that takes no money: its reader types a card in, to be kept."""
    taken = {"line_items", "subscription_data", "payment_intent_data", "discounts"}
    if taken & given.keys():
        raise Refusal("You can not pass this in setup mode.", param="mode")
    if not given.get("allowed_payment_method_types") and "currency" not in given:
        raise Refusal("Missing required param: currency.", param="currency")
    wanted = world.add(
        stripe.SetupIntent, "seti", customer=customer["id"], usage="off_session",
        status="requires_payment_method", payment_method_types=["card"],
        metadata=given.get("setup_intent_data", {}).get("metadata", {}),
    )  # fmt: skip
    ref = world.ref("cs_test")
    made = world.add(
        stripe.checkout.Session, "cs", ref=ref, customer=customer["id"], mode="setup",
        status="open", payment_status="no_payment_required", expires_at=world.now + DAY,
        metadata=given.get("metadata", {}), success_url=given["success_url"],
        cancel_url=given.get("cancel_url"), locale=given.get("locale"),
        url=f"https://checkout.stripe.example/c/setup/{ref}", setup_intent=wanted["id"],
        payment_method_types=["card"],
    )  # fmt: skip
    made["_params"] = given
    return made


def set_up(world, session, card):
    """A card is typed in on the page of a session in mode `setup`; whether it is kept."""
    if session["status"] != "open" or CARDS[card][1]:
        return False
    wanted = world.get(session["setup_intent"], "setup_intent")
    kept = paying.method(world, session["customer"], card)
    wanted |= {"payment_method": kept["id"], "status": "succeeded"}
    session |= {"status": "complete", "url": None}
    world.announce("setup_intent.succeeded", wanted)
    world.announce("payment_method.attached", kept)
    world.announce("checkout.session.completed", session)
    return True


def expire(world, session):
    """Nobody can pay here any more."""
    if session["status"] != "open":
        raise Refusal('Only Checkout Sessions with a status in ["open"] can be expired.')
    session |= {"status": "expired", "url": None}
    world.announce("checkout.session.expired", session)
    return session


def pay(world, session, card):
    """The reader types a card in; whether it went through. `asks` is confirmed to its bank."""
    if session["status"] != "open":
        return False
    world.cards[session["customer"]] = card
    price = billing.price(world, session["_params"]["line_items"][0]["price_data"])
    done = (
        _once(world, session) if session["mode"] == "payment" else _subscribe(world, session, price)
    )
    if done:
        paid = session["amount_total"] and not _is_tried(session)
        session |= {
            "status": "complete", "payment_status": "paid" if paid else "no_payment_required",
            "url": None,
        }  # fmt: skip
        world.announce("checkout.session.completed", session)
    return done


def abandon(world, session, card):
    """The reader types a card in, and leaves when its bank asks."""
    conduct, present = card, None
    world.cards[session["customer"]] = conduct
    wanted = paying.intent(
        world, session["customer"], session["amount_total"], session["currency"], {}
    )
    return paying.take(world, wanted, present=present)


def _is_tried(session):
    return "trial_period_days" in session["_params"].get("subscription_data", {})


def _once(world, session):
    data = session["_params"]["payment_intent_data"]
    wanted = paying.intent(
        world, session["customer"], session["amount_total"], session["currency"],
        data.get("metadata", {}),
    )  # fmt: skip
    session["payment_intent"] = wanted["id"]
    return paying.take(world, wanted, present=True)


def _subscribe(world, session, price):
    sub = billing.subscribe(world, session, price)
    if sub is None:
        return False
    session |= {"subscription": sub["id"], "invoice": sub["latest_invoice"]}
    return True
