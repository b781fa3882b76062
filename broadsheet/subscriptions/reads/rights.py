"""What a reader may open: from grants, nothing else."""

from datetime import datetime

from broadsheet.accounts.models import User
from broadsheet.subscriptions.models import Grant, MeterPolicy


def rights(reader: User, now: datetime) -> tuple[frozenset[str], float]:
    """The entitlements that open doors at `now`, and when the first of them ends.

    The end in Unix seconds, 0 when none ends. A right that several grants give ends with the last.
    """
    ends: dict[str, float] = {}
    grants = Grant.objects.in_force(now).filter(reader=reader)
    for name, until in grants.values_list("entitlement", "valid_until"):
        end = until.timestamp() if until else float("inf")
        ends[name] = max(end, ends.get(name, 0.0))
    first = min(ends.values(), default=float("inf"))
    return frozenset(ends), 0.0 if first == float("inf") else first


def entitlements(reader: User, now: datetime) -> frozenset[str]:
    """The entitlements that open doors for this reader at `now`."""
    return rights(reader, now)[0]


def policy() -> MeterPolicy:
    """The limits in force."""
    return MeterPolicy.current()
