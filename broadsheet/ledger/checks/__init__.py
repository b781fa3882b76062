"""Do the books agree with themselves? What does not, in sentences, each with its remedy."""

from collections.abc import Iterator

from broadsheet.ledger.checks import chain, earning, gifts, papers
from broadsheet.ledger.checks.problem import Problem

__all__ = ["Problem", "problems"]


def problems() -> Iterator[Problem]:
    """Everything that is wrong with journals, invoices, payments, refunds, earnings, gifts."""
    yield from chain.problems()
    yield from papers.problems()
    yield from earning.problems()
    yield from gifts.problems()
