"""What is booked, and what a gateway tells us."""

from broadsheet.ledger.actions.booking import (
    book_failure,
    book_gift,
    book_payment,
    book_refund,
    refund_of,
)
from broadsheet.ledger.actions.carrying import carry_over
from broadsheet.ledger.actions.closing import close_days
from broadsheet.ledger.actions.deferring import first_open
from broadsheet.ledger.actions.disputing import book_dispute, book_fee, undecided
from broadsheet.ledger.actions.holding import release_gift
from broadsheet.ledger.actions.invoicing import Purchase
from broadsheet.ledger.actions.receiving import MOST_BYTES, forget_deliveries, receive
from broadsheet.ledger.actions.refunding import awaited, left_of, order_refund, tell_refunds

__all__ = [
    "MOST_BYTES",
    "Purchase",
    "awaited",
    "book_dispute",
    "book_failure",
    "book_fee",
    "book_gift",
    "book_payment",
    "book_refund",
    "carry_over",
    "close_days",
    "first_open",
    "forget_deliveries",
    "left_of",
    "order_refund",
    "receive",
    "refund_of",
    "release_gift",
    "tell_refunds",
    "undecided",
]
