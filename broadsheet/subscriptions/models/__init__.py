"""Plans, subscriptions and the grants they write; the meter."""

from broadsheet.subscriptions.models.access import Grant
from broadsheet.subscriptions.models.links import ArticleLink, LinkPolicy
from broadsheet.subscriptions.models.meter import ArticleReads, JournalCursor, MeterPolicy
from broadsheet.subscriptions.models.plans import Entitlement, Plan, PlanVersion, SalesPolicy
from broadsheet.subscriptions.models.subscription import Checkout, PaidPeriod, Subscription

__all__ = [
    "ArticleLink",
    "ArticleReads",
    "Checkout",
    "Entitlement",
    "Grant",
    "JournalCursor",
    "LinkPolicy",
    "MeterPolicy",
    "PaidPeriod",
    "Plan",
    "PlanVersion",
    "SalesPolicy",
    "Subscription",
]
