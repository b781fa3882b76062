"""Subscriptions by Stripe's clock: cycles, retries, updates that wait to be paid, schedules."""

import stripe

from broadsheet.ledger.tests.stripe import paying
from broadsheet.ledger.tests.stripe.documented import shape
from broadsheet.ledger.tests.stripe.world import DAY, Refusal, later

RETRIES = 3
"""After a failed charge, a day apart; then the subscription is cancelled, as it can be set."""


def price(world, data, *, product="prod_1"):
    """A price of `price_data`, or of the call that makes one."""
    every = data.get("recurring")
    wanted = int(data["unit_amount"])
    if every:
        count = int(every.get("interval_count", 1))
        if count > {"day": 1095, "week": 156, "month": 36, "year": 3}[every["interval"]]:
            raise Refusal("The maximum interval is three years.", param="recurring[interval_count]")
        every = {"interval": every["interval"], "interval_count": count, "usage_type": "licensed"}
    return world.add(
        stripe.Price, "price", active=True, currency=data["currency"], unit_amount=wanted,
        product=product, recurring=every, type="recurring" if every else "one_time",
        metadata=data.get("metadata", {}), billing_scheme="per_unit",
    )  # fmt: skip


def subscribe(world, session, first):
    """The subscription of a session whose reader pays; None when the card is refused."""
    data, now = session["_params"]["subscription_data"], world.now
    sub = world.add(
        stripe.Subscription, "sub", customer=session["customer"], currency=first["currency"],
        billing_cycle_anchor=now, start_date=now, status="incomplete",
        collection_method="charge_automatically", metadata=data.get("metadata", {}),
        description=data.get("description"), billing_mode=data["billing_mode"],
    )  # fmt: skip
    sub["_discounts"] = [d["coupon"] for d in session["_params"].get("discounts", [])]
    sub["discounts"] = ["di_" + d for d in sub["_discounts"]]
    sub["_retry_at"] = None
    item = world.add(
        stripe.SubscriptionItem, "si", subscription=sub["id"], price=first, plan={}, quantity=1,
        current_period_start=now, current_period_end=now,
    )  # fmt: skip
    sub["items"] = {"object": "list", "data": [item], "has_more": False, "url": "/v1/…"}
    kept = paying.method(world, session["customer"], world.cards[session["customer"]])
    sub["default_payment_method"] = kept["id"]
    days = int(data.get("trial_period_days", 0))
    if days:
        return _try_out(world, sub, now + days * DAY)
    _period(sub, 0)
    made = paying.invoice(world, sub, "subscription_create", [_line(world, sub)])
    if made["status"] != "paid" and not paying.pay(world, made, present=True):
        return _incomplete(world, sub, made)
    return _active(world, sub)


def _incomplete(world, sub, made):
    """Checkout makes the subscription once the first payment is through: until then it is not."""
    world.objects.pop(sub["id"])
    world.objects.pop(made["id"])


def _try_out(world, sub, until):
    sub |= {"status": "trialing", "trial_start": world.now, "trial_end": until}
    sub["billing_cycle_anchor"] = until
    sub["items"]["data"][0]["current_period_end"] = until
    first = sub["items"]["data"][0]["price"]
    paying.invoice(
        world, sub, "subscription_create", [(0, 0, world.now, until, first["id"])]
    )  # fmt: skip
    world.announce("customer.subscription.created", sub)
    return sub


def _active(world, sub):
    sub |= {"status": "active", "_retry_at": None}
    world.announce("customer.subscription.updated", sub)
    return sub


def _period(sub, number):
    item = sub["items"]["data"][0]
    every = item["price"]["recurring"]
    count = (every["interval"], every["interval_count"])
    anchor = sub["billing_cycle_anchor"]
    item["current_period_start"] = later(anchor, *count, number)
    item["current_period_end"] = later(anchor, *count, number + 1)
    sub["_number"] = number


