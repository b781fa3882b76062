"""The publisher's forms, and those of a gift."""

from broadsheet.subscriptions.forms.access import AccessForm, EndForm, RevokeForm
from broadsheet.subscriptions.forms.coupons import CouponForm
from broadsheet.subscriptions.forms.gifts import GiftForm, RecipientForm
from broadsheet.subscriptions.forms.groups import InviteForm
from broadsheet.subscriptions.forms.imports import ImportForm
from broadsheet.subscriptions.forms.partners import CodesForm, PartnerBenefitForm
from broadsheet.subscriptions.forms.plans import PlanForm
from broadsheet.subscriptions.forms.rights import (
    EntitlementForm,
    InstitutionForm,
    RefundForm,
    ShareForm,
)

__all__ = [
    "AccessForm",
    "CodesForm",
    "CouponForm",
    "EndForm",
    "EntitlementForm",
    "GiftForm",
    "ImportForm",
    "InstitutionForm",
    "InviteForm",
    "PartnerBenefitForm",
    "PlanForm",
    "RecipientForm",
    "RefundForm",
    "RevokeForm",
    "ShareForm",
]
