"""Razorpay as the paper knows it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from broadsheet.ledger.providers.base import (
    Change,
    GatewayRefused,
    Hosted,
    Listing,
    Order,
    Standing,
    Told,
)
from broadsheet.ledger.providers.razorpay import listing
from broadsheet.ledger.providers.razorpay.calling import Api, conversation
from broadsheet.ledger.providers.razorpay.making import close, made
from broadsheet.ledger.providers.razorpay.money import refunds
from broadsheet.ledger.providers.razorpay.orders import CAN, OPEN_FOR, check_order, notes_of
from broadsheet.ledger.providers.razorpay.reading import LINK, segment, standing_of
from broadsheet.ledger.providers.razorpay.signing import verify

REFUND_KEY = "broadsheet_refund"
REPEATABLE = re.compile(r"[A-Za-z0-9_-]{10,}")
"""What Razorpay takes as the key of a refund."""

OVER = frozenset({"cancelled", "completed", "expired"})


class Razorpay:
    """Threads may share one; nothing is connected before the first call.

    Its keys belong to one mode, test or live, and find nothing of the other one.
    """

    name = "razorpay"
    can = CAN
    trial_wait = timedelta(seconds=OPEN_FOR)

    def __init__(self, url: str, key_id: str, key_secret: str, webhook: Sequence[str]) -> None:
        self._url = url.rstrip("/")
        self._keys = (key_id, key_secret)
        self._secrets = tuple(webhook)

    def check_order(self, order: Order) -> None:
        """See `Provider.check_order`."""
        check_order(order)

    def open_checkout(self, order: Order) -> Hosted:
        """See `Provider.open_checkout`. The page of a subscription does not lead the reader back:
        a link's does."""
        check_order(order)
        with self._talk() as api:
            if order.replaces:
                close(api, order.replaces)
            return made(api, order)

    def look_up(self, ref: str) -> Standing:
        """See `Provider.look_up`."""
        with self._talk() as api:
            return standing_of(api, ref)

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Told:
        """See `Provider.verify`; what may be older than 300 seconds is said in `signing`."""
        return verify(self._secrets, headers, body, now)

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """Cancel at Razorpay, at once: the mandate ends and nothing is charged any more.

        The paid period is the paper's to keep open. Razorpay takes no cancellation back, so going
        on is refused once it was told.
        """
        with self._talk() as api:
            if segment(ref).startswith(LINK):
                return _once(renews=renews)
            found = api.subscription.fetch(ref)
            status = found["status"]
            if status == "created" and not found.get("customer_id"):
                raise GatewayRefused("Nothing renews.", "Finish the checkout first.")
            if renews and (status in OVER or status == "paused"):
                raise GatewayRefused(
                    "Razorpay has ended the mandate and cannot take that back.",
                    "Subscribe again when the paid period is over.",
                )
            if not renews and status not in OVER:
                api.subscription.cancel(ref, {"cancel_at_cycle_end": False})

    def refund(self, charge: str, amount: int, *, key: str) -> None:
        """See `Provider.refund`: the key is Razorpay's own for refunds, and noted on it as well,
        because Razorpay does not say for how long it knows a key."""
        if amount <= 0 or not key:
            raise GatewayRefused("A refund needs an amount above zero and a key.", "Give both.")
        header = key if REPEATABLE.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()
        body = {
            "amount": amount,
            "speed": "normal",
            "receipt": key[:40],
            "notes": {REFUND_KEY: key[:256]},
        }
        with self._talk() as api:
            known = refunds(api, segment(charge))
            same = [refund for refund in known if notes_of(refund).get(REFUND_KEY) == key]
            for refund in same:
                _check_same(refund, amount)
            if same:
                return
            api.payment.refund(charge, body, headers={"X-Refund-Idempotency": header})

    def change(self, ref: str, change: Change) -> None:
        """Refused: Razorpay changes no mandate of UPI, and charges no amount of ours at once."""
        raise GatewayRefused(
            f"Razorpay cannot change the terms of {segment(ref)}.",
            "End the subscription and subscribe to the other plan: that is a new mandate.",
        )

    def drop_change(self, ref: str, key: str) -> None:
        """Nothing is ever pending."""
        segment(ref)

    def list_since(self, since: datetime, cursor: str = "") -> Listing:
        """See `Provider.list_since`; what Razorpay does not list by time is said in `listing`."""
        with self._talk() as api:
            return listing.list_since(api, since, cursor)

    def pause(self, ref: str, *, number: int, until: datetime) -> None:
        """Refused: Razorpay pauses at once, and its cycles run on meanwhile."""
        raise GatewayRefused(
            f"Razorpay cannot let {segment(ref)} rest until a date.",
            "Cancel, and subscribe again when you are back.",
        )

    def resume(self, ref: str, *, number: int) -> None:
        """Nothing ever rests."""
        segment(ref)

    def open_card_page(self, ref: str, *, return_url: str, language: str) -> str:
        """Refused: Razorpay has such a page only for a subscription whose charge has failed."""
        raise GatewayRefused(
            f"Razorpay cannot change the card of {segment(ref)}.",
            "When a charge has failed, its page takes another card. Else end the subscription and"
            " subscribe again: that is a new mandate.",
        )

    def close(self) -> None:
        """Nothing is kept open."""

    def _talk(self) -> AbstractContextManager[Api]:
        return conversation(self._url, *self._keys)


def _check_same(refund: Mapping[str, Any], amount: int) -> None:
    """Raise GatewayRefused for a refund that came to nothing, or was about another amount."""
    if refund["amount"] != amount:
        raise GatewayRefused("This key belongs to another refund.", "Use a new key.")
    if refund["status"] == "failed":
        raise GatewayRefused(
            "Razorpay could not give the money back: the bank did not take it.",
            "Give it back another way, and note it in the Dashboard of Razorpay.",
        )


def _once(*, renews: bool) -> None:
    if renews:
        raise GatewayRefused("What is paid once does not renew.", "Subscribe again at its end.")
