"""The calls that the server answers: what Stripe's API reference says of each."""

import stripe

from broadsheet.ledger.tests.stripe import billing, checkout, paying
from broadsheet.ledger.tests.stripe.world import DAY, Refusal


def _customer(world, given):
    made = world.add(stripe.Customer, "cus", **{k: v for k, v in given.items() if k != "expand"})
    world.announce("customer.created", made)
    return made


def _modify(name):
    def modify(world, ref, given):
        found = world.get(ref, name)
        for field, value in given.items():
            found[field] = value == "true" if isinstance(found[field], bool) else value
        world.announce(f"{name}.updated", found)
        return found

    return modify


def _coupon(world, given):
    if given.get("id") in world.objects:
        raise Refusal("Coupon already exists.", code="resource_already_exists")
    months = given.get("duration_in_months")
    return world.add(
        stripe.Coupon, "co", ref=given.get("id"), amount_off=int(given["amount_off"]),
        currency=given["currency"], duration=given["duration"], valid=True,
        duration_in_months=int(months) if months else None, name=given.get("name"),
        metadata=given.get("metadata", {}),
    )  # fmt: skip


def _price(world, given):
    product = world.ref("prod")
    return billing.price(world, given, product=product)


def _refund(world, given):
    charge = world.get(given["charge"], "charge")
    amount = int(given.get("amount", charge["amount"] - charge["amount_refunded"]))
    return paying.refund(world, charge, amount, given.get("metadata", {}))


def _schedule(world, given):
    return billing.schedule(world, world.get(given["from_subscription"], "subscription"))


def _listing(name, *filters):
    def listing(world, given):
        wanted = {k: given[k] for k in filters if k in given}
        if name == "invoice" and "subscription" in wanted:
            sub = wanted.pop("subscription")
            found = [i for i in world.all(name) if _of(i) == sub]
        else:
            found = world.all(name, **wanted)
        return _page(found, given)

    return listing


def _events(world, given):
    """Kept for 30 days, the newest first."""
    since = max(int(given.get("created", {}).get("gte", 0)), world.now - 30 * DAY)
    found = [event for event in reversed(world.events) if event["created"] >= since]
    return _page(found, given)


def _of(invoice):
    return invoice["parent"]["subscription_details"]["subscription"]


def _page(found, given):
    if "starting_after" in given:
        after = given["starting_after"]
        if after not in [o["id"] for o in found]:
            raise Refusal(f"No such object: '{after}'", status=404, code="resource_missing")
        at = [o["id"] for o in found].index(after)
        found = found[at + 1 :]
    most = int(given.get("limit", 10))
    return {
        "object": "list", "data": found[:most], "has_more": len(found) > most, "url": "/v1/…",
    }  # fmt: skip


MAKE = {
    "customers": _customer, "coupons": _coupon, "prices": _price, "refunds": _refund,
    "checkout/sessions": checkout.open_session, "subscription_schedules": _schedule,
}  # fmt: skip
LIST = {
    "events": _events,
    "charges": _listing("charge", "customer", "payment_intent"),
    "refunds": _listing("refund", "charge"), "disputes": _listing("dispute", "charge"),
    "invoices": _listing("invoice", "customer", "subscription"),
    "checkout/sessions": _listing("checkout.session", "customer"),
}  # fmt: skip
NAMES = {
    "customers": "customer", "charges": "charge", "subscriptions": "subscription",
    "invoices": "invoice", "prices": "price", "checkout/sessions": "checkout.session",
    "subscription_schedules": "subscription_schedule",
}  # fmt: skip
CHANGE = {
    "customers": _modify("customer"), "prices": _modify("price"),
    "subscriptions": lambda w, r, g: billing.update(w, w.get(r, "subscription"), g),
    "subscription_schedules": lambda w, r, g: billing.plan(w.get(r, "subscription_schedule"), g),
}  # fmt: skip


def _void(world, ref):
    made = world.get(ref, "invoice")
    billing.void(world, made)
    return made


def _cancel(world, ref):
    sub = world.get(ref, "subscription")
    billing.end(world, sub, "cancellation_requested")
    return sub


ACT = {
    ("checkout/sessions", "expire"): lambda w, r: checkout.expire(w, w.get(r, "checkout.session")),
    ("invoices", "void"): _void,
    ("subscription_schedules", "release"): lambda w, r: billing.release(
        w, w.get(r, "subscription_schedule")
    ),
}  # fmt: skip


def answer(world, method, path, given):
    """What a call comes to: (its name, how to run it). Raises Refusal for one not documented."""
    words = path.split("/")
    size = 2 if words[0] == "checkout" else 1
    name, rest = "/".join(words[:size]), words[size:]
    if not rest and method == "POST" and name in MAKE:
        return name, lambda: MAKE[name](world, given)
    if not rest and method == "GET" and name in LIST:
        return name, lambda: LIST[name](world, given)
    if len(rest) == 1 and method == "GET" and name in NAMES:
        return f"{name}/:id", lambda: world.get(rest[0], NAMES[name])
    if len(rest) == 1 and method == "POST" and name in CHANGE:
        return f"{name}/:id", lambda: CHANGE[name](world, rest[0], given)
    if len(rest) == 1 and (method, name) == ("DELETE", "subscriptions"):
        return f"{name}/:id", lambda: _cancel(world, rest[0])
    if len(rest) == 2 and method == "POST" and (name, rest[1]) in ACT:
        return f"{name}/:id/{rest[1]}", lambda: ACT[name, rest[1]](world, rest[0])
    raise Refusal(f"Unrecognized request URL ({method}: /v1/{path}).", status=404)
