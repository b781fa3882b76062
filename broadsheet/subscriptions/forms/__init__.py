"""The publisher's forms."""

from broadsheet.subscriptions.forms.plans import PlanForm
from broadsheet.subscriptions.forms.rights import (
    EntitlementForm,
    InstitutionForm,
    RefundForm,
    ShareForm,
)

__all__ = ["EntitlementForm", "InstitutionForm", "PlanForm", "RefundForm", "ShareForm"]
