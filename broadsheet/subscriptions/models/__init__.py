"""Plans, subscriptions and the grants they write; the meter."""

from broadsheet.subscriptions.models.access import Grant
from broadsheet.subscriptions.models.institutions import Institution
from broadsheet.subscriptions.models.meter import FreeLimit, MeterPolicy
from broadsheet.subscriptions.models.plans import Entitlement, Plan, PlanVersion, SalesPolicy
from broadsheet.subscriptions.models.reading import (
    LOOKED,
    DayCount,
    GateDecision,
    JournalCursor,
    ReadingCount,
)
from broadsheet.subscriptions.models.subscription import Checkout, PaidPeriod, Subscription

__all__ = [
    "LOOKED",
    "Checkout",
    "DayCount",
    "Entitlement",
    "FreeLimit",
    "GateDecision",
    "Grant",
    "Institution",
    "JournalCursor",
    "MeterPolicy",
    "PaidPeriod",
    "Plan",
    "PlanVersion",
    "ReadingCount",
    "SalesPolicy",
    "Subscription",
]
