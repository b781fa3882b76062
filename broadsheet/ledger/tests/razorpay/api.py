"""Razorpay's API over an account: the calls, the parameters each takes, the errors it gives."""

import re

PAGING = {"count", "skip", "from", "to"}
TAKES = {
    "POST /v1/plans": {"period", "interval", "item", "notes"},
    "GET /v1/plans": PAGING,
    "GET /v1/plans/ID": set(),
    "POST /v1/subscriptions": {
        "plan_id", "total_count", "quantity", "start_at", "expire_by", "customer_notify", "addons",
        "offer_id", "notes", "notify_info",
    },
    "GET /v1/subscriptions": PAGING | {"plan_id"},
    "GET /v1/subscriptions/ID": set(),
    "POST /v1/subscriptions/ID/cancel": {"cancel_at_cycle_end"},
    "GET /v1/invoices": PAGING | {"subscription_id", "payment_id", "type", "receipt"},
    "GET /v1/invoices/ID": set(),
    "GET /v1/orders/ID/payments": {"expand[]"},
    "GET /v1/payments": PAGING | {"expand[]"},
    "GET /v1/payments/ID": {"expand[]"},
    "GET /v1/payments/ID/refunds": PAGING,
    "POST /v1/payments/ID/refund": {"amount", "speed", "notes", "receipt"},
    "GET /v1/refunds": PAGING,
    "GET /v1/disputes": PAGING,
    "POST /v1/payment_links": {
        "amount", "currency", "accept_partial", "first_min_partial_amount", "description",
        "customer", "notify", "reminder_enable", "notes", "expire_by", "callback_url",
        "callback_method", "reference_id", "upi_link", "options",
    },
    "GET /v1/payment_links": {"payment_id", "reference_id", "count", "skip"},
    "GET /v1/payment_links/ID": set(),
    "POST /v1/payment_links/ID/cancel": set(),
}  # fmt: skip

LISTS = {"plans": "plan", "subscriptions": "subscription", "invoices": "invoice",
         "disputes": "dispute", "payments": "payment", "refunds": "refund",
         "payment_links": "payment_link"}  # fmt: skip


class Bad(Exception):
    """An error as Razorpay words it."""

    def __init__(self, description, status=400, code="BAD_REQUEST_ERROR"):
        super().__init__(description)
        self.status = status
        self.error = {
            "code": code, "description": description, "source": "business",
            "step": "payment_initiation", "reason": "input_validation_failed", "metadata": {},
        }  # fmt: skip


def answer(account, method, path, values, headers):
    """What Razorpay says to one call. Raises Bad."""
    shape = re.sub(r"/[a-z]+_[A-Za-z0-9]*[0-9][A-Za-z0-9]*", "/ID", path)
    takes = TAKES.get(f"{method} {shape}")
    if takes is None:
        raise Bad("The requested URL was not found on the server.", 404)
    if unknown := sorted(set(values) - takes):
        raise Bad(f"{', '.join(unknown)} is/are not required and should not be sent")
    parts = path.split("/")[2:]
    found = account.get(parts[1]) if len(parts) > 1 else None
    if len(parts) > 1 and found is None:
        raise Bad("The id provided does not exist")
    if method == "GET":
        return found if len(parts) == 2 else _list(account, parts, values)
    act = {
        "plans": _plan, "subscriptions": _subscription, "payment_links": _link, "cancel": _cancel,
        "refund": _refund,
    }[parts[-1]]  # fmt: skip
    return act(account, values, found, headers)


def _list(account, parts, values):
    if parts[0] == "orders":
        return _collection(account.of("payment", order_id=parts[1]))
    if len(parts) > 1:
        return _page(account.of("refund", payment_id=parts[1]), values)
    kind, query = LISTS[parts[0]], dict(values)
    since, until = int(query.pop("from", 0)), int(query.pop("to", account.now))
    paging = {name: query.pop(name) for name in ("count", "skip") if name in query}
    paid = query.pop("payment_id", None)
    rows = [e for e in account.of(kind, **query) if since <= e["created_at"] <= until]
    if kind == "payment_link":
        mine = [e for e in rows if not paid or paid in _paid_by(e)]
        return {"payment_links": _page(mine, paging)["items"]}
    return _page(rows, paging)


def _paid_by(link):
    return [row["payment_id"] for row in link["payments"] or []]


def _page(rows, values):
    count, skip = int(values.get("count", 10)), int(values.get("skip", 0))
    if not 1 <= count <= 100:
        raise Bad("The count must be between 1 and 100.")
    return _collection(list(reversed(rows))[skip : skip + count])


def _collection(rows):
    return {"entity": "collection", "count": len(rows), "items": rows}


