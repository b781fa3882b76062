"""Pictures that come with a report: fetched under the feeds' guard, kept with their credit."""

import io
import logging
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from broadsheet.desk.models import Picture
from broadsheet.kit.fetch import FetchError, Limits, fetch
from broadsheet.wire.models import Version
from broadsheet.wire.transports.folder import PictureRefused, open_picture

logger = logging.getLogger(__name__)

LIMITS = Limits(connect=3, read=5, total=8, decoded_bytes=20 * 2**20)
RESTING = 300.0
"""Seconds for which a host that did not give a picture is not asked: reports must not queue up."""
MOST_PIXELS = 60_000_000
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}


def wire_picture(version: Version) -> Picture | None:
    """The first picture of a version that has a credit, fetched once; None when there is none.

    Network work: never call this inside a transaction.
    """
    facts, known = _credited(version), known_picture(version)
    return _take(version, facts) if facts is not None and known is None else known


def known_picture(version: Version) -> Picture | None:
    """What `wire_picture` gives, when it was fetched before: no network, safe in a transaction."""
    facts = _credited(version)
    if facts is None:
        return None
    address = _address(version, facts["url"])
    known = Picture.objects.filter(source_url=address, from_wire=True, credit=facts["credit"])
    found: Picture | None = known.first()
    return found


def _credited(version: Version) -> dict[str, Any] | None:
    """The facts of the first picture with a credit; one without is not published (wire.md, 51)."""
    for facts in version.fields.get("pictures", []):
        credit = facts.get("credit") or version.fields.get("credit")
        if credit:
            return {**facts, "url": str(facts["url"]), "credit": str(credit)[:200]}
    return None


def _address(version: Version, url: str) -> str:
    """What tells a picture from others: a file name alone means another one in each folder."""
    folder = "" if urlsplit(url).scheme or not version.fetch else f"{version.fetch.feed.location}/"
    return (folder + url)[:2000]


def _take(version: Version, facts: dict[str, Any]) -> Picture | None:
    try:
        data = _bytes(version, facts["url"])
        with Image.open(io.BytesIO(data)) as image:
            suffix = FORMATS.get(image.format or "")
            if suffix is None or image.width * image.height > MOST_PIXELS:
                raise UnidentifiedImageError("unknown format or too large")
            image.load()  # A good header before damaged data must not stop the intake later.
    except (FetchError, PictureRefused, OSError, ValueError, Image.DecompressionBombError) as error:
        logger.warning("Picture %s was not taken: %s", facts["url"], error)
        return None
    caption = str(facts.get("caption") or "")
    stem = Path(urlsplit(facts["url"]).path).stem[:60] or "picture"
    return Picture.make(
        data,
        stem + suffix,
        title=caption[:200] or stem,
        description=str(facts.get("alt") or caption)[:255],
        caption=caption[:500],
        credit=facts["credit"],
        terms=str(facts.get("terms") or "")[:500],
        source_url=_address(version, facts["url"]),
        from_wire=True,
    )


def _bytes(version: Version, url: str) -> bytes:
    if urlsplit(url).scheme in ("http", "https"):
        return _over_http(url)
    feed = version.fetch.feed if version.fetch else None
    if feed is None or not feed.is_folder:
        raise ValueError("neither an address nor a file of the feed's folder")
    return open_picture(Path(feed.location), url)


_resting: dict[str, float] = {}


def _over_http(url: str) -> bytes:
    host = urlsplit(url).netloc
    if _resting.get(host, 0) > time.monotonic():
        raise ValueError("its host did not answer a moment ago")
    try:
        fetched = fetch(url, allow_hosts=settings.ENV.allow_hosts, limits=LIMITS)
    except FetchError:
        _resting[host] = time.monotonic() + RESTING
        raise
    if fetched.status != 200:
        raise ValueError(f"answered {fetched.status}")
    return fetched.body