def _line(world, sub):
    item = sub["items"]["data"][0]
    amount = item["price"]["unit_amount"] * item["quantity"]
    off = 0
    for ref in list(sub["_discounts"]):
        coupon = world.get(ref, "coupon")
        months = coupon["duration_in_months"]
        over = months and world.now >= later(sub["start_date"], "month", months, 1)
        if not over:
            off += min(amount, coupon["amount_off"])
        if over or coupon["duration"] == "once":
            sub["_discounts"].remove(ref)
    sub["discounts"] = ["di_" + d for d in sub["_discounts"]]
    return (
        amount,
        off,
        item["current_period_start"],
        item["current_period_end"],
        item["price"]["id"],
    )


def discount(world, sub, ref):
    """A coupon in force on a subscription: until a day when it repeats, whatever is charged."""
    months = world.get(ref, "coupon")["duration_in_months"]
    return shape(
        stripe.Discount, id=f"di_{ref}", object="discount", subscription=sub["id"],
        start=sub["start_date"], source={"type": "coupon", "coupon": ref},
        end=later(sub["start_date"], "month", months, 1) if months else None,
    )  # fmt: skip


def due_at(sub):
    """When something happens to a subscription by itself."""
    if sub["status"] == "past_due":
        return sub["_retry_at"]
    if sub["status"] in ("active", "trialing"):
        ends = sub["items"]["data"][0]["current_period_end"]
        waits = sub["pending_update"]
        return min(ends, sub["cancel_at"] or ends, waits["expires_at"] if waits else ends)
    return None


def step(world, sub):
    """What falls due at the world's moment."""
    waits = sub["pending_update"]
    if waits and waits["expires_at"] <= world.now:
        drop_update(world, sub)
    elif sub["status"] == "past_due":
        _retry(world, sub)
    elif sub["cancel_at_period_end"] or (sub["cancel_at"] and sub["cancel_at"] <= world.now):
        end(world, sub, "cancellation_requested")
    else:
        _cycle(world, sub)


def _cycle(world, sub):
    number = 0 if sub["status"] == "trialing" else sub["_number"] + 1
    reason = "subscription_cycle"
    if sub["schedule"] and _next_phase(world, sub):
        number, reason = 0, "subscription_update"
    _period(sub, number)
    _charge(world, sub, reason)


def _charge(world, sub, reason):
    made = paying.invoice(world, sub, reason, [_line(world, sub)])
    if made["status"] == "paid" or paying.pay(world, made, present=False):
        _active(world, sub)
        return
    sub |= {"status": "past_due", "_retry_at": world.now + DAY, "_retries": 0}
    world.announce("customer.subscription.updated", sub)


def _retry(world, sub):
    made = world.get(sub["latest_invoice"], "invoice")
    if paying.pay(world, made, present=False):
        _active(world, sub)
        return
    sub["_retries"] += 1
    sub["_retry_at"] = world.now + DAY
    if sub["_retries"] >= RETRIES:
        made["auto_advance"] = False
        end(world, sub, "payment_failed")


def end(world, sub, reason):
    """Nothing is charged any more. An open invoice stays open and can still be paid by hand."""
    if sub["status"] in ("canceled", "incomplete_expired"):
        raise Refusal(f"No such subscription: {sub['id']}", status=404, code="resource_missing")
    sub |= {
        "status": "canceled", "ended_at": world.now, "canceled_at": sub["canceled_at"] or world.now,
        "cancellation_details": {"reason": reason, "comment": None, "feedback": None},
        "schedule": None, "_retry_at": None,
    }  # fmt: skip
    world.announce("customer.subscription.deleted", sub)


def pay_open(world, made):
    """The hosted invoice page: its reader pays, with the card that is on file by then."""
    sub = world.get(made["parent"]["subscription_details"]["subscription"], "subscription")
    if made["status"] != "open" or not paying.pay(world, made, present=True):
        return False
    if sub["pending_update"]:
        _apply(world, sub)
    elif sub["status"] == "past_due":
        _active(world, sub)
    return True


