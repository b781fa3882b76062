"""Razorpay, a real gateway: cards, UPI AutoPay and e-mandates in India."""

from broadsheet.ledger.providers.razorpay.client import Razorpay

__all__ = ["Razorpay"]
