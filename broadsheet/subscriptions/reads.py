"""What the gate needs to know of a reader."""

from datetime import datetime

from broadsheet.accounts.models import User
from broadsheet.subscriptions.models import Grant, MeterPolicy


def entitlements(reader: User, now: datetime) -> frozenset[str]:
    """The entitlements that open doors for this reader at `now`: from grants, nothing else."""
    grants = Grant.objects.in_force(now).filter(reader=reader)
    return frozenset(grants.values_list("entitlement", flat=True))


def policy() -> MeterPolicy:
    """The limits in force."""
    return MeterPolicy.load()  # type: ignore[no-any-return]
