"""The publisher's forms."""

from broadsheet.subscriptions.forms.coupons import CouponForm
from broadsheet.subscriptions.forms.imports import ImportForm
from broadsheet.subscriptions.forms.plans import PlanForm
from broadsheet.subscriptions.forms.rights import (
    EntitlementForm,
    InstitutionForm,
    RefundForm,
    ShareForm,
)

__all__ = [
    "CouponForm",
    "EntitlementForm",
    "ImportForm",
    "InstitutionForm",
    "PlanForm",
    "RefundForm",
    "ShareForm",
]
