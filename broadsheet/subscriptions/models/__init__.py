"""Plans, subscriptions and the grants they write; the meter."""

from broadsheet.subscriptions.models.access import Grant
from broadsheet.subscriptions.models.institutions import Institution
from broadsheet.subscriptions.models.meter import ArticleReads, JournalCursor, MeterPolicy
from broadsheet.subscriptions.models.plans import Entitlement, Plan, PlanVersion, SalesPolicy
from broadsheet.subscriptions.models.subscription import Checkout, PaidPeriod, Subscription

__all__ = [
    "ArticleReads",
    "Checkout",
    "Entitlement",
    "Grant",
    "Institution",
    "JournalCursor",
    "MeterPolicy",
    "PaidPeriod",
    "Plan",
    "PlanVersion",
    "SalesPolicy",
    "Subscription",
]
