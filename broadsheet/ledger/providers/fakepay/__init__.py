"""Fakepay: a hosted-checkout payment gateway of our own, for the demo and for tests.

It moves no money. It is a process of its own with a database and a clock of its own, so that the
paper meets it as it meets a real gateway: over HTTP, with signed webhooks that may be late, double
or lost. `Direct` is the same engine without the network.
"""

from broadsheet.ledger.providers.fakepay.client import Fakepay

FILE = "fakepay.sqlite3"
"""Name of the demo's gateway file in the home of its paper."""

__all__ = ["FILE", "Fakepay"]