def update(world, sub, given):
    """Other terms, or the end of renewal. With `pending_if_incomplete` only once it is paid."""
    if sub["status"] == "canceled":
        raise Refusal("A canceled subscription can only update its cancellation_details.")
    if given.keys() & {"cancel_at_period_end", "cancel_at"}:
        _stop(world, sub, given)
    sub["metadata"] = sub["metadata"] | given.get("metadata", {})
    if "default_payment_method" in given:
        paying.charge_later(world, sub, given["default_payment_method"])
        world.announce("customer.subscription.updated", sub)
    if "trial_end" in given:
        _rest(world, sub, given["trial_end"])
    if "items" in given:
        _update_items(world, sub, given)
    return sub


def _stop(world, sub, given):
    """The end of the renewal, or no end: with the period, which is a day as well, or on a day."""
    if sub["schedule"]:
        raise Refusal("The subscription is managed by the subscription schedule.")
    if {"cancel_at_period_end", "cancel_at"} <= given.keys():
        raise Refusal("You may only pass one of: cancel_at, cancel_at_period_end.")
    with_period = given.get("cancel_at_period_end") == "true"
    ends = sub["items"]["data"][0]["current_period_end"] if with_period else None
    day = int(given["cancel_at"]) if given.get("cancel_at") else ends
    sub |= {"cancel_at_period_end": with_period, "cancel_at": day}
    sub["canceled_at"] = world.now if day else None
    world.announce("customer.subscription.updated", sub)


def _rest(world, sub, until):
    """A trial begins, which costs nothing, or ends: then its period begins and is charged."""
    item = sub["items"]["data"][0]
    if until != "now":
        if not world.now < int(until) <= later(world.now, "year", 2, 1):
            raise Refusal("Invalid timestamp: must be in the next two years.", param="trial_end")
        sub |= {"status": "trialing", "trial_start": world.now, "trial_end": int(until)}
        sub["billing_cycle_anchor"] = int(until)
        item |= {"current_period_start": world.now, "current_period_end": int(until)}
        line = (0, 0, world.now, int(until), item["price"]["id"])
        paying.invoice(world, sub, "subscription_update", [line])
        world.announce("customer.subscription.updated", sub)
        return
    sub |= {"trial_end": world.now, "billing_cycle_anchor": world.now}
    _period(sub, 0)
    _charge(world, sub, "subscription_update")


def _update_items(world, sub, given):
    allowed = {
        "expand", "payment_behavior", "proration_behavior", "proration_date", "items", "trial_end",
        "billing_cycle_anchor", "trial_from_plan", "add_invoice_items",
    }  # fmt: skip
    if given.get("payment_behavior") == "pending_if_incomplete" and given.keys() - allowed:
        raise Refusal(f"Not with pending updates: {given.keys() - allowed}")
    new = world.get(given["items"][0]["price"], "price")
    if not new["active"]:
        raise Refusal(f"The price specified is inactive: {new['id']}.", code="price_inactive")
    if given["items"][0]["id"] != sub["items"]["data"][0]["id"]:
        raise Refusal("A subscription item that is not of this subscription.")
    if (given["billing_cycle_anchor"]["type"], given["proration_behavior"]) != ("now", "none"):
        raise AssertionError("Stripe knows more than this server does.")
    drop_update(world, sub)
    every = new["recurring"]
    ends = later(world.now, every["interval"], every["interval_count"], 1)
    lines = [(new["unit_amount"], 0, world.now, ends, new["id"])]
    for extra in given.get("add_invoice_items", []):
        data = extra["price_data"]
        one = price(world, data, product=data["product"])
        lines.append((one["unit_amount"], 0, world.now, ends, one["id"]))
    made = paying.invoice(world, sub, "subscription_update", lines)
    item = sub["items"]["data"][0] | {"price": new}
    sub["pending_update"] = {
        "billing_cycle_anchor": world.now, "subscription_items": [item], "trial_end": None,
        "expires_at": min(world.now + 23 * 3600, item["current_period_end"]),
        "trial_from_plan": None, "discounts": None, "metadata": None,
    }  # fmt: skip
    if paying.pay(world, made, present=False):
        _apply(world, sub)
    else:
        world.announce("customer.subscription.updated", sub)