def _need(values, *names):
    for name in names:
        if name not in values:
            raise Bad(f"The {name.replace('_', ' ')} field is required.")


def _notes(values):
    notes = values.get("notes") or []
    if len(notes) > 15 or any(len(str(notes[name])) > 256 for name in notes):
        raise Bad("Number of fields in notes should be less than or equal to 15")
    return notes


def _plan(account, values, _found, _headers):
    _need(values, "period", "interval", "item")
    if values["period"] not in ("daily", "weekly", "monthly", "quarterly", "yearly"):
        raise Bad("Not a valid period")
    if values["period"] == "daily" and values["interval"] < 7:
        raise Bad("For daily plan period, the plan interval cannot be less than 7")
    item = {"active": True, "type": "plan", "unit": None, **values["item"]}
    return account.new("plan", **values | {"item": item, "notes": _notes(values)})


def _subscription(account, values, _found, _headers):
    _need(values, "plan_id", "total_count")
    plan = account.get(values["plan_id"])
    if plan is None:
        raise Bad("The id provided does not exist")
    years = {"daily": 36_500, "weekly": 5_200, "monthly": 1_200, "quarterly": 400, "yearly": 100}
    if values["total_count"] * plan["interval"] > years[plan["period"]]:
        raise Bad("Exceeds the maximum total count allowed.")
    if values.get("start_at", account.now) < account.now:
        raise Bad("The start_at must be a future time.")
    if values.get("expire_by", account.now + 900) < account.now:
        raise Bad("expire_by should be greater than current time")
    made = account.new(
        "subscription", status="created", plan_id=plan["id"], customer_id=None,
        current_start=None, current_end=None, ended_at=None, charge_at=values.get("start_at"),
        start_at=values.get("start_at"), end_at=None, auth_attempts=0, paid_count=0,
        total_count=values["total_count"], remaining_count=values["total_count"],
        quantity=values.get("quantity", 1), notes=_notes(values), has_scheduled_changes=False,
        customer_notify=values.get("customer_notify", True), source="api",
        change_scheduled_at=None, expire_by=values.get("expire_by"), short_url="",
    )  # fmt: skip
    made["short_url"] = f"https://rzp.io/i/{made['id'][-7:]}"
    return made


def _link(account, values, _found, _headers):
    _need(values, "amount")
    if values.get("reference_id") and account.of(
        "payment_link", reference_id=values["reference_id"]
    ):
        raise Bad("payment link with given reference_id already exists")
    made = account.new(
        "payment_link", status="created", updated_at=account.now, amount_paid=0,
        payments=None, short_url="",
        **values | {"notes": _notes(values)},
    )  # fmt: skip
    made["short_url"] = f"https://rzp.io/i/{made['id'][-7:]}"
    return made


def _cancel(account, _values, found, _headers):
    over = ("cancelled", "completed", "expired", "paid")
    if found["status"] in over:
        kind = "Subscription" if found["entity"] == "subscription" else "Payment Link"
        raise Bad(f"{kind} is not cancellable in {found['status']} status.")
    ended = {"cancelled_at": account.now, "updated_at": account.now}
    if found["entity"] == "subscription":
        ended = {"ended_at": account.now, "charge_at": None}
    found |= {"status": "cancelled", **ended}
    account.tell(f"{found['entity']}.cancelled", **{found["entity"]: found})
    return found


def _refund(account, values, found, headers):
    key = headers.get("X-Refund-Idempotency", "")
    if key and not re.fullmatch(r"[A-Za-z0-9_-]{10,}", key):
        raise Bad("The idempotency key is not valid.")
    known = [
        r for r in account.of("refund", payment_id=found["id"]) if key and r.get("_key") == key
    ]
    if known:
        if known[0]["amount"] != values["amount"]:
            raise Bad("Different request with the same idempotency key has already been processed.")
        return known[0]
    left = found["amount"] - found["amount_refunded"]
    if values["amount"] > left:
        raise Bad("The refund amount provided is greater than amount captured")
    made = account.new(
        "refund", payment_id=found["id"], currency=found["currency"],
        status="pending" if account.refunds_wait else "processed",
        speed_processed="normal", speed_requested=values.get("speed", "normal"), _key=key,
        amount=values["amount"], receipt=values.get("receipt"), notes=_notes(values),
    )  # fmt: skip
    found["amount_refunded"] += made["amount"]
    whole = found["amount_refunded"] == found["amount"]
    found["status"] = "refunded" if whole else "captured"
    account.tell(f"refund.{'created' if account.refunds_wait else 'processed'}", refund=made,
                 payment=found)  # fmt: skip
    return made
