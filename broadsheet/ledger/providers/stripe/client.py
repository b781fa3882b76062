"""Stripe as the paper knows it: a provider over its API."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from broadsheet.kit import clock
from broadsheet.ledger.providers.base import (
    Change,
    GatewayRefused,
    GatewaySilent,
    Hosted,
    Listing,
    Order,
    Standing,
    Told,
)
from broadsheet.ledger.providers.stripe import cards, changes, listing, orders, pausing, webhooks
from broadsheet.ledger.providers.stripe.amounts import from_stripe, to_stripe
from broadsheet.ledger.providers.stripe.calling import Caller, Json, StripeRefused, segment
from broadsheet.ledger.providers.stripe.marks import KEY
from broadsheet.ledger.providers.stripe.objects import Objects, gather, going_on, stops
from broadsheet.ledger.providers.stripe.standings import foreign, standing

SECONDS = 8.0
"""Stripe answers within one as a rule."""


class Stripe:
    """The gateway at `base`. Threads may share one; nothing is connected before the first call."""

    name = "stripe"
    can = orders.CAN
    trial_wait = timedelta()

    def __init__(
        self,
        base: str,
        key: str,
        secrets: tuple[str, ...],
        *,
        seconds: float = SECONDS,
        tries: int = 2,
    ) -> None:
        self._secrets = secrets
        self._live = "_live_" in key[:8]
        self._caller = Caller(base, key, seconds=seconds, tries=tries)

    def check_order(self, order: Order) -> None:
        """See `Provider.check_order`."""
        orders.check_order(order)

    def open_checkout(self, order: Order) -> Hosted:
        """See `Provider.open_checkout`."""
        orders.check_order(order)
        coupon, key = orders.coupon(order), order.key
        params = orders.session(order, f"bs-{key}" if coupon else "")
        if order.replaces:
            self._close(order.replaces)
        ref = self._customer(order)
        if coupon:
            self._caller.post("/v1/coupons", f"{key}-coupon", id=f"bs-{key}", **coupon)
        try:
            made = self._caller.post(
                "/v1/checkout/sessions", f"{key}-session", customer=ref, **params
            )
        except StripeRefused as refusal:
            made = self._session(ref, refusal)
        return Hosted(ref, made["url"] or "")

    def _customer(self, order: Order) -> str:
        """The order's customer. Refused when its key is known for an order on other terms."""
        made = self._caller.post("/v1/customers", order.key, **orders.customer(order))
        # Told apart from what the key stands for: an address may change between two tries.
        self._caller.post(f"/v1/customers/{made['id']}", uuid4().hex, email=order.email)
        return str(made["id"])

    def _session(self, ref: str, refusal: StripeRefused) -> Json:
        """The session made before, when only its wording has changed since."""
        known = self._caller.every("/v1/checkout/sessions", customer=ref)
        sold = [session for session in known if session["mode"] != "setup"]
        if refusal.code != "idempotency_error" or not sold:
            raise refusal
        return sold[0]

    def _close(self, ref: str) -> None:
        """Close an open checkout. Raises GatewayRefused when it has been paid."""
        for session in self._caller.every("/v1/checkout/sessions", customer=segment(ref)):
            if session["status"] == "open":
                session = self._expired(session["id"])
            if session["status"] == "complete":
                raise GatewayRefused("The checkout to be replaced has been paid.", "Look it up.")

    def _expired(self, ref: str) -> Json:
        path = f"/v1/checkout/sessions/{segment(ref)}"
        try:
            return self._caller.post(f"{path}/expire", f"{ref}-expire")
        except StripeRefused:
            return self._caller.get(path)

    def look_up(self, ref: str) -> Standing:
        """See `Provider.look_up`. `ref` may also be that of a charge, as some webhooks have it."""
        try:
            return self._standing(gather(self._caller, ref))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise GatewaySilent(f"Stripe's answer cannot be read: {error!r}.") from error

    def _standing(self, found: Objects) -> Standing:
        if cards.put_in_force(self._caller, found):
            found = gather(self._caller, found.customer)
        terms, sub, now = found.terms, found.subscription, clock.now()
        if terms is None:
            return foreign(found.customer)
        turn = changes.waiting(self._caller, sub) if sub else None
        if sub and turn and turn.at_once and turn.expires_at <= now:
            # Stripe would keep the offer open for a day: it is over when we said it would be.
            self._let_go(sub)
            found, turn = gather(self._caller, found.customer), None
        return standing(found, terms, changes.pending(found, turn), now)

    def _let_go(self, sub: Json) -> None:
        try:
            changes.let_go(self._caller, sub)
        except StripeRefused:
            # Paid this moment: then it is in force, and there is nothing to let go of.
            return

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Told:
        """See `Provider.verify`."""
        return webhooks.verify(self._secrets, headers, body, now, live=self._live)

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """See `Provider.set_renewal`. Stopped while overdue, it ends at once."""
        found = gather(self._caller, ref)
        sub = found.subscription
        if sub is None or sub["status"] in ("canceled", "incomplete", "incomplete_expired"):
            if renews or (sub is None and found.session and found.session["status"] == "open"):
                raise GatewayRefused("Nothing renews.", "Make a new checkout.")
            return
        if renews != stops(sub):
            return
        self._let_go(sub)
        path = f"/v1/subscriptions/{segment(sub['id'])}"
        if not renews and sub["status"] in ("past_due", "unpaid"):
            self._end(found, path)
            return
        # Told again, it sees that it is so: each turn is a call of its own.
        wish = going_on(sub) if renews else {"cancel_at_period_end": True}
        self._caller.post(path, uuid4().hex, **wish)

    def _end(self, found: Objects, path: str) -> None:
        """Nothing more is charged, and what is outstanding can no longer be paid."""
        self._caller.delete(path)
        for invoice in found.periods():
            if invoice["status"] == "open":
                self._caller.post(f"/v1/invoices/{invoice['id']}/void", f"{invoice['id']}-void")

    def refund(self, charge: str, amount: int, *, key: str) -> None:
        """See `Provider.refund`."""
        if amount <= 0 or not key:
            raise GatewayRefused("A refund needs an amount above zero and a key.", "Give both.")
        known = self._caller.every("/v1/refunds", charge=segment(charge))
        same = [refund for refund in known if refund["metadata"].get(KEY) == key]
        for refund in same:
            _check_same(refund, amount)
        if same:
            return
        currency = self._caller.get(f"/v1/charges/{segment(charge)}")["currency"].upper()
        self._caller.post(
            "/v1/refunds",
            key,
            charge=charge,
            amount=to_stripe(amount, currency),
            metadata={KEY: key},
        )

    def change(self, ref: str, change: Change) -> None:
        """See `Provider.change`."""
        found = gather(self._caller, ref)
        if found.terms is None:
            raise GatewayRefused("This is no subscription of ours.", "Look it up.")
        changes.change(self._caller, found, found.terms, change, clock.now())

    def drop_change(self, ref: str, key: str) -> None:
        """See `Provider.drop_change`."""
        found = gather(self._caller, ref)
        if found.subscription is not None:
            changes.drop(self._caller, found.subscription, key)

    def list_since(self, since: datetime, cursor: str = "") -> Listing:
        """See `Provider.list_since`; Stripe tells of the last 30 days."""
        try:
            return listing.list_since(self._caller, since, cursor)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise GatewaySilent(f"Stripe's answer cannot be read: {error!r}.") from error

    def pause(self, ref: str, *, number: int, until: datetime) -> None:
        """See `Provider.pause`."""
        found = gather(self._caller, ref)
        if found.subscription is not None:
            self._let_go(found.subscription)
        pausing.pause(self._caller, found, number, until)

    def resume(self, ref: str, *, number: int) -> None:
        """See `Provider.resume`."""
        pausing.resume(self._caller, gather(self._caller, ref), number, clock.now())

    def open_card_page(self, ref: str, *, return_url: str, language: str) -> str:
        """See `Provider.open_card_page`."""
        return cards.open_page(self._caller, gather(self._caller, ref), return_url, language)

    def close(self) -> None:
        """Let go of the connections."""
        self._caller.close()


def _check_same(refund: Json, amount: int) -> None:
    """Raise GatewayRefused for a refund that came to nothing, or was about another amount."""
    if from_stripe(refund["amount"], refund["currency"].upper()) != amount:
        raise GatewayRefused("This key belongs to another refund.", "Use a new key.")
    if refund["status"] in ("failed", "canceled"):
        raise GatewayRefused(
            "Stripe could not give the money back: it came back from the bank.",
            "Give it back another way, and note it in the Dashboard of Stripe.",
        )