def _apply(world, sub):
    waits = sub["pending_update"]
    sub["pending_update"], sub["billing_cycle_anchor"] = None, waits["billing_cycle_anchor"]
    sub["items"]["data"][0]["price"] = waits["subscription_items"][0]["price"]
    _period(sub, 0)
    world.announce("customer.subscription.pending_update_applied", sub)


def drop_update(world, sub):
    """A pending update comes to nothing, and its invoice is void."""
    if sub["pending_update"]:
        sub["pending_update"] = None
        paying.void(world, world.get(sub["latest_invoice"], "invoice"))
        world.announce("customer.subscription.pending_update_expired", sub)


def void(world, made):
    """Voiding the invoice of a pending update lets the update go."""
    sub = world.objects.get(made["parent"]["subscription_details"]["subscription"])
    paying.void(world, made)
    if sub and sub["pending_update"] and sub["latest_invoice"] == made["id"]:
        sub["pending_update"] = None
        world.announce("customer.subscription.updated", sub)


def schedule(world, sub):
    """A schedule of a subscription: one phase, the period that is paid."""
    if sub["schedule"]:
        raise Refusal("The subscription is already attached to a schedule.")
    item = sub["items"]["data"][0]
    phase = _phase(
        [{"price": item["price"]["id"], "quantity": 1}],
        *(item["current_period_start"], item["current_period_end"], None),
    )
    made = world.add(
        stripe.SubscriptionSchedule, "sub_sched", customer=sub["customer"], status="active",
        subscription=sub["id"], end_behavior="release", phases=[phase],
        current_phase={"start_date": phase["start_date"], "end_date": phase["end_date"]},
    )  # fmt: skip
    made["default_settings"]["default_payment_method"] = sub["default_payment_method"]
    sub["schedule"] = made["id"]
    world.announce("subscription_schedule.created", made)
    world.announce("customer.subscription.updated", sub)
    return made


def _phase(items, start, end, anchor):
    return shape(
        stripe.SubscriptionSchedule.Phase, items=items, start_date=start, end_date=end,
        billing_cycle_anchor=anchor, currency="inr", proration_behavior="none",
    )  # fmt: skip


def plan(made, given):
    """Its phases; each but the first begins where the one before it ends."""
    if "default_settings" in given:
        made["default_settings"] |= given["default_settings"]
    if "phases" not in given:
        return made
    phases, begins = [], None
    for wanted in given["phases"]:
        begins = int(wanted["start_date"]) if "start_date" in wanted else begins
        if "end_date" in wanted:
            ends = int(wanted["end_date"])
        else:
            every = wanted["duration"]
            ends = later(begins, every["interval"], int(every["interval_count"]), 1)
        phases.append(_phase(wanted["items"], begins, ends, wanted.get("billing_cycle_anchor")))
        begins = ends
    if phases[0]["start_date"] != made["phases"][0]["start_date"]:
        raise Refusal("You can not modify the start date of the current phase.")
    made |= {"phases": phases, "end_behavior": given.get("end_behavior", "release")}
    return made


def release(world, made):
    """Let the subscription go on by itself, as it is."""
    if made["status"] != "active":
        raise Refusal(f"The schedule is {made['status']}.")
    sub = world.get(made["subscription"], "subscription")
    sub["schedule"] = None
    made |= {"status": "released", "released_subscription": sub["id"], "subscription": None}
    return made


def _next_phase(world, sub):
    """Whether a new phase began, on terms of its own; after the last one it lets go."""
    made = world.get(sub["schedule"], "subscription_schedule")
    phase = next((p for p in made["phases"] if p["start_date"] == world.now), None)
    if phase is None:
        if made["phases"][-1]["end_date"] <= world.now:
            release(world, made)
        return False
    made["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    sub["items"]["data"][0]["price"] = world.get(phase["items"][0]["price"], "price")
    if made["default_settings"]["default_payment_method"] != sub["default_payment_method"]:
        paying.charge_later(world, sub, made["default_settings"]["default_payment_method"])
    if phase["billing_cycle_anchor"] == "phase_start":
        sub["billing_cycle_anchor"] = world.now
    return True
