"""What a batch of imported rows writes: accounts, what was brought along, and its grants."""

from collections.abc import Iterable, Sequence

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import F, Q

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.press_log.models import Subject, announce_all
from broadsheet.subscriptions.actions.giving import follow_rights
from broadsheet.subscriptions.imports import Row
from broadsheet.subscriptions.imports.judging import NEW, OPEN, OVER, SAME, UNDONE
from broadsheet.subscriptions.models import (
    ArticleLink,
    Grant,
    ImportedSubscription,
    PlanVersion,
    SubscriberImport,
)
from broadsheet.subscriptions.reads.importing import BATCH, Judged
from broadsheet.subscriptions.rules import IMPORT

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
    wanted = {
        (row.pk, right): row
        for row in rows
        if row.version_id and row.state in (OPEN, OVER)
        for right in versions[row.version_id].entitlements
    }
    held = Grant.objects.filter(imported__in=rows).select_related("imported")
    changed = [
        g for g in held if _corrected(g, wanted.pop((g.imported_id or 0, g.entitlement), None))
    ]
    Grant.objects.bulk_update(changed, ["revoked_at", "valid_until"])
    missing = [(row, right) for (_, right), row in wanted.items() if row.state == OPEN]
    Grant.objects.bulk_create(_grant(row, right) for row, right in missing)
    touched = {grant.reader_id for grant in changed} | {row.reader_id for row, _ in missing}
    _follow(sorted(number for number in touched - (new or set()) if number))


def _grant(row: ImportedSubscription, right: str) -> Grant:
    assert row.reader_id is not None
    return Grant(
        reader_id=row.reader_id, imported=row, entitlement=right, source=IMPORT,
        valid_from=clock.now(), valid_until=row.paid_until,
    )  # fmt: skip


def _corrected(grant: Grant, row: ImportedSubscription | None) -> bool:
    """Change a grant to what its row says, or revoke it; whether anything changed."""
    before = (grant.revoked_at, grant.valid_until)
    if row is None:
        grant.revoked_at = grant.revoked_at or clock.now()
    else:
        grant.revoked_at, grant.valid_until = None, row.paid_until
    return (grant.revoked_at, grant.valid_until) != before


def _follow(readers: Sequence[int]) -> None:
    """Gifts follow the rights of those who gave any, and old passes are void."""
    given = ArticleLink.objects.gifts().filter(maker__in=readers, expires_at__gt=clock.now())
    for reader in given.values_list("maker", flat=True).distinct():
        follow_rights(reader)
    announce_all(Subject.READER, readers)


def take_back_batch(found: SubscriberImport) -> int:
    """End what an import opened for readers who have not signed in since, so many at a time;
    returns how many."""
    silent = Q(reader__last_login=None) | Q(reader__last_login__lt=F("imported_at"))
    rows = list(found.imported.filter(silent, state=OPEN)[:BATCH])
    for row in rows:
        row.state = UNDONE
    ImportedSubscription.objects.bulk_update(rows, ["state"])
    sync_imported(rows)
    return len(rows)


def forget_imported(reader: int, address: str) -> None:
    """An account is erased: keep of what it brought along only that it must not come back."""
    for row in ImportedSubscription.objects.filter(reader=reader):
        row.forget(address)
        row.save()
