"""Complimentary access: given by somebody for a reason, moved, taken back; the reader is told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.accounts.outbox import queue
from broadsheet.desk.models import Paper
from broadsheet.desk.reads import letterhead
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.models import Entitlement, Grant
from broadsheet.subscriptions.reads.origin import origin

SECOND_CLICK = timedelta(minutes=1)


def give_access(
    reader: User, rights: Iterable[str], opens: datetime, closes: datetime | None,
    *, by: User, reason: str, decided_by: str = "",
) -> list[Grant]:  # fmt: skip
    """Open these entitlements for a reader for nothing, `opens` to `closes` (half-open, UTC; None:
    without an end, as `decided_by` decided); the reader has one mail about all of them. The same
    once more within a minute is a second click: it gives nothing."""
    now, wanted = clock.now(), list(rights)
    facts = {
        "reader": reader, "valid_until": closes, "reason": reason, "given_by": by,
        "decided_by": decided_by,
    }  # fmt: skip
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        just = Grant.objects.filter(given_at__gt=now - SECOND_CLICK, revoked_at=None, **facts)
        found = just.filter(entitlement__in=wanted).order_by("pk")
        known = [grant for grant in found if _opens_alike(grant, opens, now)]
        if {grant.entitlement for grant in known} == set(wanted):
            return known
        grants = [
            Grant.objects.create(entitlement=right, valid_from=opens, given_at=now, **facts)
            for right in wanted
        ]
        _tell("access_given", grants, moved=False)
    return grants


def _opens_alike(grant: Grant, opens: datetime, now: datetime) -> bool:
    """On the same day, or both at once."""
    at_once = opens <= now and grant.given_at is not None and grant.valid_from <= grant.given_at
    return at_once or grant.valid_from == opens


def move_end(grant: Grant, closes: datetime | None, *, reason: str, decided_by: str) -> Grant:
    """Let complimentary access last until another moment, and why; the reader is told when the end
    is another one. Raises Refusal for access that was revoked."""
    with transaction.atomic():
        locked = _locked(grant)
        if locked.revoked_at is not None:
            raise Refusal(_("This access was revoked."), _("Give it anew."))
        is_other = locked.valid_until != closes
        locked.valid_until, locked.reason, locked.decided_by = closes, reason, decided_by
        locked.save()
        if is_other:
            _tell("access_given", [locked], moved=True)
    return locked


def revoke_access(grant: Grant, *, by: User, reason: str) -> Grant:
    """End complimentary access now; the reader is told that it ended, not why. Once is enough: of
    two clicks the first one counts."""
    with transaction.atomic():
        locked = _locked(grant)
        if locked.revoked_at is not None:
            return locked
        now = clock.now()
        was_open = locked.valid_until is None or locked.valid_until > now
        locked.revoked_at, locked.revoked_by, locked.revoke_reason = now, by, reason
        locked.save()
        if was_open:
            _tell("access_revoked", [locked])
    return locked


def _locked(grant: Grant) -> Grant:
    """The row as it is now, under its reader's lock."""
    User.objects.select_for_update(no_key=True).get(pk=grant.reader_id)
    return Grant.objects.select_related("reader").get(pk=grant.pk)


def _tell(name: str, grants: list[Grant], **facts: object) -> None:
    titles = dict(Entitlement.objects.values_list("name", "title"))
    first = grants[0]
    opened = ", ".join(titles.get(one.entitlement) or one.entitlement for one in grants)
    named = {"rights": opened, "account": f"{origin()}/account/"} | facts
    if name == "access_given":
        zone = ZoneInfo(Paper.load().time_zone)
        closes = first.valid_until
        # A day that is open wholly is told by its own date.
        last = (closes - timedelta(seconds=1)).astimezone(zone) if closes else None
        begins = first.valid_from.astimezone(zone) if first.valid_from > clock.now() else None
        named |= {"starts": begins, "last": last}
    queue(first.reader.email, f"subscriptions/mail/{name}", named, paper=letterhead(origin()))
