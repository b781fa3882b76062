"""What a batch of imported rows writes: accounts, what was brought along, and its grants."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import F, Q

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.subscriptions.actions.following import follow_grants
from broadsheet.subscriptions.actions.locking import lock_readers
from broadsheet.subscriptions.actions.matching import match
from broadsheet.subscriptions.imports import Row
from broadsheet.subscriptions.imports.judging import NEW, OPEN, OVER, SAME, UNDONE
from broadsheet.subscriptions.models import (
    Grant,
    ImportedSubscription,
    PlanVersion,
    SubscriberImport,
)
from broadsheet.subscriptions.reads.importing import BATCH, Judged
from broadsheet.subscriptions.rules import IMPORT, Door

CHANGING = (
    "state", "version", "paid_until", "complimentary", "cancelled", "their_plan", "gateway_ref",
    "reminded_at", "invited_at", "made_by",
)  # fmt: skip


def bring(found: SubscriberImport, judged: Sequence[Judged]) -> None:
    """Write what the verdicts say, in the present transaction and a fixed number of queries."""
    taken = [one for one in judged if one.verdict.wanted and one.verdict.outcome != SAME]
    made = _make_accounts([one.row for one in taken if one.verdict.outcome == NEW])
    rows = [_row(found, one, made) for one in taken]
    brought = zip(taken, rows, strict=True)
    ImportedSubscription.objects.bulk_create(row for one, row in brought if one.held is None)
    held = [one.held for one in taken if one.held is not None]
    if held:
        ImportedSubscription.objects.bulk_update(held, CHANGING)
    sync_imported(rows, new=set(made.values()))


def _make_accounts(rows: Iterable[Row]) -> dict[str, int]:
    """An account for each address: no password, nothing confirmed, no mail."""
    names = {row.email: row.name for row in rows}
    users = [_user(email, name) for email, name in names.items()]
    User.objects.bulk_create(users)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=False) for user in users
    )
    return {user.email: user.pk for user in users}


def _user(email: str, name: str) -> User:
    first, _, last = name.partition(" ")
    return User(email=email, first_name=first, last_name=last, password=make_password(None))


def _row(found: SubscriberImport, judged: Judged, made: dict[str, int]) -> ImportedSubscription:
    row, wanted = judged.row, judged.verdict.wanted
    assert wanted is not None
    ours = judged.held or ImportedSubscription(
        source=found.source, foreign_id=row.foreign or row.email, made_by=found,
        reader_id=judged.reader or made.get(row.email), made_account=row.email in made,
    )  # fmt: skip
    if ours.state == UNDONE:
        ours.made_by = found
    ours.take(wanted)
    return ours


def sync_imported(rows: Sequence[ImportedSubscription], *, new: set[int] | None = None) -> None:
    """Make the grants of what was brought along equal to what it says; void the passes of readers
    whose grants changed, `new` accounts aside: they have none."""
    versions = PlanVersion.objects.in_bulk({row.version_id for row in rows if row.version_id})
    held: dict[int | None, list[Grant]] = defaultdict(list)
    for grant in Grant.objects.filter(imported__in=rows):
        held[grant.imported_id].append(grant)
    touched = match(
        (held[row.pk], _doors(row, versions, held[row.pk]), partial(_grant, row)) for row in rows
    )
    follow_grants(touched - (new or set()))


def _doors(
    row: ImportedSubscription, versions: dict[int, PlanVersion], held: Iterable[Grant]
) -> list[Door]:
    """What it opens; of one that is over, what it has opened: nothing is made for it any more."""
    if row.version_id is None or row.state not in (OPEN, OVER):
        return []
    rights = versions[row.version_id].entitlements
    if row.state == OVER:
        opened = {grant.entitlement for grant in held}
        rights = [right for right in rights if right in opened]
    return [Door(right, IMPORT, 0, clock.now(), row.paid_until) for right in rights]


def _grant(row: ImportedSubscription, door: Door) -> Grant:
    assert row.reader_id is not None
    return Grant(
        reader_id=row.reader_id, imported=row, entitlement=door.entitlement, source=IMPORT,
        valid_from=door.opens, valid_until=door.closes,
    )  # fmt: skip


def take_back_batch(found: SubscriberImport) -> int:
    """End what an import opened for readers who have not signed in since, so many at a time;
    returns how many."""
    rows = _silent(found)
    for row in rows:
        row.state = UNDONE
    ImportedSubscription.objects.bulk_update(rows, ["state"])
    sync_imported(rows)
    return len(rows)


def _silent(found: SubscriberImport) -> list[ImportedSubscription]:
    """The next open ones of readers who have not signed in since, their readers locked."""
    silent = Q(reader__last_login=None) | Q(reader__last_login__lt=F("imported_at"))
    waiting = found.imported.filter(silent, state=OPEN, reader__isnull=False).order_by("pk")
    while numbers := list(waiting.values_list("reader", flat=True)[:BATCH]):
        lock_readers(numbers)
        # Read anew: one may have signed in while we waited.
        if rows := list(waiting.filter(reader__in=numbers)):
            return rows
    return []


def forget_imported(reader: int, address: str) -> None:
    """An account is erased: keep of what it brought along only that it must not come back."""
    for row in ImportedSubscription.objects.filter(reader=reader):
        row.forget(address)
        row.save()
