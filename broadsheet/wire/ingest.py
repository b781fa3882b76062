"""Parsed entries become Items and Versions: find the item, append a version when it changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from broadsheet.kit import clock, html
from broadsheet.press_log.models import Counter
from broadsheet.wire.formats import Entry
from broadsheet.wire.models import Alias, Arrival, Fetch, Item, Source, Version
from broadsheet.wire.rules import (
    CLOCK_SKEW,
    Told,
    colliding_ids,
    is_newer,
    is_older,
    is_other_report,
    is_same_text,
    next_status,
)
from broadsheet.wire.shelf import read_shelf
from broadsheet.wire.statements import (
    Statement,
    age_of,
    bounds_after,
    is_later,
    moved_in_time,
    statement_of,
    told_by,
)

NO_IDENTITY = "An entry without identity, link or headline was left out."
SHARED_IDS = "Several reports carry one id, so their links tell them apart. Tell the agency."


@dataclass(slots=True)
class Taken:
    """What became of the entries of one document, whose keys are `stated`."""

    stated: frozenset[str] = frozenset()

    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    rejected: int = 0
    problems: list[str] = field(default_factory=list)


def take_in(entries: tuple[Entry, ...], fetch: Fetch, source: Source) -> Taken:
    """Store every entry, each in a transaction of its own, oldest first.

    What stands on the shelf already costs no transaction. A withdrawal without an identity is
    rejected loudly and touches nothing (docs/cases.md, 41).
    """
    untrusted = colliding_ids([_stated(entry) for entry in entries if entry.status == "usable"])
    statements = [statement_of(entry, source, untrusted) for entry in entries]
    taken = Taken(stated=frozenset(statement.key for statement in statements))
    if untrusted:
        taken.problems.append(SHARED_IDS)
    shelf = read_shelf(source, fetch, statements)
    for statement in sorted(statements, key=_age):
        if not shelf.holds(statement):
            with transaction.atomic():
                # One process at a time for an agency: items and their names are made only once.
                Source.objects.select_for_update(no_key=True).get(pk=source.pk)
                shelf.touched(_take(statement, fetch, source, taken))
    return taken


def _stated(entry: Entry) -> tuple[str, str, str]:
    return entry.id, entry.version, html.canonical(entry.url) or entry.url or entry.title


def _age(statement: Statement) -> datetime:
    return age_of(statement.entry) or datetime.min.replace(tzinfo=UTC)


def _take(statement: Statement, fetch: Fetch, source: Source, taken: Taken) -> Item | None:
    if not statement.key:
        taken.rejected += 1
        taken.problems.append(NO_IDENTITY)
        return None
    item, reused = _find(source, statement, taken.stated)
    if item is not None and statement.withdraws(_headlines(item)):
        statement = statement.as_withdrawal()
    newest = item.latest if item else None
    version = _known_as(newest, statement, fetch) if newest else None
    if item is None:
        item = Item.objects.create(source=source, key=_free_key(source, statement, reused))
    if version is None:
        version = _append(item, statement, fetch, ["reused-id"] if reused else [])
        _count(version, newest, taken)
    _name(item, source, statement)
    _arrive(version, fetch)
    return item


def _headlines(item: Item) -> Iterator[str]:
    """The headlines an item had, asked for only where one is to be compared."""
    yield from item.versions.values_list("fields__headline", flat=True)


def _arrive(version: Version, fetch: Fetch) -> None:
    """Note the feed that brought a version; of a further feed the desk is told, and of an old
    version that comes again, which is not applied.
    """
    known = Arrival.objects.filter(version=version)
    if known.filter(feed=fetch.feed).exists():
        if version.pk != version.item.latest_id:
            known.filter(feed=fetch.feed).update(again_at=fetch.at)
    else:
        again = Counter.take("arrivals") if known.exists() else None
        Arrival.objects.create(version=version, feed=fetch.feed, fetch=fetch, sequence=again)


def _find(source: Source, statement: Statement, stated: frozenset[str]) -> tuple[Item | None, bool]:
    """The item of this statement, and whether its own key was passed over as another report's."""
    reused = False
    for item, by_id in _candidates(source, statement, stated):
        known = told_by(item.latest) if item.latest else None
        if known is None or _is_report_of(item, known, statement, by_id):
            return item, reused
        reused = reused or item.key == statement.key or by_id
    return None, reused


def _is_report_of(item: Item, known: Told, statement: Statement, by_id: bool) -> bool:
    """Whether a statement tells of an item; a link that items of other ids share is no proof."""
    if not by_id and statement.trusted and item.aliases.filter(value__startswith="id:").exists():
        return is_same_text(known, statement.told)
    return not is_other_report(known, statement.told, by_id=by_id)


