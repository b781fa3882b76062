"""Plans: a change of price or content is a new version, and old subscribers keep theirs."""

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.press_log.models import Subject, announce
from broadsheet.subscriptions.models import Entitlement, Plan, PlanVersion

TERMS = (
    "price", "currency", "unit", "count", "tax_name", "tax_rate", "tax_included", "entitlements",
    "renews", "intro_price", "intro_periods", "trial_days", "seats",
)  # fmt: skip


def set_terms(plan: Plan, terms: PlanVersion) -> PlanVersion:
    """Offer the plan on these terms from now on; the same terms again change nothing.

    Raises ValidationError for a price, currency or interval that cannot be.
    """
    with transaction.atomic():
        locked = Plan.objects.select_for_update().get(pk=plan.pk)
        current = locked.current
        if current is not None and all(_same(current, terms, name) for name in TERMS):
            return current
        terms.plan = locked
        terms.number = current.number + 1 if current else 1
        terms.full_clean()
        terms.save()
        announce(Subject.WALL)
    return terms


def _same(one: PlanVersion, other: PlanVersion, name: str) -> bool:
    return bool(getattr(one, name) == getattr(other, name))


def make_entitlements() -> None:
    """The rights that the paper knows how to give, in its language; what is there stays."""
    for order, (name, title, benefit) in enumerate((
        ("unlimited", _("Unlimited reading"), _("Every report, every day, without counting.")),
        ("premium", _("Premium reports"), _("Never among the free articles.")),
        ("ad_free", _("No advertising"), _("Every page without a single advertisement.")),
    )):  # fmt: skip
        Entitlement.objects.get_or_create(
            name=name, defaults={"title": title, "benefit": benefit, "order": 10 * order}
        )
