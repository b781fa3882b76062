"""Pictures that the wire sends with a report: noted with their facts, kept side by side.

Every picture of a version is kept. The first that may be shown is the wire's picture of the
article; the others stand beside it in the desk, also when staff chose another one.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from broadsheet.desk.models import Article, Picture, WirePicture
from broadsheet.kit import clock
from broadsheet.wire.models import Status, Version

"""The wire's words about a picture, as far as they follow a later version."""


def wire_picture(version: Version) -> Picture | None:
    """Note the pictures of a version, to be fetched; give the one to show of those we have.

    No network: safe inside a transaction. None when none is there yet, or none may be shown.
    Pictures that the version takes back are withdrawn: `rights.end_rights` carries it out.
    """
    _withdraw_named(version)
    keys = [_note(version, facts) for facts in stated(version)]
    return _first_permitted(version, keys)


def may_be_shown(version: Version) -> bool:
    """A picture under embargo is not even fetched: its file would have an address."""
    embargoed = version.embargo_until is not None and version.embargo_until > clock.now()
    return version.applies and version.status == Status.USABLE and not embargoed


def choose_again(article: Article) -> bool:
    """Give an article the picture of the version it follows that may be shown now. Locks nothing.

    True when that is another one than before; telling the press is the caller's.
    """
    if article.basis is None:
        return False
    keys = [key_of(article.basis, facts) for facts in stated(article.basis)]
    chosen = _first_permitted(article.basis, keys)
    if (chosen.pk if chosen else None) == article.wire_picture_id:
        return False
    article.write(wire_picture=chosen)
    return True


def stated(version: Version) -> list[dict[str, Any]]:
    """The pictures of a version with the credit that belongs to each (wire.md, 51).

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


def _note(version: Version, facts: dict[str, Any]) -> str:
    key = key_of(version, facts)
    row = WirePicture.objects.filter(item=version.item_id, key=key).first()
    if row is None:
        known = WirePicture.objects.filter(key=key, picture__isnull=False).first()
        WirePicture.objects.create(
            item=version.item,
            version=version,
            key=key,
            facts=facts,
            host=urlsplit(facts["url"]).netloc[:255],
            picture=known.picture if known else None,
            next_at=None if known else clock.now(),
        )
    elif row.version_id != version.pk:
        _follow(row, facts)
        row.version, row.facts = version, facts
        row.save(update_fields=["version", "facts"])
    return key


def _withdraw_named(version: Version) -> None:
    """The agency takes pictures back and lets the report stand (AP calls it an elimination)."""
    for url in version.fields.get("withdrawn_pictures", []):
        host, source = urlsplit(url).netloc[:255], version.item.source
        rows = WirePicture.objects.filter(item__source=source, host=host, facts__url=url)
        if not urlsplit(url).scheme:
            rows = rows.filter(item=version.item)
        standing = Picture.objects.filter(sent__in=rows, withdrawn_at=None)
        standing.update(withdrawn_at=clock.now(), withdrawn_by=source.agency)
        rows.filter(picture=None).update(next_at=None, problem="The agency withdrew it.")


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


def _first_permitted(version: Version, keys: Iterable[str]) -> Picture | None:
    wanted = list(keys)
    if not wanted:
        return None
    rows = WirePicture.objects.filter(item=version.item_id, key__in=wanted)
    found = {row.key: row.picture for row in rows.select_related("picture")}
    now = clock.now()
    pictures = (found.get(key) for key in wanted)
    return next((p for p in pictures if p is not None and p.permitted(now)), None)
