"""Pictures that come with a report: fetched under the feeds' guard, kept with their credit."""

import io
import logging
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

LIMITS = Limits(decoded_bytes=20 * 2**20)
MOST_PIXELS = 60_000_000
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}


def wire_picture(version: Version) -> Picture | None:
    """The first picture of a version that has a credit, fetched once; None when there is none.

    A picture without a credit is not published (wire.md, case 51). Network work: never call this
    inside a transaction.
    """
    for facts in version.fields.get("pictures", []):
        credit = facts.get("credit") or version.fields.get("credit")
        if not credit:
            continue
        known = Picture.objects.filter(source_url=facts["url"], from_wire=True, credit=credit)
        return known.first() or _take(version, facts, str(credit))
    return None


def _take(version: Version, facts: dict[str, Any], credit: str) -> Picture | None:
    try:
        data = _bytes(version, str(facts["url"]))
        with Image.open(io.BytesIO(data)) as image:
            suffix = FORMATS.get(image.format or "")
            if suffix is None or image.width * image.height > MOST_PIXELS:
                raise UnidentifiedImageError("unknown format or too large")
    except (FetchError, PictureRefused, OSError, ValueError, Image.DecompressionBombError) as error:
        logger.warning("Picture %s was not taken: %s", facts["url"], error)
        return None
    caption = str(facts.get("caption") or "")
    stem = Path(urlsplit(str(facts["url"])).path).stem[:60] or "picture"
    return Picture.make(
        data,
        stem + suffix,
        title=caption[:200] or stem,
        description=str(facts.get("alt") or caption)[:255],
        caption=caption[:500],
        credit=credit[:200],
        terms=str(facts.get("terms") or "")[:500],
        source_url=str(facts["url"])[:2000],
        from_wire=True,
    )


def _bytes(version: Version, url: str) -> bytes:
    if urlsplit(url).scheme in ("http", "https"):
        fetched = fetch(url, allow_hosts=settings.ENV.allow_hosts, limits=LIMITS)
        if fetched.status != 200:
            raise ValueError(f"answered {fetched.status}")
        return fetched.body
    feed = version.fetch.feed if version.fetch else None
    if feed is None or not feed.is_folder:
        raise ValueError("neither an address nor a file of the feed's folder")
    return open_picture(Path(feed.location), url)
