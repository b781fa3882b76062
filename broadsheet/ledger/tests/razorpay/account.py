"""An account at Razorpay as its documentation describes one: what it knows, and its own clock.

Sources: razorpay.com/docs/api/payments/subscriptions, …/payments/entity, …/refunds, …/disputes,
…/payment-links, and docs/payments/subscriptions/{states,payment-retries,faqs}.
"""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")
DAY = 86_400
TRIES = 4
"""The charge on the day, and three retries on the days after it; then the subscription halts."""
PERIODS = {"daily": 1, "weekly": 7}
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def cycle_start(first, plan, number):
    """Cycles after the first begin at midnight in India, on the day of the first or the last one
    of a shorter month."""
    local = datetime.fromtimestamp(first, UTC).astimezone(INDIA)
    if number == 0:
        return first
    local = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if plan["period"] in PERIODS:
        moved = local + timedelta(days=PERIODS[plan["period"]] * plan["interval"] * number)
        return int(moved.timestamp())
    month = local.month - 1 + MONTHS[plan["period"]] * plan["interval"] * number
    first_day = local.replace(year=local.year + month // 12, month=month % 12 + 1, day=1)
    days = [first_day + timedelta(days=n) for n in range(local.day)]
    return int(max(day for day in days if day.month == first_day.month).timestamp())


class Account:
    """Objects by their id, the newest last; webhooks in the order in which they happened."""

    def __init__(self, now):
        self.now = int(now)
        self.objects = {kind: {} for kind in KINDS}
        self.events = []
        self.method, self.declines = {}, {}
        self.refunds_wait = False
        self._ids = itertools.count(1)

    def new(self, kind, **facts):
        name = f"{PREFIX[kind]}_{next(self._ids):014d}"
        entity = {"id": name, "entity": kind, "created_at": self.now, **facts}
        self.objects[kind][name] = entity
        return entity

    def get(self, name):
        return next((found[name] for found in self.objects.values() if name in found), None)

    def of(self, kind, **facts):
        everything = self.objects[kind].values()
        return [e for e in everything if all(e.get(k) == v for k, v in facts.items())]

    def tell(self, event, **entities):
        """What a webhook says: a snapshot of the entities when it happened."""
        payload = {name: {"entity": dict(entity)} for name, entity in entities.items()}
        self.events.append({
            "entity": "event", "account_id": "acc_BFQ7uQEaa7j2z7", "event": event,
            "contains": list(payload), "payload": payload, "created_at": self.now,
        })  # fmt: skip

    def payment(self, order, amount, currency, method, **facts):
        card = {"id": "card_1", "entity": "card", "last4": "1111", "network": "Visa"}
        fee = amount * 236 // 10_000
        return self.new(
            "payment", amount=amount, currency=currency, order_id=order,
            **{
                "status": "captured", "captured": True, "method": method,
                "card": card if method == "card" else None,
                "vpa": "gaurav@exampleupi" if method == "upi" else None, "invoice_id": None,
                "amount_refunded": 0, "refund_status": None, "email": "ben@example.org",
                "fee": fee, "tax": fee * 18 // 118, "notes": [], "error_code": None,
                "error_description": None, "error_reason": None, **facts,
            },
        )  # fmt: skip

    def failed(self, order, amount, currency, method, why, **facts):
        problem = {"error_code": "BAD_REQUEST_ERROR", "error_description": why}
        gone = {"status": "failed", "captured": False, "fee": None, "tax": None}
        return self.payment(order, amount, currency, method, **problem | gone | facts)

    def advance(self, until):
        """Let time pass: whatever falls due on the way happens, in its order."""
        until = int(until)
        while due := self._next(until):
            self.now = max(self.now, due[0])
            self._charge(due[1])
        self.now = max(self.now, until)
        for entity in (*self.of("subscription"), *self.of("payment_link")):
            if entity["status"] == "created" and (entity.get("expire_by") or until) < until:
                entity |= {"status": "expired", "expired_at": entity["expire_by"]}

    def _next(self, until):
        waiting = [
            (sub["charge_at"], sub)
            for sub in self.objects["subscription"].values()
            if sub["status"] in ("authenticated", "active", "pending", "halted")
            and sub["charge_at"] is not None
            and sub["charge_at"] <= until
        ]
        return min(waiting, key=lambda pair: (pair[0], pair[1]["id"]), default=None)

    def plan_of(self, sub):
        return self.objects["plan"][sub["plan_id"]]

    def _charge(self, sub):
        """A cycle begins, or a retry is due; halted, cycles go on without a charge."""
        if sub["status"] == "pending":
            return self.attempt(sub, self.unpaid(sub)[-1])
        if sub["remaining_count"] == 0:
            sub |= {"status": "completed", "ended_at": self.now, "charge_at": None}
            return self.tell("subscription.completed", subscription=sub)
        invoice = self.begin_cycle(sub)
        if sub["status"] == "halted":
            return self._schedule(sub)
        return self.attempt(sub, invoice)

    def unpaid(self, sub):
        return self.of("invoice", subscription_id=sub["id"], status="issued")

    def begin_cycle(self, sub):
        plan, number = self.plan_of(sub), sub["total_count"] - sub["remaining_count"]
        sub["start_at"] = sub["start_at"] or self.now
        begins = cycle_start(sub["start_at"], plan, number)
        ends = cycle_start(sub["start_at"], plan, number + 1)
        sub |= {"current_start": begins, "current_end": ends}
        sub["remaining_count"] -= 1
        order = self.new("order", amount=plan["item"]["amount"])
        line = {"type": "plan", "name": plan["item"]["name"], "amount": plan["item"]["amount"]}
        return self.new(
            "invoice", subscription_id=sub["id"], order_id=order["id"], payment_id=None,
            status="issued", amount=plan["item"]["amount"], billing_start=begins,
            billing_end=ends, date=self.now, line_items=[line], notes=[],
        )  # fmt: skip

    def attempt(self, sub, invoice):
        item = self.plan_of(sub)["item"]
        facts = (invoice["order_id"], item["amount"], item["currency"], self.method[sub["id"]])
        why = self.declines.get(sub["id"])
        if why:
            payment = self.failed(*facts, why, invoice_id=invoice["id"])
            return self._after_failure(sub, invoice, payment)
        payment = self.payment(*facts, invoice_id=invoice["id"])
        invoice |= {"status": "paid", "payment_id": payment["id"], "paid_at": self.now}
        sub |= {"status": "active", "auth_attempts": 0}
        sub["paid_count"] += 1
        self._schedule(sub)
        self.tell("payment.captured", payment=payment)
        return self.tell("subscription.charged", subscription=sub, payment=payment)

    def _after_failure(self, sub, invoice, payment):
        sub["auth_attempts"] += 1
        if sub["auth_attempts"] < TRIES:
            sub |= {"status": "pending", "charge_at": self.now + DAY}
        else:
            sub |= {"status": "halted", "auth_attempts": 0}
            self._schedule(sub)
        self.tell("payment.failed", payment=payment)
        self.tell(f"subscription.{sub['status']}", subscription=sub, payment=payment)

    def _schedule(self, sub):
        sub["charge_at"] = sub["current_end"]


PREFIX = {
    "plan": "plan", "subscription": "sub", "invoice": "inv", "order": "order", "payment": "pay",
    "refund": "rfnd", "dispute": "disp", "payment_link": "plink",
}  # fmt: skip
KINDS = tuple(PREFIX)