def _candidates(
    source: Source, statement: Statement, stated: frozenset[str]
) -> Iterator[tuple[Item, bool]]:
    """Items by key, by another id, by link, in that order; and whether it is an id that tells.

    Reports that stand side by side in one document are different ones, whatever link they share.
    """
    items = Item.objects.select_related("latest").filter(source=source)
    keyed = sorted(
        items.filter(key__in=statement.keys), key=lambda item: statement.keys.index(item.key)
    )
    yield from ((item, statement.is_id(item.key)) for item in keyed)
    aliases = Alias.objects.filter(source=source, value__in=statement.names)
    seen = {item.pk for item in keyed}
    for alias in sorted(aliases.select_related("item__latest"), key=statement.rank):
        beside = alias.item.key in stated and alias.item.key != statement.key
        if alias.item_id not in seen and not beside:
            seen.add(alias.item_id)
            yield alias.item, not alias.value.startswith("link:")


def _free_key(source: Source, statement: Statement, reused: bool) -> str:
    """The key of a new item. One whose id is another report's is known by link or headline."""
    keys = statement.keys[1:] if reused else statement.keys
    taken = set(Item.objects.filter(source=source, key__in=keys).values_list("key", flat=True))
    free = [key for key in keys if key not in taken]
    return free[0] if free else f"made:{statement.digest}"


def _known_as(newest: Version, statement: Statement, fetch: Fetch) -> Version | None:
    """The version that the entry brings again: the newest, or one from before.

    A text from before that does not say it is newer is an old copy (a cache between the agency
    and us), and changes nothing. What was withheld or withdrawn may be released unchanged.
    """
    same = newest.content_hash == statement.digest
    if same and not statement.has_new_facts(newest, _feed_of(newest), fetch.feed_id):
        return None if moved_in_time(newest, statement.entry) else newest
    if fetch.replayed_at is None and _goes_on(newest, statement.entry):
        return None
    known = newest.item.versions.filter(content_hash=statement.digest)
    found: Version | None = (known.filter(facts_hash=statement.facts) if same else known).last()
    if found and fetch.replayed_at is None and not _is_late(newest, statement.entry):
        return None if is_later(found, statement.entry) else found
    return found


def _feed_of(version: Version) -> int | None:
    return version.fetch.feed_id if version.fetch else None


def _is_late(newest: Version, entry: Entry) -> bool:
    return is_older(entry.version, age_of(entry), than=(newest.wire_version, _changed(newest)))


def _goes_on(newest: Version, entry: Entry) -> bool:
    if newest.status != "usable" and entry.status == "usable" and not _is_late(newest, entry):
        return True
    return is_newer(entry.version, age_of(entry), than=(newest.wire_version, _changed(newest)))


def _changed(version: Version) -> datetime | None:
    stated = version.fields.get("updated")
    return datetime.fromisoformat(stated) if stated else version.dated


def _name(item: Item, source: Source, statement: Statement) -> None:
    """A name that another item has already stays with that one."""
    names = [Alias(source=source, value=name, item=item) for name in statement.names]
    Alias.objects.bulk_create(names, ignore_conflicts=True)


def _append(item: Item, statement: Statement, fetch: Fetch, flags: Sequence[str]) -> Version:
    entry, fields, latest = statement.entry, statement.fields, item.latest
    late = latest is not None and _is_late(latest, entry)
    withdrawal = entry.status == "canceled"
    if withdrawal and latest and not entry.body_html:
        fields = latest.fields | {"ednote": entry.ednote, "note": entry.note}
    embargo, expires = bounds_after(latest, entry)
    version = Version.objects.create(
        item=item,
        number=item.versions.count() + 1 if latest else 1,
        sequence=Counter.take("wire"),
        fetch=fetch,
        content_hash=statement.digest,
        facts_hash=statement.facts,
        wire_version=entry.version[:60],
        status=entry.status,
        signal=entry.signal,
        kind=entry.kind,
        flags=[*entry.flags, *flags, *_doubts(entry)],
        applies=withdrawal or not late,
        urgency=entry.urgency,
        embargo_until=embargo,
        expires=expires,
        fields=fields,
        **_date(entry),
    )
    if version.applies:
        item.latest = version
        item.status = next_status(item.status, entry.status)
        item.evolved_from = entry.evolved_from or item.evolved_from
        item.save(update_fields=["latest", "status", "evolved_from"])
    return version


def _doubts(entry: Entry) -> list[str]:
    """A date that the wire stated and nobody could read is not the same as none."""
    unread = entry.date_as_sent and entry.published is None and "clamped-date" not in entry.flags
    return ["unread-date"] if unread else []


def _date(entry: Entry) -> dict[str, Any]:
    """The wire's date, with its zone as stated; none for one ahead of the clock."""
    at = entry.published or entry.updated
    if at is None or at > clock.now() + CLOCK_SKEW:
        return {"dated": None}
    offset = at.utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset else 0
    return {"dated": at, "dated_zone": (at.tzname() or "")[:12], "dated_offset": minutes}


def _count(version: Version, newest: Version | None, taken: Taken) -> None:
    if version.status == "canceled":
        taken.withdrawn += 1
    elif newest is None:
        taken.new += 1
    else:
        taken.updated += 1
