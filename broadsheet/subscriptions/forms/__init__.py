"""The publisher's forms."""

from broadsheet.subscriptions.forms.coupons import CouponForm
from broadsheet.subscriptions.forms.groups import InviteForm
from broadsheet.subscriptions.forms.partners import CodesForm, PartnerBenefitForm
from broadsheet.subscriptions.forms.plans import PlanForm
from broadsheet.subscriptions.forms.rights import (
    EntitlementForm,
    InstitutionForm,
    RefundForm,
    ShareForm,
)

__all__ = [
    "CodesForm",
    "CouponForm",
    "EntitlementForm",
    "InstitutionForm",
    "InviteForm",
    "PartnerBenefitForm",
    "PlanForm",
    "RefundForm",
    "ShareForm",
]
