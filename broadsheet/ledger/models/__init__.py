"""The books: journals, invoices, payments, refunds, what is earned; and a gateway's events."""

from broadsheet.ledger.models.audits import Audit, Comparison, Difference
from broadsheet.ledger.models.books import (
    Delivery,
    Event,
    FailedCharge,
    Invoice,
    Journal,
    Lasting,
    LastingQuerySet,
    Payment,
    Posting,
    Refund,
    RefundOrder,
)
from broadsheet.ledger.models.disputes import Dispute, Fee
from broadsheet.ledger.models.earning import ClosedDay, Credit, Deferral
from broadsheet.ledger.models.gifts import GiftHold, GiftRelease
from broadsheet.ledger.models.parties import Billing, Seller

__all__ = [
    "Audit",
    "Billing",
    "ClosedDay",
    "Comparison",
    "Credit",
    "Deferral",
    "Delivery",
    "Difference",
    "Dispute",
    "Event",
    "FailedCharge",
    "Fee",
    "GiftHold",
    "GiftRelease",
    "Invoice",
    "Journal",
    "Lasting",
    "LastingQuerySet",
    "Payment",
    "Posting",
    "Refund",
    "RefundOrder",
    "Seller",
]
