"""Does what was brought along agree with its grants? What does not, with a remedy."""

from collections.abc import Iterator

from broadsheet.kit import clock
from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import chunked, named
from broadsheet.subscriptions.imports.judging import OPEN, OVER
from broadsheet.subscriptions.models import Grant, ImportedSubscription
from broadsheet.subscriptions.rules import IMPORT

AGAIN = "Import the same file once more: grants are then made equal to it; nothing is doubled."


def problems() -> Iterator[Problem]:
    """Every grant of an import is that of its row, and every open row has its grants."""
    brought = Grant.objects.filter(source=IMPORT, revoked_at=None)
    caused = brought.filter(imported__isnull=False).select_related("imported__version")
    for chunk in chunked(caused):
        for grant in chunk:
            if not _is_caused(grant):
                text = f"{named(grant)} has no import behind it, or another end."
                yield Problem(text, AGAIN)
    rows = ImportedSubscription.objects.filter(state=OPEN).select_related("version")
    for chunk in chunked(rows):
        found = brought.filter(imported__in=chunk).values_list("imported", "entitlement")
        held = set(found)
        for row in chunk:
            for right in sorted(row.version.entitlements if row.version else ()):
                if (row.pk, right) not in held:
                    yield Problem(f"Imported subscription {row.pk} has no grant of {right}.", AGAIN)


def _is_caused(grant: Grant) -> bool:
    """Whether its row has access, and opens this to this reader, as long as was paid elsewhere."""
    row = grant.imported
    if row is None or row.version is None or row.state not in (OPEN, OVER):
        return False
    opened = grant.entitlement in row.version.entitlements
    since = row.imported_at <= grant.valid_from <= clock.now()
    span = (grant.reader_id, grant.valid_until) == (row.reader_id, row.paid_until)
    return opened and since and span
