"""Make grants equal to doors: what is missing is written, what differs corrected or revoked."""

from collections.abc import Callable, Iterable
from itertools import chain

from broadsheet.kit import clock
from broadsheet.subscriptions.models import Grant
from broadsheet.subscriptions.rules import GRACE, GROUP_GRACE, Door

Place = tuple[str, str, int]
Cause = tuple[Iterable[Grant], Iterable[Door], Callable[[Door], Grant]]
"""The grants of one cause, the doors that it opens, and how to make a grant of a door."""


def place_of(grant: Grant) -> Place:
    """Entitlement, source and period: where a grant stands among those of one cause."""
    return grant.entitlement, grant.source, grant.period or 0


def match(causes: Iterable[Cause]) -> set[int]:
    """Make the grants of each cause equal to its doors, with two queries for all that is written;
    returns the readers for whom anything changed."""
    changed: list[Grant] = []
    made: list[Grant] = []
    for grants, doors, make in causes:
        missing = {(door.entitlement, door.source, door.period): door for door in doors}
        changed += [g for g in grants if _corrected(g, missing.pop(place_of(g), None))]
        made += map(make, missing.values())
    Grant.objects.bulk_update(changed, ["revoked_at", "valid_from", "valid_until"])
    Grant.objects.bulk_create(made)
    return {grant.reader_id for grant in chain(changed, made)}


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
