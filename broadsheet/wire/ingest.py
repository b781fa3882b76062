"""Parsed entries become Items and Versions: find the item, append a version when it changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from broadsheet.kit import clock, html
from broadsheet.press_log.models import Counter
from broadsheet.wire.formats import Entry
from broadsheet.wire.formats.text import LONGEST_STANDFIRST, line
from broadsheet.wire.models import Alias, Fetch, Item, Source, Version
from broadsheet.wire.rules import (
    CLOCK_SKEW,
    headline_without_code,
    is_older,
    next_status,
    standfirst_apart,
)


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

    A withdrawal without an identity is rejected loudly and touches nothing (wire.md, case 41).
    """
    taken = Taken(stated=frozenset(_key(entry) for entry in entries))
    for entry in sorted(entries, key=_age):
        with transaction.atomic():
            _take(entry, fetch, source, taken)
    return taken


def _age(entry: Entry) -> datetime:
    return entry.updated or entry.published or datetime.min.replace(tzinfo=UTC)


def _take(entry: Entry, fetch: Fetch, source: Source, taken: Taken) -> None:
    key = _key(entry)
    if not key:
        taken.rejected += 1
        taken.problems.append("An entry without identity, link or headline was left out.")
        return
    item = _find(source, key, entry, taken.stated)
    fields = _fields(entry)
    digest = _digest(entry, fields)
    newest = item.latest if item else None
    if newest is not None and _is_known(newest, digest, entry, fetch):
        _name(item, source, entry)
        return
    if item is None:
        item = Item.objects.create(source=source, key=key)
    version = _append(item, entry, fields, digest, fetch)
    _name(item, source, entry)
    _count(version, newest, taken)


def _key(entry: Entry) -> str:
    """The agency's id, else its link, else headline and date (wire.md, case 14)."""
    if entry.id or (entry.status == "canceled" and not entry.url):
        return entry.id[:500]
    if entry.url:
        return entry.url[:500]
    if not entry.title:
        return ""
    return "made:" + html.content_hash({"headline": entry.title, "at": str(entry.published)})


def _find(source: Source, key: str, entry: Entry, stated: frozenset[str]) -> Item | None:
    """The item of this key; else the one that shares a name, unless the document states both:
    reports that stand side by side under one link are different ones (wire.md, case 16).
    """
    items = Item.objects.select_related("latest").select_for_update(of=("self",))
    item = items.filter(source=source, key=key).first()
    if item is None:
        names = [name[:1000] for name in (f"id:{key}", *entry.aliases)]
        aliases = Alias.objects.filter(source=source, value__in=names)
        alias = aliases.exclude(item__key__in=stated - {key}).first()
        item = items.get(pk=alias.item_id) if alias else None
    return item


def _is_known(newest: Version, digest: str, entry: Entry, fetch: Fetch) -> bool:
    """Whether the entry brings nothing: the same again, or what came before, late or replayed."""
    if newest.content_hash == digest:
        return not _moved_in_time(newest, entry)
    if fetch.replayed_at is None and not _is_late(newest, entry):
        return False
    return newest.item.versions.filter(content_hash=digest).exists()


def _moved_in_time(newest: Version, entry: Entry) -> bool:
    """Whether embargo or expiry changed. What is not stated changes nothing, since another
    transport may not carry it; only a later version of the wire's own numbering takes it back.
    """
    for stated, known in (
        (entry.embargo, newest.embargo_until),
        (entry.expires, newest.expires),
    ):
        if stated != known and (stated is not None or _is_later(newest, entry)):
            return True
    return False


def _is_later(newest: Version, entry: Entry) -> bool:
    numbers = newest.wire_version, entry.version
    return all(n.isdigit() for n in numbers) and int(entry.version) > int(newest.wire_version)


def _is_late(newest: Version, entry: Entry) -> bool:
    known = (
        datetime.fromisoformat(newest.fields["updated"]) if newest.fields.get("updated") else None
    )
    at = entry.updated or entry.published
    return is_older(entry.version, at, than=(newest.wire_version, known or newest.dated))


def _name(item: Item | None, source: Source, entry: Entry) -> None:
    if item is None:
        return
    names = {f"id:{entry.id}"} if entry.id else set()
    for name in names | set(entry.aliases):
        Alias.objects.get_or_create(source=source, value=name[:1000], defaults={"item": item})


def _fields(entry: Entry) -> dict[str, Any]:
    blocks = html.paragraphs(entry.body_html)
    first = html.plain(blocks[0]) if blocks else ""
    return {
        "headline": headline_without_code(entry.title),
        "headline_as_sent": entry.title,
        "standfirst": standfirst_apart(line(entry.summary_html, LONGEST_STANDFIRST), first),
        "body": entry.body_html,
        "byline": ", ".join(entry.authors),
        "dateline": entry.dateline,
        "link": entry.url,
        "agency": entry.agency,
        "credit": entry.credit,
        "usage_terms": entry.usage_terms,
        "ednote": entry.ednote,
        "note": entry.note,
        "updated": entry.updated.isoformat() if entry.updated else "",
        "language": entry.language,
        "categories": list(entry.categories),
        "pictures": [_picture(picture) for picture in entry.pictures],
        "withdrawn_pictures": list(entry.withdrawn_pictures),
    }


def _picture(picture: Any) -> dict[str, Any]:
    names = ("url", "credit", "caption", "alt", "terms", "mime", "width", "height", "copyright")
    ends = picture.expires.isoformat() if picture.expires else ""
    return {name: getattr(picture, name) for name in names} | {"expires": ends}


def _digest(entry: Entry, fields: Mapping[str, Any]) -> str:
    """A hash over what readers would see, so that attribute order or spaces make no version."""
    seen = {
        name: fields[name] for name in ("headline", "standfirst", "body", "dateline", "pictures")
    }
    return html.content_hash(seen | {"status": entry.status, "signal": entry.signal})


def _append(item: Item, entry: Entry, fields: dict[str, Any], digest: str, fetch: Fetch) -> Version:
    late = item.latest is not None and _is_late(item.latest, entry)
    withdrawal = entry.status == "canceled"
    if withdrawal and item.latest and not entry.body_html:
        fields = item.latest.fields | {"ednote": entry.ednote, "note": entry.note}
    dated = _dated(entry)
    version = Version.objects.create(
        item=item,
        number=(item.versions.count() + 1),
        sequence=Counter.take("wire"),
        fetch=fetch,
        content_hash=digest,
        wire_version=entry.version[:60],
        status=entry.status,
        signal=entry.signal,
        kind=entry.kind,
        flags=list(entry.flags),
        applies=withdrawal or not late,
        urgency=entry.urgency,
        dated=dated,
        dated_zone=_zone_name(dated)[:12],
        dated_offset=_offset(dated),
        embargo_until=entry.embargo,
        expires=entry.expires,
        fields=fields,
    )
    if version.applies:
        item.latest = version
        item.status = next_status(item.status, entry.status)
        item.save(update_fields=["latest", "status"])
    return version


def _dated(entry: Entry) -> datetime | None:
    at = entry.published or entry.updated
    return None if at is None or at > clock.now() + CLOCK_SKEW else at


def _zone_name(at: datetime | None) -> str:
    return (at.tzname() or "") if at else ""


def _offset(at: datetime | None) -> int:
    offset = at.utcoffset() if at else None
    return round(offset.total_seconds() / 60) if offset else 0


def _count(version: Version, newest: Version | None, taken: Taken) -> None:
    if version.status == "canceled":
        taken.withdrawn += 1
    elif newest is None:
        taken.new += 1
    else:
        taken.updated += 1
