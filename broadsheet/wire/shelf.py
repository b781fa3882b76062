"""What a source's items hold before a document is read, so that what is known costs nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from broadsheet.wire.models import Alias, Arrival, Fetch, Item, Source
from broadsheet.wire.statements import Known, Statement, moved_in_time

_Value = TypeVar("_Value")
_KNOWN = [f"latest__{name}" for name in (*Known._fields[:-1], "fetch__feed")]
MOST_VALUES = 900
"""Values in one query: below what the oldest SQLite takes."""


@dataclass(slots=True)
class Shelf:
    """Newest versions by their item's key, known names, and what this feed brought before."""

    feed: int
    newest: dict[str, Known] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    arrived: set[int] = field(default_factory=set)

    def holds(self, statement: Statement) -> bool:
        """Whether a statement brings nothing at all: no word, no name, no new way it came."""
        newest = self.newest.get(statement.key)
        return (
            newest is not None
            and newest.content_hash == statement.digest
            and newest.pk in self.arrived
            and self.names.issuperset(statement.names)
            and not moved_in_time(newest, statement.entry)
            and not statement.has_new_facts(newest, newest.feed, self.feed)
        )

    def touched(self, item: Item | None) -> None:
        """An item changed since: what the shelf says of it counts no more."""
        if item is not None:
            self.newest.pop(item.key, None)


def read_shelf(source: Source, fetch: Fetch, statements: Sequence[Statement]) -> Shelf:
    """The shelf for one document, in three queries for each 900 values."""
    shelf = Shelf(fetch.feed_id)
    for keys in _batches(statement.key for statement in statements):
        items = Item.objects.filter(source=source, key__in=keys, latest__isnull=False)
        rows = items.values_list("key", *_KNOWN)
        shelf.newest |= {key: Known(*newest) for key, *newest in rows}
    for names in _batches(name for statement in statements for name in statement.names):
        known = Alias.objects.filter(source=source, value__in=names)
        shelf.names |= set(known.values_list("value", flat=True))
    for versions in _batches(known.pk for known in shelf.newest.values()):
        arrivals = Arrival.objects.filter(feed=fetch.feed_id, version__in=versions)
        shelf.arrived |= set(arrivals.values_list("version", flat=True))
    return shelf


def _batches(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    left = iter(dict.fromkeys(values))
    while batch := list(islice(left, MOST_VALUES)):
        yield batch
