"""Ledger journals: numbered without gaps, balanced, sealed, each with its cause."""

from collections.abc import Iterator

from broadsheet.ledger import sealing
from broadsheet.ledger.checks.problem import KEY, TAMPERED, Problem
from broadsheet.ledger.models import Journal
from broadsheet.ledger.rules import Line, is_balanced
from broadsheet.press_log.models import Counter

CAUSES = {
    "payment": "payment",
    "refund": "refund",
    "dispute": "dispute",
    "fee": "fee",
    "gift": "gift_release",
}
"""Kinds of journals that belong to one row, by the name of it."""
SUMS = frozenset({"release", "carried"})
"""Kinds that belong to many: `checks.earning` counts them again."""


def problems() -> Iterator[Problem]:
    """Every journal in turn, then those without a cause."""
    expected, before = 1, ""
    for journal in Journal.objects.prefetch_related("postings").iterator(chunk_size=500):
        if journal.number != expected:
            yield Problem(f"Journal {expected} is missing.", TAMPERED)
            expected = journal.number
        yield from _journal(journal, before)
        expected, before = expected + 1, journal.seal
    last = Counter.objects.filter(name="journal").values_list("value", flat=True).first() or 0
    if expected <= last:
        yield Problem(f"Journals {expected} to {last} are missing.", TAMPERED)
    yield from _without_cause()


def _journal(journal: Journal, before: str) -> Iterator[Problem]:
    postings = list(journal.postings.all())
    lines = tuple(Line(posting.account, posting.amount) for posting in postings)
    currencies = {posting.currency for posting in postings}
    name = f"Journal {journal.number} ({journal.kind} {journal.ref})"
    if len(currencies) != 1:
        yield Problem(f"{name} has postings in {len(currencies)} currencies.", TAMPERED)
    if not is_balanced(lines):
        off = sum(line.amount for line in lines)
        yield Problem(f"{name} does not balance: it is off by {off}.", TAMPERED)
    seal = sealing.seal_of(journal, lines, next(iter(currencies), ""), before)
    if seal != journal.seal:
        words = (
            "was changed after it was written, or BROADSHEET_SECRET_KEY is another one than then"
        )
        yield Problem(f"{name} {words}.", KEY)


def _without_cause() -> Iterator[Problem]:
    found = Journal.objects.exclude(kind__in=SUMS)
    for kind, row in CAUSES.items():
        found = found.exclude(**{"kind": kind, f"{row}__isnull": False})
    for journal in found:
        text = f"Journal {journal.number} ({journal.kind} {journal.ref}) belongs to nothing."
        yield Problem(text, TAMPERED)
