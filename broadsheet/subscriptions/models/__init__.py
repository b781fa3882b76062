"""Plans, subscriptions and the grants they write; the meter."""

from broadsheet.subscriptions.models.access import COMPLIMENTARY, REVOKED, Grant
from broadsheet.subscriptions.models.cards import CardChange
from broadsheet.subscriptions.models.coupons import Coupon, CouponUse
from broadsheet.subscriptions.models.erasing import Erasure
from broadsheet.subscriptions.models.figures import MonthSum, ReadingDemand, Summing
from broadsheet.subscriptions.models.gifts import GiftSubscription
from broadsheet.subscriptions.models.groups import Seat, SeatInvitation
from broadsheet.subscriptions.models.imports import (
    ImportedSubscription,
    ImportFile,
    ImportProblem,
    SubscriberImport,
)
from broadsheet.subscriptions.models.institutions import Institution
from broadsheet.subscriptions.models.links import ArticleLink, LinkPolicy
from broadsheet.subscriptions.models.mandates import Mandate, PredebitNotice
from broadsheet.subscriptions.models.meter import FreeLimit, MeterPolicy
from broadsheet.subscriptions.models.partners import (
    PartnerBenefit,
    PartnerClaim,
    PartnerCode,
    PartnerWish,
)
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
    "COMPLIMENTARY",
    "KEEP",
    "LOOKED",
    "REVOKED",
    "ArticleLink",
    "CardChange",
    "Checkout",
    "Coupon",
    "CouponUse",
    "DayCount",
    "Entitlement",
    "Erasure",
    "FreeLimit",
    "GateDecision",
    "GiftSubscription",
    "Grant",
    "ImportFile",
    "ImportProblem",
    "ImportedSubscription",
    "Institution",
    "JournalCursor",
    "LinkPolicy",
    "Mandate",
    "MeterPolicy",
    "MonthSum",
    "PaidPeriod",
    "PartnerBenefit",
    "PartnerClaim",
    "PartnerCode",
    "PartnerWish",
    "Pause",
    "Plan",
    "PlanChange",
    "PlanVersion",
    "PredebitNotice",
    "ReadingCount",
    "ReadingDemand",
    "Reminder",
    "SalesPolicy",
    "Seat",
    "SeatInvitation",
    "SubscriberImport",
    "Subscription",
    "Summing",
    "Withdrawal",
]
