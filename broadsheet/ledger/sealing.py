"""Seals of journals, chained, under a key derived from the paper's secret."""

from collections.abc import Iterable
from datetime import UTC

from django.conf import settings

from broadsheet.gate.passes import derived_key
from broadsheet.ledger.models import Journal
from broadsheet.ledger.rules import Line, seal


def seal_of(journal: Journal, lines: Iterable[Line], currency: str, before: str) -> str:
    """The seal a journal with these postings must carry after the seal `before`."""
    at = journal.at.astimezone(UTC).isoformat()
    postings = [(line.account, line.amount, currency) for line in lines]
    key = derived_key(settings.SECRET_KEY.encode(), "ledger")
    return seal(key, before, journal.number, journal.kind, journal.ref, at, postings)


def seal_before(number: int) -> str:
    """The seal of the journal before this number, "" for the first."""
    found = Journal.objects.filter(number=number - 1).values_list("seal", flat=True).first()
    return str(found or "")
