"""What the gate decided: by reader, by code, by article."""

from django.conf import settings

from broadsheet.accounts.models import User
from broadsheet.subscriptions.codes import code_of
from broadsheet.subscriptions.models import GateDecision


def codes_of(reader: User) -> set[str]:
    """The account's code, and those of the reader ids whose reads it took over."""
    own = code_of(f"u{reader.pk}", settings.SECRET_KEY.encode())
    merges = GateDecision.objects.filter(code=own, outcome=GateDecision.Outcome.MERGE)
    return {own, *merges.values_list("taken_over", flat=True)}
