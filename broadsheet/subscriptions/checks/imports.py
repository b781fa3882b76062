"""Does what was brought along agree with its grants? What does not, with a remedy."""

from collections.abc import Iterator

from django.db.models import F, Q

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import chunked
from broadsheet.subscriptions.imports.judging import OPEN, OVER
from broadsheet.subscriptions.models import Grant, ImportedSubscription
from broadsheet.subscriptions.rules import IMPORT

AGAIN = "Import the same file once more: grants are then made equal to it; nothing is doubled."


def problems() -> Iterator[Problem]:
    """Every grant of an import is that of its row, and every open row has its grants."""
    same_end = Q(valid_until=F("imported__paid_until")) | Q(
        valid_until=None, imported__paid_until=None
    )
    caused = Q(imported__state__in=(OPEN, OVER), reader=F("imported__reader")) & same_end
    brought = Grant.objects.filter(source=IMPORT, revoked_at=None)
    # Not `exclude`: what is null must not be missed.
    for grant in brought.exclude(pk__in=brought.filter(caused).values("pk")).iterator():
        text = f"Grant {grant.pk} ({grant.entitlement}) has no import behind it, or another end."
        yield Problem(text, AGAIN)
    rows = ImportedSubscription.objects.filter(state=OPEN).select_related("version")
    for chunk in chunked(rows):
        found = brought.filter(imported__in=chunk).values_list("imported", "entitlement")
        held = set(found)
        for row in chunk:
            for right in sorted(row.version.entitlements if row.version else ()):
                if (row.pk, right) not in held:
                    yield Problem(f"Imported subscription {row.pk} has no grant of {right}.", AGAIN)
