"""Plans, subscriptions and the grants they write; the meter."""

from broadsheet.subscriptions.models.access import Grant
from broadsheet.subscriptions.models.coupons import Coupon, CouponUse
from broadsheet.subscriptions.models.erasing import Erasure
from broadsheet.subscriptions.models.figures import MonthSum, ReadingDemand, Summing
from broadsheet.subscriptions.models.institutions import Institution
from broadsheet.subscriptions.models.links import ArticleLink, LinkPolicy
from broadsheet.subscriptions.models.mandates import Mandate, PredebitNotice
from broadsheet.subscriptions.models.meter import FreeLimit, MeterPolicy
from broadsheet.subscriptions.models.pauses import Pause
from broadsheet.subscriptions.models.periods import PaidPeriod, PlanChange
from broadsheet.subscriptions.models.plans import Entitlement, Plan, PlanVersion, SalesPolicy
from broadsheet.subscriptions.models.reading import (
    KEEP,
    LOOKED,
    DayCount,
    GateDecision,
    JournalCursor,
    ReadingCount,
)
from broadsheet.subscriptions.models.reminders import Reminder
from broadsheet.subscriptions.models.subscription import Checkout, Subscription
from broadsheet.subscriptions.models.withdrawing import Withdrawal

__all__ = [
    "KEEP",
    "LOOKED",
    "ArticleLink",
    "Checkout",
    "Coupon",
    "CouponUse",
    "DayCount",
    "Entitlement",
    "Erasure",
    "FreeLimit",
    "GateDecision",
    "Grant",
    "Institution",
    "JournalCursor",
    "LinkPolicy",
    "Mandate",
    "MeterPolicy",
    "MonthSum",
    "PaidPeriod",
    "Pause",
    "Plan",
    "PlanChange",
    "PlanVersion",
    "PredebitNotice",
    "ReadingCount",
    "ReadingDemand",
    "Reminder",
    "SalesPolicy",
    "Subscription",
    "Summing",
    "Withdrawal",
]
