"""Do claims of partner benefits agree with the pools of codes? What does not, with a remedy."""

from collections.abc import Iterator

from django.db.models import F

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import BACKUP
from broadsheet.subscriptions.models import PartnerClaim


def problems() -> Iterator[Problem]:
    """The code of a claim is of the claim's own pool."""
    strange = PartnerClaim.objects.filter(code__isnull=False).exclude(code__benefit=F("benefit"))
    for claim in strange.iterator():
        yield Problem(f"Partner claim {claim.pk} has a code of another benefit.", BACKUP)
