"""A kind of rows that the paper holds about a reader: one file of the export."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Field, Model, QuerySet
from django.utils.functional import Promise

from broadsheet.accounts.models import User

Row = dict[str, Any]

BATCH = 500


def unchanged(rows: list[Row]) -> None:
    """Most rows say enough by themselves."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The rows of `model` that are about one reader, and what is told of them.

    `columns` are paths such as "version__plan__name", told under their name with single
    underscores. Every other column of the model stands in `left_out` with the reason; the contract
    test asks. `sums` are the keys of those in minor units of what the
    row holds at `currency`. `amend` adds to a batch of
    rows, or takes away, what a query cannot.
    """

    name: str
    title: Promise
    model: type[Model]
    of: Callable[[User], QuerySet[Any]]
    columns: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    sums: tuple[str, ...] = ()
    currency: str = "currency"
    amend: Callable[[list[Row]], None] = unchanged

    def rows(self, reader: User) -> Iterator[Row]:
        """Every row about the reader; asked for in batches, however many there are."""
        found = self.of(reader).values(*self.columns).iterator(BATCH)
        while batch := [self._told(row) for row in islice(found, BATCH)]:
            self.amend(batch)
            yield from batch

    def _told(self, row: Row) -> Row:
        return {_key(path): row[path] for path in self.columns}

    def headings(self) -> dict[str, str]:
        """What each column is called on a page."""
        return {_key(path): _heading(self.model, path) for path in self.columns}


def _key(path: str) -> str:
    return path.replace("__", "_")


def _heading(model: type[Model], path: str) -> str:
    """The model's own words; of a path, those of its last column."""
    first, _, rest = path.partition("__")
    column = model._meta.get_field(first)
    if rest and column.related_model:
        return _heading(column.related_model, rest)
    assert isinstance(column, Field)
    words = str(column.verbose_name)
    return words[:1].upper() + words[1:]
