"""Pictures that the wire sends with a report: noted with their facts, kept side by side.

Every picture of a version is kept. The first that may be shown is the wire's picture of the
article; the others stand beside it in the desk, also when staff chose another one.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q, QuerySet

from broadsheet.desk.models import Article, Picture, WirePicture
from broadsheet.kit import clock
from broadsheet.wire.models import Item, Status, Version

WITHDRAWN = "The agency withdrew it."
"""What stands beside a picture that is never fetched."""


def wire_picture(version: Version) -> Picture | None:
    """Note the pictures of a version, to be fetched; give the one to show of those we have.

    No network: safe inside a transaction. None when none is there yet, or none may be shown.
    Under an embargo none is fetched before it lifts: nobody could choose it for another report.
    """
    for facts in stated(version):
        _note(version, facts)
    return _first_permitted(version)


def choose_again(article: Article) -> bool:
    """Give an article the picture of the version it follows that may be shown now. Locks nothing.

    True when that is another one than before; telling the press is the caller's.
    """
    if article.basis is None:
        return False
    chosen = _first_permitted(article.basis)
    if (chosen.pk if chosen else None) == article.wire_picture_id:
        return False
    article.write(wire_picture=chosen)
    return True


def stated(version: Version) -> list[dict[str, Any]]:
    """The pictures of a version with the credit that belongs to each (docs/cases.md, 51).

    A credit of the whole item is a picture's only when it is the only one; pictures inside the
    text do not count beside one of the item's own.
    """
    pictures = [facts for facts in version.fields.get("pictures", []) if facts.get("url")]
    meant = [facts for facts in pictures if not facts.get("inside")] or pictures
    whole = str(version.fields.get("credit") or "") if len(meant) == 1 else ""
    return [
        facts
        | {
            "url": str(facts["url"]),
            "credit": str(facts.get("credit") or (whole if facts is meant[0] else ""))[:200],
        }
        for facts in pictures
    ]


def address_of(version: Version, url: str) -> str:
    """What tells a picture from others: a file name alone means another one in each folder."""
    folder = "" if urlsplit(url).scheme or not version.fetch else f"{version.fetch.feed.location}/"
    return (folder + url)[:2000]


def key_of(version: Version, facts: dict[str, Any]) -> str:
    """One picture under one credit: the same file under another credit is another picture."""
    text = f"{address_of(version, facts['url'])}\n{facts['credit']}"
    return hashlib.sha256(text.encode()).hexdigest()


def alike(key: str, facts: dict[str, Any]) -> QuerySet[WirePicture]:
    """Where the same file came under the same words: a caption belongs to its own report."""
    rows = WirePicture.objects.filter(key=key)
    same = [row.pk for row in rows if picture_facts(row.facts) == picture_facts(facts)]
    return rows.filter(pk__in=same)


def _note(version: Version, facts: dict[str, Any]) -> None:
    key, guid = key_of(version, facts), str(facts.get("guid") or "")
    row = WirePicture.objects.filter(item=version.item_id, key=key).first()
    if row is None:
        known = alike(key, facts).filter(picture__isnull=False).first()
        gone = known is None and _is_withdrawn(version, facts)
        WirePicture.objects.create(
            item=version.item,
            version=version,
            key=key,
            guid=guid,
            facts=facts,
            host=urlsplit(facts["url"]).netloc[:255],
            picture=known.picture if known else None,
            next_at=None if known or gone else _released(version),
            problem=WITHDRAWN if gone else "",
        )
    elif row.version_id != version.pk:
        _follow(row, facts)
        row.version, row.facts, row.guid = version, facts, guid
        if row.next_at is not None and row.attempts == 0:
            row.next_at = _released(version)
        row.save(update_fields=["version", "facts", "guid", "next_at"])
    _shorten(version, facts)


def _shorten(version: Version, facts: dict[str, Any]) -> None:
    """The earliest end that an agency ever stated for a file holds wherever the file is shown."""
    ends = _moment(facts.get("expires"))
    if ends is None:
        return
    rows = WirePicture.objects.filter(item__source=version.item.source_id, facts__url=facts["url"])
    longer = Picture.objects.filter(Q(expires=None) | Q(expires__gt=ends), sent__in=rows)
    for picture in longer.distinct():
        picture.expires = ends
        picture.save(update_fields=["expires", "ended"])


def _released(version: Version) -> datetime:
    """From when on a version's pictures may be fetched."""
    now = clock.now()
    return max(version.embargo_until or now, now)


def _is_withdrawn(version: Version, facts: dict[str, Any]) -> bool:
    """Whether the agency took a picture back before, under its id or under another credit."""
    guid = str(facts.get("guid") or "")
    items = Item.objects.filter(source=version.item.source_id, status=Status.CANCELED)
    if guid and items.filter(Q(key=guid) | Q(aliases__value=f"id:{guid}")).exists():
        return True
    rows = WirePicture.objects.filter(item=version.item_id).select_related("picture")
    same = [row for row in rows if facts["url"] == row.facts["url"] or (guid and guid == row.guid)]
    return any(r.picture.withdrawn_at if r.picture else r.problem == WITHDRAWN for r in same)


def named_by(version: Version) -> Iterator[QuerySet[WirePicture]]:
    """The pictures that a version takes back: by address, by id, or an item of its own."""
    rows = WirePicture.objects.filter(item__source=version.item.source)
    for name in version.fields.get("withdrawn_pictures", []):
        if name.startswith("id:"):
            yield rows.filter(guid=name[3:])
        elif urlsplit(name).scheme:
            yield rows.filter(host=urlsplit(name).netloc[:255], facts__url=name)
        else:
            yield rows.filter(item=version.item, facts__url=name)
    if version.status == Status.CANCELED:
        ids = [a.removeprefix("id:") for a in version.item.aliases.values_list("value", flat=True)]
        yield rows.filter(guid__in=[version.item.key, *ids])


def _follow(row: WirePicture, facts: dict[str, Any]) -> None:
    """The wire's new words about a picture, where staff left the old ones as they were."""
    picture = row.picture
    if picture is None:
        return
    old, new = picture_facts(row.facts), picture_facts(facts)
    moved = {n: v for n, v in new.items() if v != old[n] and getattr(picture, n) == old[n]}
    if moved:
        for name, value in moved.items():
            setattr(picture, name, value)
        picture.save(update_fields=[*moved, "ended"])


def picture_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """The wire's words as a picture's columns."""
    caption = str(facts.get("caption") or "")
    return {
        "description": str(facts.get("alt") or caption)[:255],
        "caption": caption[:500],
        "credit": str(facts.get("credit") or "")[:200],
        "terms": str(facts.get("terms") or "")[:500],
        "copyright_notice": str(facts.get("copyright") or "")[:300],
        "expires": _moment(facts.get("expires")),
    }


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def _first_permitted(version: Version) -> Picture | None:
    wanted = [(facts["url"], facts["credit"]) for facts in stated(version)]
    if not wanted:
        return None
    rows = WirePicture.objects.filter(item=version.item_id).select_related("picture")
    found = {(row.facts["url"], row.facts["credit"]): row.picture for row in rows}
    now = clock.now()
    pictures = (found.get(place) for place in wanted)
    return next((p for p in pictures if p is not None and p.permitted(now)), None)
