"""Make grants equal to doors: what is missing is written, what differs corrected or revoked."""

from collections.abc import Iterable

from broadsheet.kit import clock
from broadsheet.subscriptions.models import Grant
from broadsheet.subscriptions.rules import GRACE, GROUP_GRACE, Door

Place = tuple[str, str, int]


def place_of(grant: Grant) -> Place:
    """Entitlement, source and period: where a grant stands among those of one cause."""
    return grant.entitlement, grant.source, grant.period or 0


def matched(grants: Iterable[Grant], doors: Iterable[Door]) -> tuple[list[Grant], list[Door]]:
    """The grants of one cause that had to change, changed and not saved, and the doors that have
    no grant yet."""
    missing = {(door.entitlement, door.source, door.period): door for door in doors}
    changed = [g for g in grants if _corrected(g, missing.pop(place_of(g), None))]
    return changed, list(missing.values())


def written(changed: list[Grant], made: list[Grant]) -> None:
    """Save both."""
    Grant.objects.bulk_update(changed, ["revoked_at", "valid_from", "valid_until"])
    Grant.objects.bulk_create(made)


def _corrected(grant: Grant, door: Door | None) -> bool:
    """Change a grant to what its door says, or revoke it; whether anything changed."""
    before = (grant.revoked_at, grant.valid_from, grant.valid_until)
    if door is None:
        grant.revoked_at = grant.revoked_at or clock.now()
    else:
        grant.revoked_at, grant.valid_until = None, door.closes
        if door.source in (GRACE, GROUP_GRACE):
            # What a period opens may have been opened before it began.
            grant.valid_from = door.opens
    return (grant.revoked_at, grant.valid_from, grant.valid_until) != before
